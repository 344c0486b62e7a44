"""bench/sound_studio.py: players, recorders and rooms keep samples and their times."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from bench.children import BenchError
from bench.sound_daemons import why_no_server
from bench.sound_server import SoundServer
from bench.sound_studio import Impulse, Player, Recorder, Room, studio
from media.errors import SourceError
from media.sound.device_buffer import BUFFER_SAMPLES
from media.sound.pcm import SAMPLE_RATE_HZ, Samples
from media.sound.portaudio import PortAudio
from tests.support.peer_process import wait_until

DEADLINE_S = 30.0
TRIES = 5
START_US = 9_000_000
BUFFER_US = 5_000

# The reason of a skip is the program that is missing.
needs_server = pytest.mark.skipif(why_no_server() is not None, reason=str(why_no_server()))


def ramp(samples: int, first: int = 1) -> Samples:
    """Return a sound in which all samples differ."""
    return np.arange(first, first + samples).astype(np.int16)


def buffers(player: Callable[[int], bytes], count: int, samples: int = BUFFER_SAMPLES) -> Samples:
    return np.frombuffer(b"".join(player(samples) for _ in range(count)), np.int16)


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now_us = START_US

    def __call__(self) -> int:
        return self.now_us


# Player.


def test_player_plays_once_and_then_silence() -> None:
    player = Player()
    assert not buffers(player.play, 3).any()
    player.start(ramp(600))
    played = buffers(player.play, 4)
    assert np.array_equal(played[:600], ramp(600))
    assert len(played) == 4 * BUFFER_SAMPLES
    assert not played[600:].any()


def test_restarted_player_plays_the_new_sound_from_its_start() -> None:
    player = Player()
    player.start(ramp(600))
    buffers(player.play, 1)
    player.start(ramp(600, 5_000))
    assert np.array_equal(buffers(player.play, 3)[:600], ramp(600, 5_000))


# Recorder.


def test_recorder_keeps_all_sound_in_order() -> None:
    recorder = Recorder(Clock())
    assert len(recorder.sound()) == 0
    for first in (1, 241, 481):
        recorder.record(ramp(240, first).tobytes())
    assert np.array_equal(recorder.sound(), ramp(720))


def test_sample_has_its_arrival_time() -> None:
    clock = Clock()
    recorder = Recorder(clock)
    for _ in range(100):
        clock.now_us += BUFFER_US
        recorder.record(bytes(2 * BUFFER_SAMPLES))
    assert recorder.time_us(0) == START_US
    assert recorder.time_us(48 * 250) == START_US + 250_000


def test_late_buffer_does_not_make_its_samples_late() -> None:
    clock = Clock()
    recorder = Recorder(clock)
    for number in range(100):
        late_us = 12_000 if number % 7 == 3 else 0
        clock.now_us = START_US + (number + 1) * BUFFER_US + late_us
        recorder.record(bytes(2 * BUFFER_SAMPLES))
    assert recorder.time_us(48 * 250) == START_US + 250_000


# Room.


def impulse(*values: float) -> Impulse:
    return np.array(values, np.float32)


def through(room: Room, sound: Samples, count: int) -> Samples:
    """Return the sound at the microphone while the loudspeaker plays, buffer by buffer."""
    player = Player()
    player.start(sound)

    def hear(samples: int) -> bytes:
        room.record(player.play(samples))
        return room.play(samples)

    return buffers(hear, count)


def test_echo_has_its_delay_and_level() -> None:
    heard = through(Room(impulse(0.5), 100), ramp(400) * 2, 4)
    assert not heard[:100].any()
    assert np.array_equal(heard[100:500], ramp(400))
    assert not heard[500:].any()


def test_echo_path_longer_than_a_buffer_spans_buffers() -> None:
    echo_path = np.zeros(1_000, np.float32)
    echo_path[[0, 300, 999]] = 1.0, 0.5, -1.0
    sound = np.random.default_rng(1).integers(-5_000, 5_000, 2_000, np.int16)
    heard = through(Room(echo_path, 0), sound, 16)
    expected = np.convolve(sound.astype(np.float64), echo_path.astype(np.float64))[: len(heard)]
    assert np.abs(heard[: len(expected)] - expected).max() <= 1


def test_near_speech_is_heard_beside_the_echo() -> None:
    room = Room(impulse(1.0), 0)
    room.near.start(ramp(480, 1_000))
    heard = through(room, ramp(480), 2)
    assert np.array_equal(heard, ramp(480) + ramp(480, 1_000))


@pytest.mark.parametrize(("sign", "limit"), [(1, 32_767), (-1, -32_768)])
def test_loud_sound_is_clipped_without_overflow(sign: int, limit: int) -> None:
    room = Room(impulse(1.0), 0)
    loud = np.full(BUFFER_SAMPLES, sign * 30_000, np.int16)
    room.near.start(loud)
    assert np.all(through(room, loud, 1) == limit)


def test_unread_echo_is_bounded() -> None:
    room = Room(impulse(1.0), 0)
    for first in range(0, 3 * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ // 2):
        room.record(np.full(SAMPLE_RATE_HZ // 2, 1 + first // SAMPLE_RATE_HZ, np.int16).tobytes())
    heard = np.frombuffer(room.play(2 * SAMPLE_RATE_HZ), np.int16)
    # The newest second is kept, followed by silence.
    assert np.all(heard[:SAMPLE_RATE_HZ] == 3)
    assert not heard[SAMPLE_RATE_HZ:].any()


def test_microphone_without_a_loudspeaker_hears_nothing() -> None:
    assert not buffers(Room(impulse(1.0), 100).play, 5).any()


# A studio.


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until sound has been recorded, or fail."""
    wait_until(lambda: bool(holds()), "sound is recorded", DEADLINE_S)


@pytest.fixture
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with SoundServer(["one", "other"]) as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield


def now_us() -> int:
    return time.perf_counter_ns() // 1000


@needs_server
@pytest.mark.usefixtures("_server")
def test_sound_played_into_a_sink_is_recorded_only_from_it() -> None:
    with studio() as opened:
        player, one, other = Player(), Recorder(now_us), Recorder(now_us)
        opened.record("one", one.record)
        opened.record("other", other.record)
        opened.play("one", player.play)
        wait_for(lambda: len(one.sound()) > 0 and len(other.sound()) > 0)

        def goes_through() -> bool:
            before = len(one.sound())
            player.start(ramp(24_000))
            wait_for(lambda: len(one.sound()) >= before + 43_200)
            heard = one.sound()[before:]
            return np.array_equal(heard[heard != 0], ramp(24_000))

        # A busy machine may lose a buffer outside of this program, so try again.
        assert any(goes_through() for _ in range(TRIES))
        assert not other.sound().any()


@needs_server
@pytest.mark.usefixtures("_server")
def test_closed_studio_records_nothing() -> None:
    recorder = Recorder(now_us)
    with studio() as opened:
        opened.record("one", recorder.record)
        wait_for(lambda: len(recorder.sound()) > 0)
    # Closing waits for the running callback, then ends the streams.
    at_the_end = len(recorder.sound())
    with studio() as again:
        after = Recorder(now_us)
        again.record("one", after.record)
        wait_for(lambda: len(after.sound()) > BUFFER_SAMPLES)
    assert len(recorder.sound()) == at_the_end


def test_failed_start_of_portaudio_is_a_bench_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: PortAudio) -> None:
        raise SourceError("No sound here", "Plug something in")

    monkeypatch.setattr(PortAudio, "__init__", refuse)
    with pytest.raises(BenchError, match=r"^No sound here\. Plug something in$"), studio():
        pass


def test_sample_keeps_its_time_through_minutes_of_drift() -> None:
    buffers, ppm = 120 * 200, 200
    times = iter(int(n * 5_000 * (1 + ppm / 1e6)) for n in range(1, buffers + 1))
    recorder = Recorder(lambda: next(times))
    for _ in range(buffers):
        recorder.record(bytes(480))
    for second in (10, 60, 110):
        assert abs(recorder.time_us(second * 48_000) - second * (1_000_000 + ppm)) < 3_000
