"""call/incoming/listener.py: rings and calls over loopback, with unhandled events."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from call.inbox import Established, Inbox, Rung
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.listener import Listener
from call.local_peer import LocalPeer
from core.clock import now_us
from net.link.listening_sockets import open_listening_sockets
from net.protocol.control import Accept, Bye
from net.trust.call_code import parse_code
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.deadline import DEADLINE_S
from tests.support.raw_peer import RawPeer, dial


class Listening:
    """A listener that runs in a thread, on any free port of 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        identity = load_or_make_identity(folder)
        sockets = open_listening_sockets("127.0.0.1", 0)
        self.port: int = sockets[0].getsockname()[1]
        self.inbox = Inbox()
        self.listener = Listener(
            sockets,
            LocalPeer(identity, "Bob", [], []),
            AdmissionPolicy(
                parse_code("7-rabbit-lamp"),
                KnownPeers(folder / KNOWN_PEERS_FILE),
                identity.fingerprint,
                is_open=True,
            ),
            self.inbox,
            now_us,
            lambda event: None,
            silence_timeout_us=int(DEADLINE_S * 1e6),
        )
        self._thread = Thread(target=self.listener.run)
        self._thread.start()

    def await_rung(self) -> Rung:
        """Return the ring that comes."""
        event = self.inbox.take(DEADLINE_S)
        assert isinstance(event, Rung)
        return event

    def close(self) -> None:
        """End the listener."""
        self.listener.close()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()


@pytest.fixture(name="listening")
def _listening(tmp_path: Path) -> Iterator[Listening]:
    listening = Listening(tmp_path / "bob")
    yield listening
    listening.close()


@pytest.fixture(name="caller")
def _caller(listening: Listening, tmp_path: Path) -> Iterator[RawPeer]:
    with dial(listening.port, tmp_path / "ann") as caller:
        caller.ring("Ann")
        yield caller


def test_accepted_call_is_established(listening: Listening, caller: RawPeer) -> None:
    listening.listener.accept(listening.await_rung().caller)
    event = listening.inbox.take(DEADLINE_S)
    assert isinstance(event, Established)
    assert event.peer.name == "Ann"
    event.link.release()


def test_accepted_call_without_a_handler_gets_a_bye(listening: Listening, caller: RawPeer) -> None:
    ring = listening.await_rung()
    listening.inbox.close()
    listening.listener.accept(ring.caller)
    caller.await_control(Accept)
    caller.await_control(Bye)
    caller.await_end()


def test_accept_after_the_close_of_the_listener_gets_a_bye(
    listening: Listening, caller: RawPeer
) -> None:
    ring = listening.await_rung()
    listening.inbox.close()
    listening.listener.accept(ring.caller)
    listening.listener.close()
    caller.await_control(Accept)
    caller.await_control(Bye)
    caller.await_end()
