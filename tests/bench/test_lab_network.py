"""bench/lab_network.py: a real relay, with TCP of two namespaces through it."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.hosts import Host, run
from bench.lab_messages import Direction
from bench.lab_network import Lab, LabError, network_lab, why_no_lab
from bench.link_conditions import BlackoutKind, Conditions, steady
from bench.link_profiles import PROFILES, both_ways
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until

pytestmark = pytest.mark.skipif(why_no_lab() is not None, reason=str(why_no_lab()))

SENT_BYTES = 300_000
LONG_MS = 1e9
RECEIVE = """
import socket, sys
server = socket.create_server((sys.argv[1], 0))
print(server.getsockname()[1], flush=True)
link, _ = server.accept()
print(sum(len(data) for data in iter(lambda: link.recv(65536), b"")))
"""
SEND = """
import socket, sys
link = socket.create_connection((sys.argv[1], int(sys.argv[2])))
link.sendall(bytes(int(sys.argv[3])))
"""


@pytest.fixture
def lab() -> Iterator[Lab]:
    with network_lab(PROFILES["20mbit-400ms"]) as lab:
        yield lab


@contextlib.contextmanager
def python(host: Host, code: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Run code in a host, and end it with the context."""
    command = host.command(sys.executable, "-c", code, *words)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            yield program
        finally:
            program.kill()


def transfer(lab: Lab, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Send bytes over TCP from the first host to the second; return how many arrived."""
    address = lab.hosts.second.address
    with python(lab.hosts.second, RECEIVE, address) as receiver:
        assert receiver.stdout is not None
        port = receiver.stdout.readline().strip()
        with python(lab.hosts.first, SEND, address, port, str(SENT_BYTES)) as sender:
            meanwhile()
            assert sender.wait(DEADLINE_S) == 0
        return int(receiver.communicate(timeout=DEADLINE_S)[0])


def test_tcp_passes_in_packets_of_the_devices_size(lab: Lab) -> None:
    assert transfer(lab) == SENT_BYTES
    report = lab.report()
    forward, backward = report.forward.counters, report.backward.counters
    assert forward.delivered_bytes > SENT_BYTES
    # Were they not segmented, there would be far fewer.
    assert forward.delivered_packets >= SENT_BYTES // 1500
    assert backward.delivered_packets > 0
    assert report.forward.lateness.worst_us is not None


def test_tcp_survives_loss() -> None:
    lossy = Conditions(rate_bps=20_000_000, loss=0.05, delay_ms=5, jitter_ms=2)
    with network_lab(both_ways("lossy", "5 % loss", steady(lossy)), seed=3) as lab:
        assert transfer(lab) == SENT_BYTES
        assert lab.report().forward.counters.dropped_lost > 0


def test_a_blackout_told_live_lasts_until_another_profile_is_applied(lab: Lab) -> None:
    lab.black_out(LONG_MS, BlackoutKind.LOSE)

    def end_blackout() -> None:
        wait_until(lambda: lab.report().forward.counters.dropped_blackout > 0, "no packet came")
        lab.apply(PROFILES["free"])

    assert transfer(lab, end_blackout) == SENT_BYTES


def test_a_blackout_can_have_one_direction(lab: Lab) -> None:
    lab.black_out(LONG_MS, BlackoutKind.LOSE, [Direction.BACKWARD])

    def end_blackout() -> None:
        wait_until(lambda: lab.report().backward.counters.dropped_blackout > 0, "no packet came")
        assert lab.report().forward.counters.dropped_blackout == 0
        lab.apply(PROFILES["free"])

    assert transfer(lab, end_blackout) == SENT_BYTES


def test_packets_of_a_blackout_that_wait_come_through_afterwards(lab: Lab) -> None:
    lab.black_out(LONG_MS, BlackoutKind.WAIT)

    def end_blackout() -> None:
        wait_until(lambda: lab.report().forward.counters.queued_bytes > 0, "no packet came")
        lab.apply(PROFILES["free"])

    assert transfer(lab, end_blackout) == SENT_BYTES
    assert lab.report().forward.counters.dropped_blackout == 0


def test_two_at_once_do_not_collide(lab: Lab) -> None:
    with network_lab(PROFILES["free"]) as other:
        assert transfer(other) == SENT_BYTES
        assert transfer(lab) == SENT_BYTES
    assert transfer(lab) == SENT_BYTES


def test_nothing_is_left_after_a_failure() -> None:
    labs = []

    def fail() -> None:
        with network_lab(PROFILES["free"]) as lab:
            labs.append(lab)
            assert str(lab.hosts.first.namespace) in run("ip", "netns", "list")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    for host in (labs[0].hosts.first, labs[0].hosts.second):
        assert str(host.namespace) not in run("ip", "netns", "list")
        assert not Path("/sys/class/net", host.device).exists()
    with pytest.raises(LabError):
        labs[0].report()
