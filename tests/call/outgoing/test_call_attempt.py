"""call/outgoing/call_attempt.py: one attempt, whose callee the test plays."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from call.inbox import Established, Event, Inbox, Reached
from call.local_peer import LocalPeer
from call.outgoing.call_attempt import CallAttempt
from call.outgoing.callee_verifier import CalleeVerifier
from call.outgoing.resolver import Candidate
from core.clock import now_us
from core.wake_up import WakeUp
from net.link.address import HostPort
from net.protocol.control import (
    PROTOCOL_VERSION,
    Accept,
    Bye,
    Hello,
    Proof,
    Ringing,
    encode_control,
)
from net.protocol.framing import MessageType, encode_message
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.deadline import DEADLINE_S
from tests.support.raw_peer import CAN_DECODE, RawPeer


def attempt_to(
    port: int, folder: Path, inbox: Inbox, wake_up: WakeUp, on_ring: Callable[[], None]
) -> CallAttempt:
    """Return an attempt of Ann to call a port of this computer."""
    return CallAttempt(
        Candidate(HostPort("127.0.0.1", port)),
        CalleeVerifier(
            LocalPeer(load_or_make_identity(folder / "ann"), "Ann", [], []),
            KnownPeers(folder / KNOWN_PEERS_FILE),
        ),
        lambda name, body: None,
        inbox,
        now_us,
        wake_up,
        on_ring=on_ring,
        silence_timeout_us=int(DEADLINE_S * 1e6),
    )


class Attempt:
    """An attempt in a thread, and the callee's end of its link."""

    def __init__(self, folder: Path) -> None:
        self.inbox = Inbox()
        self.wake_up = WakeUp()
        self.rings = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.attempt = attempt_to(port, folder, self.inbox, self.wake_up, self._count_ring)
        self.attempt.connect()
        self._thread = Thread(target=self.attempt.run)
        self._thread.start()
        self._listener.settimeout(DEADLINE_S)
        sock, _ = self._listener.accept()
        self.callee = RawPeer(sock, folder / "bob", is_caller=False)

    def _count_ring(self) -> None:
        self.rings += 1

    def ring_and_accept_at_once(self) -> None:
        """Send the ring and the accept in one write."""
        self.callee.await_control(Hello)
        self.callee.send(Hello(PROTOCOL_VERSION, "Bob", bytes(32), CAN_DECODE))
        self.callee.await_control(Proof)
        self.callee.write(
            b"".join(
                encode_message(MessageType.CONTROL, encode_control(control))
                for control in (Ringing(), Accept())
            )
        )

    def join(self) -> None:
        """Wait until the attempt is over."""
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def events(self) -> list[Event]:
        """Return the events posted, and release their links."""
        posted = self.inbox.close()
        for event in posted:
            if isinstance(event, Established):
                event.link.release()
        return posted

    def close(self) -> None:
        """Close both ends."""
        self.callee.socket.close()
        self._listener.close()
        self.join()
        self.wake_up.close()


@pytest.fixture(name="attempt")
def _attempt(tmp_path: Path) -> Iterator[Attempt]:
    attempt = Attempt(tmp_path)
    yield attempt
    attempt.close()


def test_closed_attempt_ends_its_connection_without_a_word(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        contextlib.closing(WakeUp()) as wake_up,
    ):
        port = listener.getsockname()[1]
        attempt = attempt_to(port, tmp_path, Inbox(), wake_up, lambda: None)
        attempt.connect()
        attempt.close()
        listener.settimeout(DEADLINE_S)
        with listener.accept()[0] as callee:
            callee.settimeout(DEADLINE_S)
            assert callee.recv(1) == b""


def test_ring_and_an_accept_in_one_read_are_both_posted(attempt: Attempt) -> None:
    attempt.ring_and_accept_at_once()
    attempt.join()
    assert [type(event) for event in attempt.events()] == [Reached, Established]
    assert attempt.rings == 1


def test_accept_after_the_inbox_has_closed_gets_a_bye(attempt: Attempt) -> None:
    attempt.inbox.close()
    attempt.ring_and_accept_at_once()
    attempt.callee.await_control(Bye)
    attempt.callee.await_end()


def _cancel_before_accept(attempt: Attempt) -> None:
    attempt.callee.take_ring("Bob")
    assert isinstance(attempt.inbox.take(DEADLINE_S), Reached)
    attempt.attempt.cancel()
    attempt.callee.send(Accept())
    attempt.wake_up.wake()


def _cancel_after_accept(attempt: Attempt) -> None:
    attempt.callee.take_ring("Bob")
    assert isinstance(attempt.inbox.take(DEADLINE_S), Reached)
    attempt.inbox.close()
    attempt.callee.send(Accept())
    attempt.attempt.cancel()
    attempt.wake_up.wake()


@pytest.mark.parametrize("order", [_cancel_before_accept, _cancel_after_accept])
def test_cancelled_attempt_sends_a_bye_before_or_after_an_accept(
    attempt: Attempt, order: Callable[[Attempt], None]
) -> None:
    order(attempt)
    attempt.callee.await_control(Bye)
    attempt.callee.socket.close()
    attempt.join()
    assert not any(isinstance(event, Established) for event in attempt.events())
