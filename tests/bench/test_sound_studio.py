"""bench/sound_studio.py: what goes in comes out, when, and with which echo."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from bench.children import BenchError
from bench.sound_server import SoundServer, why_no_server
from bench.sound_studio import Impulse, Player, Recorder, Room, studio
from media.errors import SourceError
from media.sound.device_buffer import BUFFER_SAMPLES
from media.sound.pcm import SAMPLE_RATE_HZ, Samples
from media.sound.portaudio import PortAudio

DEADLINE_S = 30.0
TRIES = 5
START_US = 9_000_000
BUFFER_US = 5_000

needs_server = pytest.mark.skipif(why_no_server() is not None, reason=str(why_no_server()))


def ramp(samples: int, first: int = 1) -> Samples:
    """Return a sound of which each sample is another."""
    return np.arange(first, first + samples).astype(np.int16)


def buffers(player: Callable[[int], bytes], count: int, samples: int = BUFFER_SAMPLES) -> Samples:
    return np.frombuffer(b"".join(player(samples) for _ in range(count)), np.int16)


class Wall:
    """A clock on the wall."""

    def __init__(self) -> None:
        self.now_us = START_US

    def __call__(self) -> int:
        return self.now_us


# Player.


def test_a_player_plays_once_and_then_nothing() -> None:
    player = Player()
    assert not buffers(player.play, 3).any()
    player.start(ramp(600))
    played = buffers(player.play, 4)
    assert np.array_equal(played[:600], ramp(600))
    assert len(played) == 4 * BUFFER_SAMPLES
    assert not played[600:].any()


def test_a_player_that_is_started_again_plays_the_new_sound_from_its_beginning() -> None:
    player = Player()
    player.start(ramp(600))
    buffers(player.play, 1)
    player.start(ramp(600, 5_000))
    assert np.array_equal(buffers(player.play, 3)[:600], ramp(600, 5_000))


# Recorder.


def test_a_recorder_has_all_that_came_in_its_order() -> None:
    recorder = Recorder(Wall())
    assert len(recorder.sound()) == 0
    for first in (1, 241, 481):
        recorder.record(ramp(240, first).tobytes())
    assert np.array_equal(recorder.sound(), ramp(720))


def test_a_sample_has_the_time_at_which_it_came() -> None:
    wall = Wall()
    recorder = Recorder(wall)
    for _ in range(100):
        wall.now_us += BUFFER_US
        recorder.record(bytes(2 * BUFFER_SAMPLES))
    assert recorder.time_us(0) == START_US
    assert recorder.time_us(48 * 250) == START_US + 250_000


def test_a_buffer_that_comes_late_does_not_make_its_samples_late() -> None:
    wall = Wall()
    recorder = Recorder(wall)
    for number in range(100):
        late_us = 12_000 if number % 7 == 3 else 0
        wall.now_us = START_US + (number + 1) * BUFFER_US + late_us
        recorder.record(bytes(2 * BUFFER_SAMPLES))
    assert recorder.time_us(48 * 250) == START_US + 250_000


# Room.


def impulse(*values: float) -> Impulse:
    return np.array(values, np.float32)


def through(room: Room, sound: Samples, count: int) -> Samples:
    """Return what the microphone hears while the loudspeaker plays a sound, buffer by buffer."""
    player = Player()
    player.start(sound)

    def hear(samples: int) -> bytes:
        room.record(player.play(samples))
        return room.play(samples)

    return buffers(hear, count)


def test_the_echo_comes_after_its_delay_at_its_level() -> None:
    heard = through(Room(impulse(0.5), 100), ramp(400) * 2, 4)
    assert not heard[:100].any()
    assert np.array_equal(heard[100:500], ramp(400))
    assert not heard[500:].any()


def test_a_way_longer_than_a_buffer_is_whole_across_buffers() -> None:
    way = np.zeros(1_000, np.float32)
    way[[0, 300, 999]] = 1.0, 0.5, -1.0
    sound = np.random.default_rng(1).integers(-5_000, 5_000, 2_000, np.int16)
    heard = through(Room(way, 0), sound, 16)
    expected = np.convolve(sound.astype(np.float64), way.astype(np.float64))[: len(heard)]
    assert np.abs(heard[: len(expected)] - expected).max() <= 1


def test_who_speaks_in_the_room_is_heard_beside_the_echo() -> None:
    room = Room(impulse(1.0), 0)
    room.near.start(ramp(480, 1_000))
    heard = through(room, ramp(480), 2)
    assert np.array_equal(heard, ramp(480) + ramp(480, 1_000))


@pytest.mark.parametrize(("sign", "limit"), [(1, 32_767), (-1, -32_768)])
def test_what_is_too_loud_is_cut_off_and_not_turned_over(sign: int, limit: int) -> None:
    room = Room(impulse(1.0), 0)
    loud = np.full(BUFFER_SAMPLES, sign * 30_000, np.int16)
    room.near.start(loud)
    assert np.all(through(room, loud, 1) == limit)


def test_a_loudspeaker_that_is_not_heard_fills_no_memory() -> None:
    room = Room(impulse(1.0), 0)
    for first in range(0, 3 * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ // 2):
        room.record(np.full(SAMPLE_RATE_HZ // 2, 1 + first // SAMPLE_RATE_HZ, np.int16).tobytes())
    heard = np.frombuffer(room.play(2 * SAMPLE_RATE_HZ), np.int16)
    # The newest second is left, and silence after it.
    assert np.all(heard[:SAMPLE_RATE_HZ] == 3)
    assert not heard[SAMPLE_RATE_HZ:].any()


def test_a_microphone_without_a_loudspeaker_hears_nothing() -> None:
    assert not buffers(Room(impulse(1.0), 100).play, 5).any()


# A studio.


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until it holds, or fail."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not come to hold"
        time.sleep(0.02)


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
def test_what_is_played_into_a_sink_is_recorded_from_it_and_from_no_other() -> None:
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

        # A machine that stalls for a moment loses a buffer, which is not ours to keep.
        assert any(goes_through() for _ in range(TRIES))
        assert not other.sound().any()


@needs_server
@pytest.mark.usefixtures("_server")
def test_after_its_end_nothing_is_taken_any_more() -> None:
    recorder = Recorder(now_us)
    with studio() as opened:
        opened.record("one", recorder.record)
        wait_for(lambda: len(recorder.sound()) > 0)
    # Closing waits for the callback that runs; the streams are gone.
    at_the_end = len(recorder.sound())
    with studio() as again:
        after = Recorder(now_us)
        again.record("one", after.record)
        wait_for(lambda: len(after.sound()) > BUFFER_SAMPLES)
    assert len(recorder.sound()) == at_the_end


def test_a_portaudio_that_does_not_start_is_a_benchmarks_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: PortAudio) -> None:
        raise SourceError("No sound here", "Plug something in")

    monkeypatch.setattr(PortAudio, "__init__", refuse)
    with pytest.raises(BenchError, match=r"^No sound here\. Plug something in$"), studio():
        pass


def test_in_minutes_of_drift_each_sample_keeps_its_time() -> None:
    buffers, ppm = 120 * 200, 200
    times = iter(int(n * 5_000 * (1 + ppm / 1e6)) for n in range(1, buffers + 1))
    recorder = Recorder(lambda: next(times))
    for _ in range(buffers):
        recorder.record(bytes(480))
    for second in (10, 60, 110):
        assert abs(recorder.time_us(second * 48_000) - second * (1_000_000 + ppm)) < 3_000
