"""Calls that never begin: bad settings, no listener, a network that drops packets, no screen."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.hosts import Host, TwoHosts, run
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.peer_process import PEER, Input, StartPeer

SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "unknown": ("video.colour=red", ("video.colour", "not a setting")),
    "of the wrong type": ("video.width_px=wide", ("video.width_px", "64 to 1920", "wide")),
    "out of range": ("video.frame_rate_hz=500", ("video.frame_rate_hz", "1 to 60", "500")),
    "not one of a list": ("video.codec=vp9", ("video.codec", "h264", "mjpeg", "vp9")),
    "not a truth value": ("listen.accept=perhaps", ("listen.accept", "true or false")),
    "below its range": ("call.silence_timeout_s=0.1", ("call.silence_timeout_s", "1 to 60")),
}


@pytest.mark.parametrize("command", ["listen", "connect"])
@pytest.mark.parametrize(("assignment", "named"), SETTINGS.values(), ids=SETTINGS)
def test_error_names_a_bad_setting_and_its_allowed_values(
    command: str, assignment: str, named: tuple[str, ...], start: StartPeer
) -> None:
    host = () if command == "listen" else ("localhost",)
    peer = start(command, *host, f"--set={assignment}")
    assert peer.wait() == 2
    for text in named:
        assert text in peer.said
    assert (peer.said.count("\n"), peer.out) == (1, "")


def test_error_names_a_bad_settings_file_and_its_line(start: StartPeer, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    for text, named in (
        ("video:\n  width_px: 640\n  width_px: 320\n", "Line 3"),
        ("video:\n  codec: 7\n", "Line 2"),
        ("listen:\n  prot: 5001\n", "listen.port"),
    ):
        config.write_text(text)
        peer = start("listen", "--config", str(config))
        assert peer.wait() == 2
        assert named in peer.said
        assert str(config) in peer.said


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Yield a port that nobody listens on."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_caller_learns_that_nobody_listens(start: StartPeer, closed_port: int) -> None:
    caller = start("connect", f"127.0.0.1:{closed_port}")
    assert caller.ends_without_call() == 3
    caller.wait_event("ended", reason="nobody_listens", exit_status=3)
    assert str(closed_port) in caller.said
    assert "peer.py listen" in caller.said


def test_error_names_an_unknown_host(start: StartPeer) -> None:
    caller = start("connect", "nobody.invalid")
    assert caller.ends_without_call() == 3
    caller.wait_event("ended", reason="host_unknown")
    assert "nobody.invalid" in caller.said


def test_unknown_host_that_resembles_a_known_name_has_that_as_a_suggestion(
    start: StartPeer, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "vis-a-vis"
    folder.mkdir(parents=True, mode=0o700)
    known = KnownPeers(folder / KNOWN_PEERS_FILE)
    known.remember(b"b" * 32, PeerDetails("Carol.invalid"))
    caller = start("connect", "Carl.invalid")
    assert caller.ends_without_call() == 3
    assert "Did you mean Carol.invalid, whom you know?" in caller.said


def drop_packets(host: Host) -> None:
    """Send packets for 10.77.0.9 to a computer that does not exist; no error comes back."""
    neighbour = ("10.77.0.9", "lladdr", "02:00:00:00:00:09", "dev", host.device)
    run("ip", "-n", str(host.namespace), "neigh", "add", *neighbour)


def test_call_whose_packets_are_dropped_ends_within_ten_seconds(
    start: StartPeer, hosts: TwoHosts
) -> None:
    host = hosts.first
    drop_packets(host)
    dropped = start("connect", "10.77.0.9:5000", prefix=host.command())
    absent = start("connect", "10.77.0.8:5000", prefix=host.command())
    elsewhere = start("connect", "203.0.113.7:5000", prefix=host.command())
    for peer, address in (
        (elsewhere, "203.0.113.7"),
        (absent, "10.77.0.8"),
        (dropped, "10.77.0.9"),
    ):
        assert peer.ends_without_call() == 3
        peer.wait_event("ended", reason="no_reply")
        assert address in peer.said


def test_ctrl_c_ends_a_caller_whose_packets_are_dropped(start: StartPeer, hosts: TwoHosts) -> None:
    host = hosts.first
    drop_packets(host)
    caller = start("connect", "10.77.0.9:5000", prefix=host.command())
    caller.wait_event("calling", target="10.77.0.9:5000")
    caller.signal(signal.SIGINT)
    caller.signal(signal.SIGINT)
    assert caller.ends() == 130


def test_error_names_a_taken_port_and_the_option_for_another(start: StartPeer) -> None:
    first = start("listen")
    port = first.port
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        for taken in (port, other.getsockname()[1]):
            second = start("listen", "--port", str(taken))
            assert second.wait() == 2
            assert f"Port {taken}" in second.said
            assert "--port N" in second.said
            assert second.out == ""
    assert first.is_running


def test_two_callers_without_a_listener_both_learn_that_nobody_listens(
    start: StartPeer, closed_port: int
) -> None:
    callers = [start("connect", f"127.0.0.1:{closed_port}") for _ in range(2)]
    for caller in callers:
        assert caller.ends_without_call() == 3


def test_program_without_its_packages_names_make_setup(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(PEER), "connect", "localhost"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "make setup" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"DISPLAY": ":987"}, "DISPLAY ':987'"),
        ({"NO_SCREEN": "1"}, "WAYLAND_DISPLAY"),
    ],
    ids=["a stale DISPLAY", "no DISPLAY"],
)
def test_call_without_a_screen_continues_with_one_warning(
    environment: dict[str, str], why: str, start: StartPeer
) -> None:
    listener = start("listen", "--accept", "--once", environment=environment)
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", "--duration=0.3"), environment=environment
    )
    assert caller.wait() == 0
    assert listener.wait() == 0
    for peer in (listener, caller):
        (warning,) = peer.find_events("warning", key="no_window")
        assert why in warning["sentence"]


def test_offscreen_platform_counts_as_a_screen(start: StartPeer) -> None:
    listener = start(
        *("listen", "--set=listen.ring_timeout_s=1", "--name=Bob"),
        stdin=Input.NULL,
        environment={"QT_QPA_PLATFORM": "offscreen"},
    )
    caller = start("connect", f"127.0.0.1:{listener.port}")
    assert caller.wait() == 4
    caller.wait_event("rejected", reason="no answer")
    assert listener.find_events("warning") == []
    listener.signal(signal.SIGTERM)
    assert listener.ends() == 130
