"""media/sound/speaker.py: the ring is as short as is safe, and underruns do not click."""

import threading

import numpy as np
import pytest

from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples
from media.sound.speaker import (
    CALM_US,
    MAX_FILL_SAMPLES,
    START_FILL_SAMPLES,
    PacedSpeaker,
    RingSpeaker,
)

BUFFER = 240
DEADLINE_S = 10.0


def sine(block: int, hz: float = 300.0) -> Samples:
    at = np.arange(block * BLOCK_SAMPLES, (block + 1) * BLOCK_SAMPLES)
    return (12_000 * np.sin(2 * np.pi * hz * at / 48_000)).astype(np.int16)


class Playing:
    """A ring whose writer and device take turns."""

    def __init__(self) -> None:
        self.now_us = 1_000_000
        self.seen: list[bytes] = []
        self.heard: list[Samples] = []
        self.known_stalls: list[int] = []
        self.ring = RingSpeaker(
            lambda: self.now_us,
            self.seen.append,
            lambda: self.known_stalls.append(self.now_us),
        )
        self.ring.attach(10_000)
        self.blocks = 0

    def write(self) -> int:
        """Write blocks until none is due."""
        written = 0
        while self.ring.wait_room(0):
            self.ring.write(sine(self.blocks))
            self.blocks += 1
            written += 1
        return written

    def play(self, buffers: int = 1) -> None:
        for _ in range(buffers):
            self.heard.append(np.frombuffer(self.ring.pull(BUFFER), np.int16))
            self.now_us += 5_000

    @property
    def sound(self) -> Samples:
        return np.concatenate(self.heard)


def test_written_sound_is_heard_unchanged_after_its_fade_in() -> None:
    playing = Playing()
    for _ in range(100):
        playing.write()
        playing.play()
    written = np.concatenate([sine(n) for n in range(playing.blocks)])
    assert np.array_equal(playing.sound[BUFFER:], written[BUFFER : len(playing.sound)])
    assert playing.ring.counters.missed_samples == 0


def test_far_end_gets_exactly_the_sound_played() -> None:
    playing = Playing()
    for turn in range(60):
        if turn % 9:
            playing.write()
        playing.play(1 + turn % 3)
    assert b"".join(playing.seen) == playing.sound.tobytes()


def test_ring_holds_ten_milliseconds_and_a_block_at_most() -> None:
    playing = Playing()
    for _ in range(50):
        playing.write()
        assert playing.ring.delay_us <= 10_000 + 2 * BLOCK_US
        playing.play()


def test_underrun_does_not_click() -> None:
    playing = Playing()
    for turn in range(200):
        if turn % 20 < 14:  # the writer repeatedly pauses for 30 ms
            playing.write()
        playing.play()
    steps = np.abs(np.diff(playing.sound.astype(int)))
    assert steps.max() < 2.5 * np.abs(np.diff(sine(1).astype(int))).max()
    assert playing.ring.counters.underruns > 0
    assert playing.ring.counters.missed_samples > 0


def test_ring_grows_after_underruns_and_shrinks_after_a_calm() -> None:
    playing = Playing()
    for _ in range(12):
        playing.write()
        playing.play(12)
    playing.write()
    grown_us = playing.ring.delay_us - 10_000
    assert MAX_FILL_SAMPLES <= grown_us * 48 // 1000 <= MAX_FILL_SAMPLES + BLOCK_SAMPLES
    for _ in range(8 * CALM_US // 5_000):
        playing.write()
        playing.play()
    playing.write()
    assert playing.ring.delay_us - 10_000 <= (START_FILL_SAMPLES + BLOCK_SAMPLES) * 1000 // 48


@pytest.mark.parametrize("samples", [240, 480, 720, 960])
def test_device_with_larger_buffers_is_served(samples: int) -> None:
    playing = Playing()
    for _ in range(100):
        playing.write()
        playing.heard.append(np.frombuffer(playing.ring.pull(samples), np.int16))
        playing.now_us += samples * 1000 // 48
    assert (
        playing.ring.counters.missed_samples <= samples
    )  # only in the first buffer, while its size is unknown
    assert playing.ring.counters.underruns <= 1


def test_ring_without_a_writer_plays_silence_and_misses_nothing() -> None:
    playing = Playing()
    playing.play(50)
    assert not playing.sound.any()
    playing.write()
    playing.play(1)
    playing.ring.pause()
    playing.play(50)
    assert playing.ring.counters.missed_samples == 0


def test_late_device_that_catches_up_has_not_stalled() -> None:
    playing = Playing()
    for turn in range(2000):
        playing.write()
        playing.play()
        if turn % 20 == 19:
            playing.now_us -= 15_000
        elif turn % 20 == 9:
            playing.now_us += 15_000
    assert playing.ring.counters.stalls == 0


def test_late_device_that_does_not_catch_up_has_stalled() -> None:
    playing = Playing()
    playing.play(2)  # the device fills its own buffers, which is no stall
    playing.now_us += 10_000
    for turn in range(1, 2001):
        playing.write()
        playing.play()
        if turn % 500 == 0:
            playing.now_us += 5_000
    assert playing.ring.counters.stalls == 3


@pytest.mark.parametrize(
    ("late_us", "is_certain"), [(4_000, False), (9_000, False), (16_000, True)]
)
def test_certain_stall_is_reported_at_once(late_us: int, is_certain: bool) -> None:
    playing = Playing()
    playing.play(1000)
    playing.now_us += late_us
    stalled_us = playing.now_us
    playing.play()
    assert playing.known_stalls == ([stalled_us] if is_certain else [])


def test_drift_is_not_a_stall() -> None:
    playing = Playing()
    for _ in range(20_000):
        playing.write()
        playing.play()
        playing.now_us += 5  # 1000 ppm
    assert playing.ring.counters.stalls == 0


def test_reopened_device_starts_without_stalls() -> None:
    playing = Playing()
    playing.play(1000)
    playing.ring.detach()
    playing.now_us += 5_000_000
    playing.ring.attach(10_000)
    playing.play(1000)
    assert playing.ring.counters.stalls == 0


def test_block_is_due_every_ten_milliseconds_without_a_device() -> None:
    playing = Playing()
    playing.ring.detach()
    for _ in range(20):
        assert playing.write() == 1
        playing.now_us += BLOCK_US
    assert playing.ring.counters.missed_samples == 0


def test_missed_blocks_are_skipped_without_a_device() -> None:
    playing = Playing()
    playing.ring.detach()
    playing.write()
    playing.now_us += 5_000_000
    assert playing.write() == 1


def test_returning_device_plays_new_sound() -> None:
    playing = Playing()
    playing.write()
    playing.play(3)
    playing.ring.detach()
    playing.ring.attach(20_000)
    assert playing.ring.delay_us == 20_000
    playing.heard.clear()
    for _ in range(20):
        playing.write()
        playing.play()
    assert playing.sound[5 * BUFFER :].any()


@pytest.mark.parametrize("is_attached", [True, False])
def test_closing_ends_a_wait(is_attached: bool) -> None:
    playing = Playing()
    if not is_attached:
        playing.ring.detach()
    playing.write()
    waiting = threading.Thread(target=playing.ring.wait_room, args=(DEADLINE_S,))
    waiting.start()
    playing.ring.close()
    waiting.join(DEADLINE_S / 2)
    assert not waiting.is_alive()


def test_new_device_ends_a_wait_for_the_clock() -> None:
    playing = Playing()
    playing.ring.detach()
    playing.write()
    waiting = threading.Thread(target=playing.ring.wait_room, args=(DEADLINE_S,))
    waiting.start()
    playing.ring.attach(0)
    waiting.join(DEADLINE_S / 2)
    assert not waiting.is_alive()


def test_file_takes_a_block_every_ten_milliseconds() -> None:
    now_us = [7_000_000]
    played: list[Samples] = []
    speaker = PacedSpeaker(lambda: now_us[0], played.append)
    for number in range(50):
        assert speaker.wait_room(0)
        speaker.write(sine(number))
        assert not speaker.wait_room(0)
        now_us[0] += BLOCK_US
    assert len(played) == 50
    speaker.close()
    assert not speaker.wait_room(DEADLINE_S)


def test_delay_follows_what_the_device_reports() -> None:
    playing = Playing()
    playing.write()
    before_us = playing.ring.delay_us
    playing.ring.follow_latency(250_000)
    assert playing.ring.delay_us - before_us == 240_000


def test_silence_without_a_device_is_not_missed() -> None:
    """A device may request buffers before it counts as open again."""
    playing = Playing()
    playing.write()
    playing.play(4)
    playing.ring.detach()
    missed = playing.ring.counters.missed_samples
    playing.play(20)
    assert playing.ring.counters.missed_samples == missed
