"""Claims about call/live/call_chat.py: order, delivery, limits."""

import pytest

from call.live import call_chat
from call.live.call_chat import BURST_MESSAGES, MAX_WAITING, MESSAGE_INTERVAL_US, CallChat
from net.errors import ProtocolError
from net.protocol import chat_messages
from net.protocol.chat_messages import Chat, ChatReceived
from net.protocol.control import Control
from ui import sharing
from ui.sharing import SharingProblem


class Bench:
    """A chat whose messages to the other peer are kept."""

    def __init__(self) -> None:
        self.sent: list[Control] = []
        self.now_ms = 1_000
        self.chat = CallChat(self.sent.append, lambda: self.now_ms)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.chat.messages]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_both_sides_limit_messages_alike() -> None:
    assert sharing.MAX_CHAT_CHARACTERS == chat_messages.MAX_CHAT_CHARACTERS


def test_message_waits_until_the_other_peer_understands_chat(bench: Bench) -> None:
    assert bench.chat.write("early") is None
    assert not bench.sent
    bench.chat.offer(is_offered=True)
    assert bench.sent == [Chat(1, "early", 1_000)]


def test_peer_that_says_again_that_it_understands_chat_is_sent_nothing_twice(bench: Bench) -> None:
    bench.chat.offer(is_offered=True)
    bench.chat.write("one")
    bench.sent.clear()
    bench.chat.offer(is_offered=True)
    assert not bench.sent


def test_older_peer_gets_nothing_and_the_user_is_told(bench: Bench) -> None:
    bench.chat.write("early")
    assert bench.chat.offer(is_offered=False) is SharingProblem.NO_CHAT
    assert bench.chat.write("late") is SharingProblem.NO_CHAT
    assert not bench.sent
    assert [message.is_delivered for message in bench.chat.messages] == [False]


def test_only_unacknowledged_messages_are_sent_again(bench: Bench) -> None:
    bench.chat.offer(is_offered=True)
    for text in ("one", "two", "three"):
        bench.chat.write(text)
    assert bench.chat.on_received(ChatReceived(2))
    assert not bench.chat.on_received(ChatReceived(2))
    assert [message.is_delivered for message in bench.chat.messages] == [True, True, False]
    bench.sent.clear()
    bench.chat.send_again()
    assert bench.sent == [Chat(3, "three", 1_000)]


def test_repeated_message_is_acknowledged_and_shown_once(bench: Bench) -> None:
    assert bench.chat.on_chat(Chat(1, "hi", 0), 0)
    assert not bench.chat.on_chat(Chat(1, "hi", 0), 0)
    assert bench.texts == ["hi"]
    assert bench.sent == [ChatReceived(1), ChatReceived(1)]


def test_left_out_message_breaks_the_protocol(bench: Bench) -> None:
    with pytest.raises(ProtocolError):
        bench.chat.on_chat(Chat(2, "hi", 0), 0)


def test_acknowledgement_of_an_unsent_message_breaks_the_protocol(bench: Bench) -> None:
    bench.chat.offer(is_offered=True)
    bench.chat.write("one")
    with pytest.raises(ProtocolError):
        bench.chat.on_received(ChatReceived(2))


def test_flood_breaks_the_protocol_and_a_lasting_conversation_does_not(bench: Bench) -> None:
    for number in range(1, 1_000):
        bench.chat.on_chat(Chat(number, "hi", 0), number * MESSAGE_INTERVAL_US)
    now_us = 1_000 * MESSAGE_INTERVAL_US
    last = 1_000 + BURST_MESSAGES
    for number in range(1_000, last):
        bench.chat.on_chat(Chat(number, "hi", 0), now_us)
    with pytest.raises(ProtocolError):
        bench.chat.on_chat(Chat(last, "hi", 0), now_us)


def test_what_waited_for_the_link_is_no_flood(bench: Bench) -> None:
    assert MAX_WAITING < BURST_MESSAGES
    for number in range(1, MAX_WAITING + 1):
        bench.chat.on_chat(Chat(number, "hi", 0), 0)


@pytest.mark.parametrize("text", ["", " \n\t ", "\u202e\u200d", "\x00"])
def test_text_with_nothing_to_see_is_neither_sent_nor_shown(bench: Bench, text: str) -> None:
    bench.chat.offer(is_offered=True)
    assert bench.chat.write(text) is None
    assert not bench.sent
    assert not bench.chat.on_chat(Chat(1, text, 0), 0)
    assert not bench.chat.messages


def test_too_long_a_text_is_refused_whole(bench: Bench) -> None:
    bench.chat.offer(is_offered=True)
    assert bench.chat.write("a" * 4_001) is SharingProblem.CHAT_TOO_LONG
    assert bench.chat.write("a" * 4_000) is None
    assert len(bench.sent) == 1


def test_messages_beyond_those_that_may_wait_are_refused(bench: Bench) -> None:
    bench.chat.offer(is_offered=True)
    for _ in range(MAX_WAITING):
        assert bench.chat.write("hi") is None
    assert bench.chat.write("hi") is SharingProblem.CHAT_WAITING
    bench.chat.on_received(ChatReceived(1))
    assert bench.chat.write("hi") is None


def test_delivery_is_marked_at_the_right_message_after_the_oldest_were_dropped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_chat, "MAX_MESSAGES", 3)
    small = Bench()
    small.chat.offer(is_offered=True)
    for text in ("a", "b", "c", "d"):
        small.chat.write(text)
    small.chat.on_received(ChatReceived(2))
    assert [(m.text, m.is_delivered) for m in small.chat.messages] == [
        ("b", True),
        ("c", False),
        ("d", False),
    ]
