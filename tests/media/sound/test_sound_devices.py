"""media/sound/sound_devices.py on a real sound server: devices are opened, lost and recovered."""

import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pytest
from pyaudio import PyAudio

from bench.sound_daemons import Daemons
from bench.sound_server import SoundServer
from core.program import SOUND_STEP
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind, DeviceState
from media.errors import SourceError
from media.sound import portaudio, sound_devices
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
from tests.support.peer_process import wait_until
from tests.support.sound_servers import sound_servers

DEADLINE_S = 30.0
TRIES = 5
STUCK = {
    "pipewire-alsa": "PortAudio up to 19.7 loops for ever when PipeWire's ALSA plugin loses its"
    " server: the loudspeaker cannot be closed (PortAudio's pull request 1038 repairs it). A call"
    " goes on: tests/calls/test_sound.py",
}


def now_us() -> int:
    return time.perf_counter_ns() // 1000


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until a condition of the devices holds, or fail."""
    wait_until(lambda: bool(holds()), "the devices reach the expected state", DEADLINE_S)


class Running:
    """Devices with their thread, and the sound that their loudspeaker has taken."""

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
        """Return blocks of the microphone."""
        heard: list[Samples] = []
        deadline_s = time.monotonic() + DEADLINE_S
        while len(heard) < blocks:
            assert time.monotonic() < deadline_s, "the microphone delivered too little"
            recorded = self.devices.microphone.read(0.25)
            if recorded is not None:
                heard.append(recorded.samples)
        return np.concatenate(heard)

    def play(self, sound: Samples) -> None:
        """Play like the speaker thread."""
        for start in range(0, len(sound) // 480 * 480, 480):
            wait_for(lambda: self.devices.speaker.wait_room(0.25))
            self.devices.speaker.write(sound[start : start + 480])


@pytest.fixture(params=sound_servers())
def daemons(request: pytest.FixtureRequest) -> Daemons:
    """The kind of sound server."""
    chosen: Daemons = request.param
    return chosen


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, daemons: Daemons) -> Iterator[SoundServer]:
    """A server for this process, with one device that is loudspeaker and microphone."""
    with SoundServer(["loop"], daemons) as server:
        for name, value in server.environment(speaker="loop", microphone="loop").items():
            monkeypatch.setenv(name, value)
        yield server


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


@pytest.mark.parametrize("daemons", sound_servers(failing=STUCK), indirect=True)
def test_dead_server_is_a_problem_until_it_returns(server: SoundServer) -> None:
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.stop()
        wait_for(lambda: len(running.devices.problems) == 2)
        running.play(np.zeros(4_800, np.int16))
        server.start()
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)


@pytest.mark.parametrize("daemons", sound_servers(["pulseaudio", "pipewire-pulse"]), indirect=True)
def test_sound_returns_though_no_stream_of_the_dead_server_closes(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "CLOSE_LIMIT_S", 0.1)
    may_close = threading.Event()
    close = portaudio._close_stream

    def close_late(stream: Any) -> None:
        may_close.wait()
        close(stream)

    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        monkeypatch.setattr(portaudio, "_close_stream", close_late)
        try:
            server.stop()
            wait_for(lambda: len(running.devices.problems) == 2)
            server.start()
            wait_for(lambda: running.devices.problems == ())
            running.hear(5)
        finally:
            may_close.set()
        # Once they have closed, PortAudio starts anew, and finds what has been plugged in since.
        server.add_sink("later")
        server.announce(["loop", "later"])
        later = DeviceName("later")
        running.devices.change(DeviceKind.LOUDSPEAKER, later, lambda problem: None)
        opened = DeviceState(DeviceKind.LOUDSPEAKER, is_open=True, name="later")
        wait_for(lambda: opened in running.devices.states)


def test_stream_that_does_not_open_is_tried_again(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "OPEN_LIMIT_S", 0.1)
    monkeypatch.setattr(sound_devices, "RETRY_US", 100_000)
    may_open = threading.Event()
    open_stream = PyAudio.open

    def open_late(audio: PyAudio, **options: Any) -> Any:
        may_open.wait()
        return open_stream(audio, **options)

    monkeypatch.setattr(PyAudio, "open", open_late)
    with Running(DefaultDevice(), NoSound()) as running:
        try:
            wait_for(lambda: running.devices.problems)
            assert running.devices.problems[0].kind is DeviceProblemKind.NOT_OPENED
        finally:
            monkeypatch.setattr(portaudio, "OPEN_LIMIT_S", DEADLINE_S)
            may_open.set()
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)


def test_hanging_server_is_a_problem_that_blocks_nobody(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_devices, "STUCK_US", 100_000)
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.freeze()
        try:
            stuck = DeviceProblem(DeviceProblemKind.NOT_ANSWERING)
            wait_for(lambda: len(set(running.devices.problems) - {stuck}) == 2)
            # PulseAudio's clients wait for an answer; PipeWire's only get no more buffers.
            if server.daemons.alsa_plugin == "pulse":
                wait_for(lambda: stuck in running.devices.problems)
            # The call goes on at the clock's pace, and can end.
            running.play(np.zeros(4_800, np.int16))
            running.devices.close()
            assert running.devices.microphone.read(DEADLINE_S) is None
        finally:
            server.thaw()


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
