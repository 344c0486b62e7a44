"""Claims about report/chat_summary.py: subjects are found, and the messages about them."""

from report.chat_summary import MAX_MESSAGES, MAX_PHRASES, summarize
from tests.support.saved_chats import message

TEXTS = (
    "Hi Bee, can you hear me now?",
    "Yes, loud and clear",
    "The venue for the spring conference wants 4,000 euros before Friday",
    "Then we look at the old town hall, Maria knows the owner",
    "I like the town hall, and it costs 900 euros",
    "The town hall has no projector, we would have to rent one",
    "A projector costs 150 euros a day",
    "Please ask Maria about the town hall on Friday",
    "I will, bye!",
    "bye",
)


def test_summary_has_the_subjects_and_the_messages_about_them_in_order() -> None:
    messages = [message(text) for text in TEXTS]
    summary = summarize(messages, "en", ["Ann", "Bee"])
    assert {"town hall", "Maria", "projector", "euros"} <= set(summary.phrases)
    assert "bye" not in summary.phrases
    assert len(summary.phrases) <= MAX_PHRASES
    places = [messages.index(one) for one in summary.messages]
    assert places == sorted(places)
    assert 1 <= len(places) <= MAX_MESSAGES
    assert any("town hall" in one.text for one in summary.messages)
    assert not {0, 1, 8, 9} & set(places)


def test_names_of_the_writers_are_no_subjects() -> None:
    messages = [message(f"Bee, look at the station, number {n}") for n in range(10)]
    assert "Bee" not in summarize(messages, "en", ["Bee"]).phrases


def test_other_languages_have_a_summary_too() -> None:
    texts = ("Der Beamer im Rathaus ist neu", "Das Rathaus ist schön", "Wer bestellt den Beamer?")
    summary = summarize([message(text) for text in texts], "de", [])
    assert {"Beamer", "Rathaus"} <= set(summary.phrases)


def test_messages_without_a_common_subject_have_no_summary() -> None:
    for texts in (("a", "b"), ("👍", "👍"), ("...", "")):
        summary = summarize([message(text) for text in texts], "", [])
        assert (summary.phrases, summary.messages) == ((), ())
