"""Chat between two real programs, and with a peer that the test plays."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from net.protocol.chat_messages import Chat, ChatReceived, Features
from net.protocol.control import PictureState
from net.protocol.framing import MessageType
from tests.support.forgetful_relay import ForgetfulRelay
from tests.support.peer_process import Peer, StartPeer
from tests.support.raw_peer import RawPeer
from tests.support.shared_listener import RawBody, SharedListener

BeginCall = Callable[..., tuple[Peer, Peer]]
NAMES = (("--name=Bob",), ("--name=Ann",))


def test_lines_reach_the_other_terminal_both_ways(call: BeginCall) -> None:
    listener, caller = call(*NAMES)
    caller.type_line("Hello Bob 👩\u200d🚀")
    listener.wait_event("chat", is_own=False, text="Hello Bob 👩\u200d🚀")
    listener.wait_said("Ann: Hello Bob")
    caller.wait_event("chat_delivered", undelivered=0)
    listener.type_line("/say m")
    caller.wait_event("chat", is_own=False, text="m")
    caller.type_line("q")
    assert caller.ends() == 0


def test_commands_are_not_sent_and_a_quiet_program_explains_them(call: BeginCall) -> None:
    _, caller = call(NAMES[0], (*NAMES[1], "-q"))
    caller.type_line("/help")
    caller.wait_said("/send FILE")
    caller.type_line("/hangupp")
    caller.wait_said("Did you mean /hangup?")
    caller.type_line("x")
    caller.wait_said("x is no key")
    caller.type_line("a" * 20_000)
    caller.wait_said("Send it in parts")
    assert not caller.find_events("chat")
    caller.type_line("/hangup")
    assert caller.ends() == 0


def test_chat_is_saved_and_never_over_another_file(call: BeginCall, tmp_path: Path) -> None:
    listener, caller = call(*NAMES)
    saved = tmp_path / "our chat.jsonl"
    caller.type_line(f"/save {saved}")
    caller.wait_said("nobody has written anything")
    caller.type_line("Hello")
    caller.wait_event("chat_delivered", undelivered=0)
    listener.type_line("Hi")
    caller.wait_event("chat", is_own=False)
    caller.type_line(f"/save {saved}")
    caller.wait_said("The chat is saved")
    heading, *lines = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    assert (heading["chat"], heading["you"], heading["peer"]) == (1, "Ann", "Bob")
    assert [(line["from"], line["text"]) for line in lines] == [("Ann", "Hello"), ("Bob", "Hi")]
    caller.type_line(f"/save {saved}")
    caller.wait_said("exists already")


def test_message_written_while_the_link_is_lost_arrives_once(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--name=Bob")
    with contextlib.closing(ForgetfulRelay(listener.port)) as relay:
        caller = start("connect", f"127.0.0.1:{relay.port}", "--name=Ann")
        for peer in (caller, listener):
            peer.wait_event("first_picture")
        caller.type_line("before")
        listener.wait_event("chat", text="before")
        caller.wait_event("chat_delivered", undelivered=0)
        relay.forget()
        caller.type_line("meanwhile")
        caller.wait_event("link_lost")
        caller.wait_event("resumed")
        listener.wait_event("chat", text="meanwhile")
        caller.wait_event("chat_delivered", undelivered=0, times=2)
        texts = [event["text"] for event in listener.find_events("chat")]
        assert texts == ["before", "meanwhile"]


def test_peer_without_chat_is_explained(shared_listener: SharedListener) -> None:
    with shared_listener.call("Old") as raw:
        raw.send(PictureState("none"))
        shared_listener.peer.wait_event("remote_state", picture="none")
        shared_listener.peer.type_line("Hello")
        shared_listener.peer.wait_said("Old's program is older and has no chat")
        raw.hang_up()
    assert not any(message.type == MessageType.FILE for message in raw.messages)
    shared_listener.check_unharmed()


def test_text_of_a_peer_cannot_harm_the_terminal(shared_listener: SharedListener) -> None:
    with shared_listener.call() as raw:
        raw.send(Features(["chat", "later"]))
        raw.send(Chat(1, "\x1b[2Jevil\u202etxt.exe\x07", 0))
        raw.await_control(ChatReceived, lambda received: received.number == 1)
        raw.send(Chat(1, "again", 0))
        raw.await_control(ChatReceived, lambda received: received.number == 1)
        raw.hang_up()
    shared_listener.peer.wait_event("chat", text="[2Jeviltxt.exe")
    assert not shared_listener.peer.find_events("chat", text="again")
    assert "\x1b[2J" not in shared_listener.peer.said
    shared_listener.check_unharmed()


def _flood(raw: RawPeer) -> None:
    for number in range(1, 2_000):
        raw.send(Chat(number, "spam", 0))


BREACHES: dict[str, RawBody] = {
    "a gap": lambda raw: raw.send(Chat(2, "second", 0)),
    "an acknowledgement of nothing": lambda raw: raw.send(ChatReceived(1)),
    "a flood": _flood,
}


@pytest.mark.parametrize("body", BREACHES.values(), ids=BREACHES)
def test_chat_that_breaks_the_protocol_ends_the_call(
    body: RawBody, shared_listener: SharedListener
) -> None:
    count = len(shared_listener.peer.find_events("ended", reason="protocol_error"))
    # OSError: the call ended while it still sent.
    with shared_listener.call() as raw, contextlib.suppress(OSError):
        body(raw)
        raw.await_end()
    shared_listener.peer.wait_event("ended", reason="protocol_error", times=count + 1)
    shared_listener.check_unharmed()
