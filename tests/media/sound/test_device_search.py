"""media/sound/device_search.py: another process searches, and never outlives its use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.sound_daemons import why_no_server
from bench.sound_server import SoundServer
from media.errors import SourceError
from media.sound import device_search
from media.sound.device_search import LIMIT_S, DeviceSearch
from tests.support.peer_process import wait_until

DEADLINE_S = 20.0


def wait_until_over(search: DeviceSearch) -> None:
    wait_until(lambda: search.is_over(0), "the search ends", DEADLINE_S)


def children() -> set[str]:
    """Return the command lines of the searches that this process has started."""
    listed = subprocess.run(
        ["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    return {line for line in listed.stdout.splitlines() if "device_search" in line}


# The reason of a skip is the program that is missing.
@pytest.mark.skipif(why_no_server() is not None, reason=str(why_no_server()))
def test_present_devices_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with SoundServer(["loop"]) as server:
        for name, value in server.environment(speaker="loop", microphone="loop").items():
            monkeypatch.setenv(name, value)
        search = DeviceSearch(0)
        wait_until_over(search)
        found = search.result()
    assert found is not None
    assert {device.name for device in found.devices} == {"loop", "loop_mon", "default"}
    assert (found.default_microphone, found.default_speaker) == ("default", "default")


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[]", '{"devices": [[1]]}'])
def test_invalid_answer_yields_no_list(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{text}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    search = DeviceSearch(0)
    wait_until_over(search)
    assert search.result() is None


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the search start a process that never ends."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexec sleep 1000 # $*\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.usefixtures("hanging")
def test_hanging_search_is_given_up() -> None:
    search = DeviceSearch(0)
    assert not search.is_over(LIMIT_S * 1_000_000)
    assert search.is_over(LIMIT_S * 1_000_000 + 1)
    assert search.result() is None


def test_closing_ends_the_process() -> None:
    search = DeviceSearch(0)
    assert children()
    search.close()
    assert not children()


def test_process_that_cannot_start_is_a_source_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(SourceError):
        DeviceSearch(0)


def test_search_does_not_load_numpy() -> None:
    code = "import sys, media.sound.device_search\nprint('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=device_search.ROOT, capture_output=True, text=True
    )
    assert done.stdout == "False\n"
