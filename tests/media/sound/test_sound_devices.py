"""media/sound/sound_devices.py on a real sound server: devices are opened, lost and recovered."""

import sys
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from bench.sound_server import SoundServer
from core.program import SOUND_STEP
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.errors import SourceError
from media.sound import sound_devices
from media.sound.pcm import level_dbfs
from media.sound.portaudio import PortAudio
from media.sound.sound_spec import (
    DefaultDevice,
    DeviceIndex,
    DeviceName,
    MicrophoneSpec,
    NoSound,
    SpeakerSpec,
    Tone,
    WavFile,
)
from tests.support.running_devices import DEADLINE_S, Running, now_us, wait_for

TRIES = 5


@pytest.mark.parametrize(
    ("microphone", "speaker"),
    [
        (DefaultDevice(), DefaultDevice()),
        (DeviceName("loop_mon"), DeviceName("loop")),
        (DeviceName("OOP_MO"), DeviceIndex(0)),
    ],
)
def test_sound_passes_a_device_unchanged(
    server: SoundServer, microphone: MicrophoneSpec, speaker: SpeakerSpec
) -> None:
    with Running(microphone, speaker) as running:
        wait_for(lambda: running.devices.microphone.is_live)
        running.hear(5)
        # A busy machine may lose a buffer outside of this program, so try again.
        assert any(_goes_through(running) for _ in range(TRIES))
        assert running.devices.problems == ()


def _goes_through(running: Running) -> bool:
    """Return whether a ramp passes, in which a lost, repeated or changed sample would show."""
    ramp = np.arange(1, 28_801).astype(np.int16)
    player = threading.Thread(target=running.play, args=(ramp,))
    player.start()
    heard = running.hear(90)
    player.join(DEADLINE_S)
    sounding = heard[heard != 0].astype(int)
    # The first buffer fades in, and the last may not have arrived yet.
    return np.array_equal(sounding[240:20_000], np.arange(sounding[240], sounding[240] + 19_760))


def test_unplugged_device_is_a_problem_until_it_returns(server: SoundServer) -> None:
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.remove_sink("loop")
        wait_for(lambda: len(running.devices.problems) == 2)
        assert not running.devices.microphone.is_live
        assert [problem.device for problem in running.devices.problems] == [
            DeviceKind.MICROPHONE,
            DeviceKind.LOUDSPEAKER,
        ]
        # The call goes on: blocks are still due at the usual pace.
        running.play(np.zeros(4_800, np.int16))
        server.add_sink("loop")
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)


def test_missing_device_is_opened_when_it_appears(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.remove_sink("loop")
    with Running(DefaultDevice(), NoSound()) as running:
        wait_for(lambda: running.devices.problems)
        assert not running.devices.microphone.is_opening
        server.add_sink("loop")
        running.hear(5)
        assert running.devices.problems == ()


def test_missing_device_does_not_stop_the_other(server: SoundServer) -> None:
    with Running(DeviceName("nowhere"), DefaultDevice()) as running:
        wait_for(lambda: running.devices.problems)
        assert running.devices.problems == (
            DeviceProblem(
                DeviceProblemKind.UNAVAILABLE,
                DeviceKind.MICROPHONE,
                detail='"nowhere" is not there',
            ),
        )
        running.play(np.full(9_600, 5_000, np.int16))
        wait_for(lambda: any(level_dbfs(np.frombuffer(b, np.int16)) > -20 for b in running.played))


def test_another_process_searches_for_a_device_while_the_other_plays(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a restarted PortAudio lists the new name, and a restart ends all streams."""
    monkeypatch.setattr(sound_devices, "MISSING_SEARCH_US", 200_000)
    with Running(DeviceName("later_mon"), DefaultDevice()) as running:
        wait_for(lambda: running.devices.problems)
        running.play(np.full(4_800, 5_000, np.int16))
        server.add_sink("later")
        server.announce(["loop", "later"])
        running.hear(5)
        wait_for(lambda: running.devices.problems == ())
        running.played.clear()
        running.play(np.full(9_600, 5_000, np.int16))
        wait_for(lambda: any(level_dbfs(np.frombuffer(b, np.int16)) > -20 for b in running.played))


def test_failures_write_nothing_to_the_terminal(
    server: SoundServer, capfd: pytest.CaptureFixture[str]
) -> None:
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.remove_sink("loop")
        wait_for(lambda: len(running.devices.problems) == 2)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux moves streams to a new default by itself"
)
def test_default_is_followed_when_it_changes(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = server.environment(speaker="loop", microphone="loop")
    for name in chosen.keys() - server.environment().keys():
        monkeypatch.delenv(name)
    server.control("set-default-sink", "loop")
    server.control("set-default-source", "loop.monitor")
    server.add_sink("other")
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.control("set-default-sink", "other")
        # The other monitor has sound only once the sound is played there.
        server.control("set-default-source", "other.monitor")
        wait_for(lambda: _sink_of_the_stream(server) == "other")
        player = threading.Thread(target=running.play, args=(np.full(48_000, 5_000, np.int16),))
        player.start()
        wait_for(lambda: level_dbfs(running.hear(5)) > -20)
        player.join(DEADLINE_S)
        assert running.devices.problems == ()


def _sink_of_the_stream(server: SoundServer) -> str | None:
    """Return the name of the sink that the only stream plays into; None while it moves."""
    index = server.control("list", "short", "sink-inputs").split("\t")[1]
    sinks = server.control("list", "short", "sinks").splitlines()
    names = {number: name for number, name, *_ in (sink.split("\t") for sink in sinks)}
    return names.get(index)


def test_missing_pyaudio_is_one_problem_with_a_next_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with Running(DefaultDevice(), DefaultDevice()) as running:
        wait_for(lambda: running.devices.problems)
        assert running.devices.problems == (
            DeviceProblem(
                DeviceProblemKind.NOT_STARTED,
                detail="PyAudio is not installed",
                next_step=SOUND_STEP,
            ),
        )
        running.play(np.zeros(4_800, np.int16))


def test_call_without_devices_needs_no_portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: PortAudio) -> None:
        raise AssertionError("PortAudio was started")

    monkeypatch.setattr(PortAudio, "__init__", refuse)
    with Running(Tone(), NoSound()) as running:
        assert level_dbfs(running.hear(10)) == pytest.approx(-26, abs=0.5)
        running.play(np.zeros(4_800, np.int16))
        assert running.devices.problems == ()


def test_wav_files_replace_both_devices(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "in.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(np.arange(4_800).astype("<i2").tobytes())
    source, output = WavFile(tmp_path / "in.wav"), WavFile(tmp_path / "out.wav")
    with Running(source, output) as running:
        sound = running.hear(20)
        running.play(sound)
    # The clock decides which block comes first.
    assert np.array_equal(sound, (sound[0] + np.arange(9_600)) % 4_800)
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.readframes(file.getnframes()) == sound.tobytes()


def test_files_that_cannot_be_used_are_problems(tmp_path: Path) -> None:
    (tmp_path / "out.wav").mkdir()
    with Running(WavFile(tmp_path / "gone.wav"), WavFile(tmp_path / "out.wav")) as running:
        running.play(np.zeros(4_800, np.int16))
        problems = running.devices.problems
        assert not running.devices.microphone.is_live
    assert [(problem.kind, problem.device) for problem in problems] == [
        (DeviceProblemKind.UNAVAILABLE, DeviceKind.MICROPHONE),
        (DeviceProblemKind.NOT_WRITABLE, DeviceKind.LOUDSPEAKER),
    ]


class FailingAudio:
    """PortAudio on a computer where it does not start."""

    def __init__(self) -> None:
        starts.append(now_us())
        raise SourceError("PortAudio does not start", "Look at the system's sound")


starts: list[int] = []


def test_failed_start_of_portaudio_is_retried_at_intervals(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sound_devices, "PortAudio", FailingAudio)
    monkeypatch.setattr(sound_devices, "WATCH_S", 0.001)
    monkeypatch.setattr(sound_devices, "RETRY_US", 50_000)
    starts.clear()
    with Running(DefaultDevice(), DefaultDevice()) as running:
        wait_for(lambda: len(starts) > 3)
        assert len(running.devices.problems) == 1
    assert min(np.diff(starts)) >= 49_000
