"""`doctor HOST` measures goodput with a known peer, and with nobody else."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bench.hosts import TwoHosts
from net.protocol.control import PROTOCOL_VERSION, Bye, Control, Hello
from net.protocol.goodput import MAX_TOTAL_BYTES
from net.protocol.goodput_messages import (
    MAX_FILLER_BYTES,
    Filler,
    FillerEnd,
    GoodputProof,
    GoodputReady,
    GoodputReport,
)
from net.trust.identity import load_or_make_identity
from tests.support.deadline import DEADLINE_S
from tests.support.doctor_way import NAMES, Findings, examine, marks, remember
from tests.support.peer_process import Peer, StartPeer
from tests.support.raw_peer import RawPeer, dial


class Acquaintances(msgspec.Struct, frozen=True):
    """Ann, who runs the doctor, and Bob, who listens; each has a data folder."""

    folder: Path

    def meet(self, *, knows_bob: bool = True, knows_ann: bool = True, port: int = 0) -> None:
        """Store the key of the one with the other."""
        ann = load_or_make_identity(self.folder / "ann" / "vis-a-vis")
        bob = load_or_make_identity(self.folder / "bob" / "vis-a-vis")
        if knows_bob:
            remember(self.folder / "ann", bob.fingerprint, "Bob", port)
        if knows_ann:
            remember(self.folder / "bob", ann.fingerprint, "Ann", 0)

    @property
    def of_bob(self) -> dict[str, str]:
        return {"XDG_DATA_HOME": str(self.folder / "bob")}

    def examine(self, port: int, *options: str) -> Findings:
        """Run Ann's doctor; nothing may be wrong."""
        return examine(f"127.0.0.1:{port}", self.folder / "ann", status=0, options=options)


@pytest.fixture(name="both")
def _both(tmp_path: Path) -> Acquaintances:
    return Acquaintances(tmp_path)


def check_unmeasured(findings: Findings, why: str) -> None:
    """Check that goodput was not measured, for this reason, and that nothing is amiss."""
    assert marks(findings) == dict.fromkeys(NAMES, "ok")
    goodput = findings["goodput"]
    assert goodput["sentence"].startswith("Not measured: ")
    assert why in goodput["sentence"]
    assert goodput["next_step"]
    assert goodput["figures"] == {}


def test_known_peer_is_measured_both_ways_without_a_ring(
    start: StartPeer, both: Acquaintances
) -> None:
    both.meet()
    listener = start("listen", environment=both.of_bob)
    findings = both.examine(listener.port, "--set", "video.bitrate_bps=100000")
    assert marks(findings) == dict.fromkeys(NAMES, "ok")
    figures = findings["goodput"]["figures"]
    assert figures.keys() == {"send_bps", "receive_bps"}
    assert min(figures.values()) > 132_000
    listener.wait_event("rejected", reason="left", peer="Ann")
    assert listener.find_events("ringing") == []
    assert "Ann (127.0.0.1) measured" in listener.said


def test_stranger_is_not_asked_for_a_measurement(start: StartPeer, both: Acquaintances) -> None:
    both.meet(knows_bob=False)
    listener = start("listen", environment=both.of_bob)
    findings = both.examine(listener.port)
    check_unmeasured(findings, "you do not know the listener's key")
    assert "code" in findings["goodput"]["next_step"]
    assert listener.find_events("rejected") == []


def test_listener_measures_with_nobody_that_it_does_not_know(
    start: StartPeer, both: Acquaintances
) -> None:
    both.meet(knows_ann=False)
    listener = start("listen", environment=both.of_bob)
    findings = both.examine(listener.port)
    check_unmeasured(findings, "Bob does not know this computer's key")
    assert "code" in findings["goodput"]["next_step"]
    listener.wait_event("rejected", reason="not known")


def test_listener_in_a_call_measures_nothing_and_its_call_goes_on(
    start: StartPeer, both: Acquaintances, tmp_path: Path
) -> None:
    both.meet()
    listener = start("listen", "--accept", environment=both.of_bob)
    with dial(listener.port, tmp_path / "raw") as caller:
        caller.call("Raw")
        listener.wait_call()
        check_unmeasured(both.examine(listener.port), "Bob is in a call")
        assert listener.find_events("link_lost") == []
        caller.hang_up()
    listener.wait_event("ended")


def test_fourth_measurement_of_a_minute_is_refused_with_its_wait(
    start: StartPeer, both: Acquaintances
) -> None:
    both.meet()
    listener = start("listen", environment=both.of_bob)
    for _ in range(3):
        with dial(listener.port, both.folder / "ann" / "vis-a-vis") as measurer:
            assert isinstance(measurer.ask_to_measure(), GoodputReady)
            measurer.hang_up()
    findings = both.examine(listener.port)
    check_unmeasured(findings, "too often lately")
    assert findings["goodput"]["next_step"].endswith(" s")


Answer = Callable[[RawPeer], None]
"""Plays the listener on the connection that asks for a measurement, after both hellos."""


@contextlib.contextmanager
def playing(both: Acquaintances, answer: Answer, *, measures: bool = True) -> Iterator[int]:
    """Play a listener for the doctor's two connections; yield its port.

    Args:
        measures: whether its hello says so.
    """
    folder = both.folder / "bob" / "vis-a-vis"
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as threads:
        server.settimeout(DEADLINE_S)

        def run() -> None:
            for play in (RawPeer.await_end, answer):
                sock, _ = server.accept()
                with RawPeer(sock, folder, is_caller=False) as peer:
                    asked = peer.await_control(Hello)
                    hello = Hello(PROTOCOL_VERSION, "Bob", b"n" * 32)
                    if measures and asked.measures_goodput is True:
                        hello = replace(hello, measures_goodput=True)
                    peer.send(hello)
                    play(peer)

        played = threads.submit(run)
        yield server.getsockname()[1]
        played.result(DEADLINE_S)


def test_older_listener_gets_no_proof_and_is_named_as_older(both: Acquaintances) -> None:
    both.meet()
    came: list[Control] = []

    def answer(peer: RawPeer) -> None:
        came.append(peer.await_either(GoodputProof, Bye))
        peer.send(Bye())
        peer.await_end()

    with playing(both, answer, measures=False) as port:
        check_unmeasured(both.examine(port), "Bob's program is older")
    assert isinstance(came[0], Bye)


def begin(peer: RawPeer) -> None:
    """Consent, and receive the doctor's filler to its end."""
    peer.await_control(GoodputProof)
    peer.send(GoodputReady())
    peer.await_control(FillerEnd)


def check_warned(findings: Findings, why: str) -> None:
    assert marks(findings) == dict.fromkeys(NAMES, "ok") | {"goodput": "warning"}
    assert why in findings["goodput"]["sentence"]
    assert findings["goodput"]["next_step"]


def test_listener_that_falls_silent_in_the_middle_is_given_up(both: Acquaintances) -> None:
    both.meet()

    def answer(peer: RawPeer) -> None:
        begin(peer)
        peer.await_end()  # Without a report.

    with playing(both, answer) as port:
        check_warned(both.examine(port), "did not arrive")


def test_doctor_answers_the_bye_of_a_listener(both: Acquaintances) -> None:
    both.meet()

    def answer(peer: RawPeer) -> None:
        peer.await_control(GoodputProof)
        peer.send(GoodputReady())
        peer.send(Bye("busy"))
        peer.await_control(Bye)
        peer.await_end()

    with playing(both, answer) as port:
        check_unmeasured(both.examine(port), "Bob is in a call")


def test_listener_that_closes_in_the_middle_is_named(both: Acquaintances) -> None:
    both.meet()

    def answer(peer: RawPeer) -> None:
        begin(peer)
        peer.send(GoodputReport(1_200, 1_000_000))
        peer.send(Filler(bytes(MAX_FILLER_BYTES)))
        peer.break_off()

    with playing(both, answer) as port:
        check_warned(both.examine(port), "broke off")


def test_listener_that_sends_too_much_is_cut_off(both: Acquaintances) -> None:
    both.meet()
    sent: list[int] = []

    def answer(peer: RawPeer) -> None:
        begin(peer)
        peer.send(GoodputReport(1_200, 1_000_000))
        filler = Filler(bytes(MAX_FILLER_BYTES))
        try:
            while True:
                peer.send(filler)
                sent.append(MAX_FILLER_BYTES)
        except OSError:
            return

    with playing(both, answer) as port:
        check_warned(both.examine(port), "more than a measurement takes")
    assert sum(sent) > MAX_TOTAL_BYTES


def test_caller_that_sends_too_much_is_cut_off_by_the_listener(
    start: StartPeer, both: Acquaintances
) -> None:
    both.meet()
    listener = start("listen", environment=both.of_bob)
    sent_bytes = 0
    with dial(listener.port, both.folder / "ann" / "vis-a-vis") as measurer:
        assert isinstance(measurer.ask_to_measure(), GoodputReady)
        with contextlib.suppress(OSError):
            while sent_bytes < 2 * MAX_TOTAL_BYTES:
                measurer.send(Filler(bytes(MAX_FILLER_BYTES)))
                sent_bytes += MAX_FILLER_BYTES
        measurer.await_end()
    assert MAX_TOTAL_BYTES <= sent_bytes < 2 * MAX_TOTAL_BYTES
    listener.wait_event("rejected", reason="protocol_error", peer="Ann")


def test_call_that_comes_during_a_measurement_rings_and_ends_it(
    start: StartPeer, both: Acquaintances, tmp_path: Path
) -> None:
    both.meet()
    listener = start("listen", "--accept", environment=both.of_bob)
    with dial(listener.port, both.folder / "ann" / "vis-a-vis") as measurer:
        assert isinstance(measurer.ask_to_measure(), GoodputReady)
        with dial(listener.port, tmp_path / "raw") as caller:
            caller.call("Raw")
            assert measurer.await_control(Bye).reason == "busy"
            listener.wait_call()
            caller.hang_up()
    listener.wait_event("ended")


def listen_as_bob(hosts: TwoHosts, start: StartPeer, both: Acquaintances) -> Peer:
    return start("listen", prefix=hosts.second.command(), environment=both.of_bob)


def test_rate_of_a_limited_link_is_measured(
    hosts: TwoHosts, start: StartPeer, both: Acquaintances
) -> None:
    both.meet()
    port = listen_as_bob(hosts, start, both).port
    hosts.limit(1_000_000, 400)
    place = f"{hosts.second.address}:{port}"
    findings = examine(place, both.folder / "ann", prefix=hosts.first.command(), status=0)
    check_warned(findings, "a call with your settings needs 2.53")
    for rate_bps in findings["goodput"]["figures"].values():
        assert 500_000 < rate_bps < 1_500_000
