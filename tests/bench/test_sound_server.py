"""bench/sound_server.py: devices that are there, go, and come back, and nothing is left of them."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.children import BenchError
from bench.sound_daemons import why_no_server
from bench.sound_server import SoundServer

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 10.0

pytestmark = pytest.mark.skipif(why_no_server() is not None, reason=str(why_no_server()))


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with SoundServer(["a_spk", "a_mic"]) as server:
        yield server


def sinks(server: SoundServer) -> list[str]:
    lines = server.control("list", "short", "sinks").splitlines()
    return sorted(line.split("\t")[1] for line in lines)


def test_devices_exist_as_soon_as_the_server_runs(server: SoundServer) -> None:
    assert sinks(server) == ["a_mic", "a_spk"]


def test_device_can_be_removed_and_added_again(server: SoundServer) -> None:
    server.remove_sink("a_mic")
    assert sinks(server) == ["a_spk"]
    server.add_sink("a_mic")
    assert sinks(server) == ["a_mic", "a_spk"]


def test_stopped_server_starts_again_with_its_devices(server: SoundServer) -> None:
    server.stop()
    with pytest.raises(BenchError):
        sinks(server)
    server.start()
    assert sinks(server) == ["a_mic", "a_spk"]


def test_two_servers_are_independent(server: SoundServer) -> None:
    with SoundServer(["b_spk"]) as other:
        assert sinks(other) == ["b_spk"]
    assert sinks(server) == ["a_mic", "a_spk"]


def test_environment_gives_a_peer_its_devices(server: SoundServer) -> None:
    environment = server.of_peer("a")
    assert environment["PULSE_SINK"] == "a_spk"
    assert environment["PULSE_SOURCE"] == "a_mic.monitor"


def test_invalid_request_is_an_error(server: SoundServer) -> None:
    with pytest.raises(BenchError, match="load-module"):
        server.control("load-module", "module-that-is-not")


def test_closed_server_leaves_nothing_behind() -> None:
    with SoundServer(["a_spk"]) as server:
        folder = Path(server.environment()["HOME"])
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(BenchError):
        sinks(server)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child outlives its killed parent")
def test_server_ends_when_its_starter_is_killed() -> None:
    code = (
        "from bench.sound_server import SoundServer\n"
        "with SoundServer([]) as server:\n"
        "    print(server.environment()['HOME'], flush=True)\n"
        "    input()\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        assert starter.stdout is not None
        folder = Path(starter.stdout.readline().strip())
        daemons = psutil.Process(starter.pid).children()
        starter.send_signal(signal.SIGKILL)
    try:
        assert daemons
        deadline_s = time.monotonic() + DEADLINE_S
        while any(_is_running(daemon) for daemon in daemons):
            assert time.monotonic() < deadline_s, "the server goes on"
            time.sleep(0.05)
    finally:
        shutil.rmtree(folder)


def _is_running(process: psutil.Process) -> bool:
    """Return whether a process goes on; in a container nobody may wait for one that has ended."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
