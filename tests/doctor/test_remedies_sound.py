"""Remedies of the doctor for microphone and loudspeaker, followed word for word.

On a private sound server with virtual devices; a microphone hears what is played into its sink.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

import pytest

from bench.sound_daemons import why_no_server
from bench.sound_server import SoundServer
from tests.support.peer_process import ROOT
from tests.support.remedy_terminal import Finding, RemedyTerminal, commands_of

pytestmark = pytest.mark.skipif(why_no_server() is not None, reason=str(why_no_server()))

PLAY = (
    "import sys; from media.sound.portaudio import PortAudio; from media.sound.tone import"
    " tone_block; import numpy; gain = float(sys.argv[1]); at = [0]\n"
    "def play(samples):\n"
    "    at[0] += samples\n"
    "    loud = numpy.clip(tone_block(at[0])[:samples].astype(float) * gain, -32767, 32767)\n"
    "    return loud.astype(numpy.int16).tobytes()\n"
    "audio = PortAudio(); stream = audio.open_speaker(None, play, 480)\n"
    "print('plays', flush=True); sys.stdin.read()"
)
USUAL, MUCH = 1.0, 1e6
"""Gains of the test tone; the second makes a square wave of full scale."""
WITH_MICROPHONE = "--mic=default"
WITH_LOUDSPEAKER = "--speaker=default"


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with SoundServer(["loop", "other"]) as server:
        yield server


@pytest.fixture
def terminal(server: SoundServer) -> Iterator[RemedyTerminal]:
    """A terminal whose default devices are a sink and its monitor."""
    changes = server.environment(speaker="loop", microphone="loop")
    with RemedyTerminal(environment=changes) as terminal:
        yield terminal


@contextmanager
def tone_playing(server: SoundServer, sink: str, gain: float) -> Iterator[None]:
    """Play a tone on a sink meanwhile."""
    with subprocess.Popen(
        [sys.executable, "-c", PLAY, str(gain)],
        cwd=ROOT,
        env=os.environ | server.environment(speaker=sink),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as player:
        assert player.stdout is not None
        assert player.stdout.readline() == b"plays\n"
        try:
            yield
        finally:
            player.kill()


def is_ok(finding: Finding) -> bool:
    return bool(finding["mark"] == "ok")


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("set-source-mute loop.monitor 1", "is muted"),
        ("set-source-volume loop.monitor 3%", "is at 3 %"),
    ],
)
def test_microphone_that_is_too_soft_is_mended(
    server: SoundServer, terminal: RemedyTerminal, broken: str, expected: str
) -> None:
    server.control(*broken.split())
    with tone_playing(server, "loop", USUAL):
        finding = terminal.examine("microphone", WITH_MICROPHONE)
        assert expected in finding["sentence"]
        terminal.follow(finding)
        assert is_ok(terminal.examine("microphone", WITH_MICROPHONE))


def test_microphone_that_is_too_loud_is_lowered(
    server: SoundServer, terminal: RemedyTerminal
) -> None:
    with tone_playing(server, "loop", MUCH):
        finding = terminal.examine("microphone", WITH_MICROPHONE)
        assert "too loud" in finding["sentence"]
        terminal.follow(finding)
        assert is_ok(terminal.examine("microphone", WITH_MICROPHONE))


def test_microphone_that_is_silent_can_be_replaced_by_a_listed_one(
    server: SoundServer, terminal: RemedyTerminal
) -> None:
    with tone_playing(server, "other", USUAL):
        finding = terminal.examine("microphone", WITH_MICROPHONE)
        assert "silence" in finding["sentence"]
        [listing] = [each for each in commands_of(finding) if each.endswith(" devices")]
        listed = terminal.enter(listing)
        match = re.search(r"^--mic\s+(\d+)\s.*other_mon", listed, re.MULTILINE)
        assert match, listed
        number = match[1]
        assert is_ok(terminal.examine("microphone", f"--mic={number}"))


@pytest.mark.parametrize(
    ("broken", "expected"),
    [("set-sink-mute loop 1", "is muted"), ("set-sink-volume loop 3%", "is at 3 %")],
)
def test_loudspeaker_that_is_too_soft_is_mended(
    server: SoundServer, terminal: RemedyTerminal, broken: str, expected: str
) -> None:
    server.control(*broken.split())
    finding = terminal.examine("loudspeaker", WITH_LOUDSPEAKER)
    assert expected in finding["sentence"]
    terminal.follow(finding)
    assert is_ok(terminal.examine("loudspeaker", WITH_LOUDSPEAKER))


def test_variable_that_names_no_sound_server_can_be_unset(
    server: SoundServer, terminal: RemedyTerminal
) -> None:
    folder = terminal.folder / "run"
    (folder / "pulse").mkdir(mode=0o700, parents=True)
    (folder / "pulse" / "native").symlink_to(terminal.enter("echo ${PULSE_SERVER#unix:}").strip())
    terminal.enter(f"export XDG_RUNTIME_DIR={quote(str(folder))} PULSE_SERVER=unix:/gone")
    finding = terminal.examine("loudspeaker", WITH_LOUDSPEAKER)
    assert "no sound server answers" in finding["sentence"]
    terminal.follow(finding)
    assert is_ok(terminal.examine("loudspeaker", WITH_LOUDSPEAKER))


@pytest.mark.skipif(
    shutil.which("pulseaudio") is None or shutil.which("pipewire-pulse") is not None,
    reason="needs PulseAudio, and PipeWire not in its place",
)
def test_sound_server_that_has_not_been_started_is_started(tmp_path: Path) -> None:
    runtime, alsa = tmp_path / "run", tmp_path / "asound.conf"
    runtime.mkdir(mode=0o700)
    alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    changes = {"XDG_RUNTIME_DIR": str(runtime), "ALSA_CONFIG_PATH": str(alsa)}
    with RemedyTerminal(environment=changes) as terminal:
        terminal.enter("unset PULSE_SERVER DBUS_SESSION_BUS_ADDRESS DISPLAY")
        finding = terminal.examine("loudspeaker", WITH_LOUDSPEAKER)
        assert "no sound server answers" in finding["sentence"]
        try:
            terminal.follow(finding)
            assert is_ok(terminal.examine("loudspeaker", WITH_LOUDSPEAKER))
        finally:
            terminal.enter("pulseaudio --kill", status=None)
