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
from net.protocol.control import Accept, Bye, Reject
from net.protocol.goodput_messages import (
    MAX_FILLER_BYTES,
    Filler,
    FillerEnd,
    GoodputReady,
    GoodputReport,
)
from net.protocol.reasons import Reason
from net.trust.call_code import parse_code
from net.trust.identity import load_or_make_identity
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.deadline import DEADLINE_S
from tests.support.raw_peer import RawPeer, dial


class Listening:
    """A listener that runs in a thread, on any free port of 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        identity = load_or_make_identity(folder)
        self.known = KnownPeers(folder / KNOWN_PEERS_FILE)
        sockets = open_listening_sockets("127.0.0.1", 0)
        self.port: int = sockets[0].getsockname()[1]
        self.inbox = Inbox()
        self.listener = Listener(
            sockets,
            LocalPeer(identity, "Bob", [], []),
            AdmissionPolicy(
                parse_code("7-rabbit-lamp"),
                self.known,
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


@pytest.fixture(name="measurer")
def _measurer(listening: Listening, tmp_path: Path) -> Iterator[RawPeer]:
    """Yield a known caller whose measurement has begun."""
    eve = load_or_make_identity(tmp_path / "eve")
    listening.known.remember(eve.fingerprint, PeerDetails("Eve"))
    with dial(listening.port, tmp_path / "eve") as measurer:
        assert isinstance(measurer.ask_to_measure(), GoodputReady)
        yield measurer


def test_known_caller_gets_a_report_and_a_second_of_filler(measurer: RawPeer) -> None:
    for _ in range(40):
        measurer.send(Filler(bytes(MAX_FILLER_BYTES)))
    measurer.send(FillerEnd())
    report = measurer.await_control(GoodputReport)
    assert 0 < report.received_bytes < 40 * MAX_FILLER_BYTES
    measurer.await_control(FillerEnd)
    measurer.hang_up()


def test_second_measurement_at_a_time_is_refused(
    listening: Listening, measurer: RawPeer, tmp_path: Path
) -> None:
    with dial(listening.port, tmp_path / "eve") as other:
        answer = other.ask_to_measure()
    assert isinstance(answer, Reject)
    assert answer.reason == Reason.MEASURING


def test_measurement_ends_when_somebody_rings(
    listening: Listening, measurer: RawPeer, caller: RawPeer
) -> None:
    assert listening.await_rung().peer.name == "Ann"
    assert measurer.await_control(Bye).reason == Reason.BUSY
    measurer.await_end()


def test_measurement_beside_a_ring_is_refused(
    listening: Listening, caller: RawPeer, tmp_path: Path
) -> None:
    listening.await_rung()
    with dial(listening.port, tmp_path / "eve") as measurer:
        answer = measurer.ask_to_measure()
    assert isinstance(answer, Reject)
    assert answer.reason == Reason.BUSY


def test_caller_that_stops_reading_delays_no_ring(
    listening: Listening, measurer: RawPeer, tmp_path: Path
) -> None:
    measurer.send(FillerEnd())
    measurer.await_control(GoodputReport)
    with dial(listening.port, tmp_path / "ann") as caller:
        caller.ring("Ann")
        assert listening.await_rung().peer.name == "Ann"
