"""Claims about report/chat_sample.py: analyses look at no more than they can bear."""

from report.chat_sample import MAX_CHARACTERS, MAX_MESSAGE_CHARACTERS, MAX_MESSAGES, take_sample
from tests.support.saved_chats import message


def test_usual_chat_is_looked_at_whole() -> None:
    messages = [message(str(n)) for n in range(500)]
    sample = take_sample(messages)
    assert (list(sample.messages), sample.step) == (messages, 1)


def test_long_chat_is_thinned_evenly() -> None:
    sample = take_sample([message(str(n)) for n in range(3 * MAX_MESSAGES)])
    assert [one.text for one in sample.messages[:3]] == ["0", "3", "6"]
    assert sample.step == 3


def test_long_messages_are_shortened_and_count_for_many() -> None:
    sample = take_sample([message("x" * 1_000_000)] * 1_000)
    lengths = [len(one.text) for one in sample.messages]
    assert max(lengths) == MAX_MESSAGE_CHARACTERS
    assert sum(lengths) <= MAX_CHARACTERS


def test_chat_without_messages_is_its_own_sample() -> None:
    assert take_sample(()).messages == ()
