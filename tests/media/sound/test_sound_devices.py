"""media/sound/sound_devices.py on a real sound server: found, lost, and found again."""

import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pytest

from bench.sound_server import SoundServer, why_no_server
from core.program import SOUND_STEP
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.errors import SourceError
from media.sound import sound_devices
from media.sound.pcm import Samples, level_dbfs
from media.sound.portaudio import PortAudio
from media.sound.sound_devices import SoundDevices
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

DEADLINE_S = 30.0
TRIES = 5

needs_server = pytest.mark.skipif(why_no_server() is not None, reason=str(why_no_server()))


def now_us() -> int:
    return time.perf_counter_ns() // 1000


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until it holds, or fail."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not come to hold"
        time.sleep(0.02)


class Running:
    """Devices with their thread, and what their loudspeaker was given."""

    def __init__(self, microphone: MicrophoneSpec, speaker: SpeakerSpec) -> None:
        self.played: list[bytes] = []
        self.devices = SoundDevices(
            microphone,
            speaker,
            now_us=now_us,
            on_played=self.played.append,
            on_stall=lambda: None,
            wav_started_us=lambda: 0,
        )
        self._thread = threading.Thread(target=self.devices.run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.devices.close()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def hear(self, blocks: int) -> Samples:
        """Return so many blocks of the microphone."""
        heard: list[Samples] = []
        deadline_s = time.monotonic() + DEADLINE_S
        while len(heard) < blocks:
            assert time.monotonic() < deadline_s, "the microphone gave too little"
            recorded = self.devices.microphone.read(0.25)
            if recorded is not None:
                heard.append(recorded.samples)
        return np.concatenate(heard)

    def play(self, sound: Samples) -> None:
        """Play as the speaker thread would."""
        for start in range(0, len(sound) // 480 * 480, 480):
            wait_for(lambda: self.devices.speaker.wait_room(0.25))
            self.devices.speaker.write(sound[start : start + 480])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A server with one device, which is loudspeaker and microphone in one, in this process."""
    with SoundServer(["loop"]) as server:
        for name, value in server.environment(speaker="loop", microphone="loop").items():
            monkeypatch.setenv(name, value)
        yield server


@needs_server
@pytest.mark.parametrize(
    ("microphone", "speaker"),
    [
        (DefaultDevice(), DefaultDevice()),
        (DeviceName("loop_mon"), DeviceName("loop")),
        (DeviceName("OOP_MO"), DeviceIndex(0)),
    ],
)
def test_sound_goes_through_a_device_as_it_is(
    server: SoundServer, microphone: MicrophoneSpec, speaker: SpeakerSpec
) -> None:
    with Running(microphone, speaker) as running:
        wait_for(lambda: running.devices.microphone.is_live)
        running.hear(5)
        # A machine that stalls for a moment loses a buffer, which is not ours to keep.
        assert any(_goes_through(running) for _ in range(TRIES))
        assert running.devices.problems == ()


def _goes_through(running: Running) -> bool:
    """Play each value once, so that a lost, repeated or changed sample shows."""
    ramp = np.arange(1, 28_801).astype(np.int16)
    player = threading.Thread(target=running.play, args=(ramp,))
    player.start()
    heard = running.hear(90)
    player.join(DEADLINE_S)
    sounding = heard[heard != 0].astype(int)
    # The first buffer fades in, and the last may still be on its way.
    return np.array_equal(sounding[240:20_000], np.arange(sounding[240], sounding[240] + 19_760))


@needs_server
def test_a_device_that_is_unplugged_is_said_and_comes_back(server: SoundServer) -> None:
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.remove_sink("loop")
        wait_for(lambda: len(running.devices.problems) == 2)
        assert not running.devices.microphone.is_live
        assert [problem.device for problem in running.devices.problems] == [
            DeviceKind.MICROPHONE,
            DeviceKind.LOUDSPEAKER,
        ]
        # The call goes on: blocks are still wanted, at their pace.
        running.play(np.zeros(4_800, np.int16))
        server.add_sink("loop")
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)


@needs_server
def test_a_device_that_was_not_there_is_taken_when_it_appears(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.remove_sink("loop")
    with Running(DefaultDevice(), NoSound()) as running:
        wait_for(lambda: running.devices.problems)
        assert not running.devices.microphone.is_opening
        server.add_sink("loop")
        running.hear(5)
        assert running.devices.problems == ()


@needs_server
def test_one_that_is_missing_does_not_stop_the_other(server: SoundServer) -> None:
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


@needs_server
def test_while_one_plays_another_process_looks_for_what_is_missing(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is in no list before: only a fresh PortAudio knows it, and that ends all streams."""
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


@needs_server
def test_a_server_that_dies_is_said_and_comes_back(server: SoundServer) -> None:
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.stop()
        wait_for(lambda: len(running.devices.problems) == 2)
        running.play(np.zeros(4_800, np.int16))
        server.start()
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)


@needs_server
def test_a_server_that_hangs_is_said_and_nobody_waits_for_it(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_devices, "STUCK_US", 100_000)
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.freeze()
        try:
            wait_for(lambda: len(running.devices.problems) == 3)
            assert DeviceProblem(DeviceProblemKind.NOT_ANSWERING) in running.devices.problems
            # The call goes on, at the clock's pace, and can end.
            running.play(np.zeros(4_800, np.int16))
            running.devices.close()
            assert running.devices.microphone.read(DEADLINE_S) is None
        finally:
            server.thaw()


@needs_server
def test_what_fails_writes_nothing_to_the_terminal(
    server: SoundServer, capfd: pytest.CaptureFixture[str]
) -> None:
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.remove_sink("loop")
        wait_for(lambda: len(running.devices.problems) == 2)
    assert capfd.readouterr() == ("", "")


@needs_server
@pytest.mark.skipif(sys.platform != "linux", reason="this is what Linux does")
def test_the_default_is_followed_when_it_changes(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULSE_SINK")
    monkeypatch.delenv("PULSE_SOURCE")
    server.control("set-default-sink", "loop")
    server.control("set-default-source", "loop.monitor")
    server.add_sink("other")
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.control("set-default-sink", "other")
        # What records hears the other device only once the sound is played there.
        server.control("set-default-source", "other.monitor")
        wait_for(lambda: server.control("list", "short", "sink-inputs").split("\t")[1] == "1")
        player = threading.Thread(target=running.play, args=(np.full(48_000, 5_000, np.int16),))
        player.start()
        wait_for(lambda: level_dbfs(running.hear(5)) > -20)
        player.join(DEADLINE_S)
        assert running.devices.problems == ()


def test_without_pyaudio_both_are_said_to_be_missing_once_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with Running(DefaultDevice(), DefaultDevice()) as running:
        wait_for(lambda: running.devices.problems)
        assert running.devices.problems == (
            DeviceProblem(
                DeviceProblemKind.NOT_STARTED,
                detail="No sound: PyAudio is not installed",
                next_step=SOUND_STEP,
            ),
        )
        running.play(np.zeros(4_800, np.int16))


def test_no_sound_at_all_needs_no_portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: PortAudio) -> None:
        raise AssertionError("PortAudio was started")

    monkeypatch.setattr(PortAudio, "__init__", refuse)
    with Running(Tone(), NoSound()) as running:
        assert level_dbfs(running.hear(10)) == pytest.approx(-26, abs=0.5)
        running.play(np.zeros(4_800, np.int16))
        assert running.devices.problems == ()


def test_wav_files_stand_for_both(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "in.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(np.arange(4_800).astype("<i2").tobytes())
    spoken, heard = WavFile(tmp_path / "in.wav"), WavFile(tmp_path / "out.wav")
    with Running(spoken, heard) as running:
        sound = running.hear(20)
        running.play(sound)
    # Which of its blocks is the first one depends on the clock.
    assert np.array_equal(sound, (sound[0] + np.arange(9_600)) % 4_800)
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.readframes(file.getnframes()) == sound.tobytes()


def test_a_file_that_has_become_unreadable_is_said(tmp_path: Path) -> None:
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
        raise SourceError("No sound: PortAudio does not start", "Look at the system's sound")


starts: list[int] = []


def test_a_portaudio_that_does_not_start_is_tried_again_now_and_then(
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
