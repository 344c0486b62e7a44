"""media/sound/microphone.py: blocks from a ring, and generated sound in real time."""

import threading

import numpy as np
import pytest

from media.sound.microphone import (
    LATE_US,
    RING_SAMPLES,
    PacedMicrophone,
    RingMicrophone,
    SilentMicrophone,
)
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples

DEADLINE_S = 10.0


def ramp(start: int, samples: int) -> bytes:
    return ((np.arange(start, start + samples) % 30_000).astype(np.int16)).tobytes()


class Device:
    """A device that puts buffers of a ramp into a ring, in real time."""

    def __init__(self, ring: RingMicrophone, buffer_samples: int = 240) -> None:
        self.ring = ring
        self.buffer_samples = buffer_samples
        self.put = 0

    def record(self, buffers: int, late_us: int = 0) -> None:
        for _ in range(buffers):
            data = ramp(self.put, self.buffer_samples)
            self.put += self.buffer_samples
            self.ring.put(data, 1_000_000 + self.put * 1_000_000 // 48_000 + late_us)


@pytest.mark.parametrize("buffer_samples", [64, 240, 480, 1_000])
def test_no_sample_is_lost_or_moved(buffer_samples: int) -> None:
    ring = RingMicrophone()
    ring.attach(0)
    device = Device(ring, buffer_samples)
    got: list[Samples] = []
    for _ in range(50):
        device.record(1)
        while (recorded := ring.read(0)) is not None:
            got.append(recorded.samples)
    sound = np.concatenate(got)
    assert sound.tobytes() == ramp(0, len(sound))
    assert device.put - len(sound) == ring.backlog_samples < BLOCK_SAMPLES


def test_block_carries_its_capture_time() -> None:
    ring = RingMicrophone()
    ring.attach(10_000)
    device = Device(ring)
    device.record(40)
    for number in range(20):
        recorded = ring.read(0)
        assert recorded is not None
        assert recorded.captured_us == pytest.approx(1_000_000 - 10_000 + number * BLOCK_US, abs=50)


def captured_us(ring: RingMicrophone) -> int:
    """Return the capture time of the next block."""
    recorded = ring.read(0)
    assert recorded is not None
    return recorded.captured_us


def test_latency_reported_soon_counts_at_once_and_later_in_small_steps() -> None:
    """Times that jump in a call look like lost sound."""
    ring = RingMicrophone()
    ring.attach(10_000)
    device = Device(ring)
    device.record(2)
    ring.follow_latency(120_000)
    assert captured_us(ring) == pytest.approx(1_000_000 - 120_000, abs=50)
    for _ in range(4):
        device.record(100)
    ring.forget()
    device.record(6)
    first_us = captured_us(ring)
    ring.follow_latency(20_000)
    assert captured_us(ring) == pytest.approx(first_us + BLOCK_US + 500, abs=50)
    for _ in range(199):
        ring.follow_latency(20_000)
    assert captured_us(ring) == pytest.approx(first_us + 2 * BLOCK_US + 100_000, abs=50)


def test_unread_samples_are_dropped_oldest_first_and_counted() -> None:
    ring = RingMicrophone()
    ring.attach(0)
    device = Device(ring)
    device.record(100)
    assert ring.backlog_samples == RING_SAMPLES
    assert ring.counters.dropped_samples == 100 * 240 - RING_SAMPLES
    recorded = ring.read(0)
    assert recorded is not None
    assert recorded.samples.tobytes() == ramp(100 * 240 - RING_SAMPLES, BLOCK_SAMPLES)
    expected_us = 1_000_000 + (100 * 240 - RING_SAMPLES) * 1_000_000 // 48_000
    assert recorded.captured_us == pytest.approx(expected_us, abs=50)


def test_ring_is_opening_until_a_device_is_opened_or_given_up() -> None:
    ring = RingMicrophone()
    assert (ring.is_opening, ring.is_live) == (True, False)
    ring.attach(0)
    assert (ring.is_opening, ring.is_live) == (False, True)
    ring.detach()
    assert (ring.is_opening, ring.is_live) == (False, False)


def test_sound_of_a_lost_device_is_not_read() -> None:
    ring = RingMicrophone()
    ring.attach(0)
    Device(ring).record(10)
    ring.detach()
    Device(ring).record(10)
    assert ring.read(0) is None
    assert ring.backlog_samples == 0


def test_forgotten_sound_is_not_read() -> None:
    ring = RingMicrophone()
    ring.attach(0)
    device = Device(ring)
    device.record(20)
    ring.forget()
    assert ring.read(0) is None
    device.record(2)
    recorded = ring.read(0)
    assert recorded is not None
    assert recorded.samples.tobytes() == ramp(20 * 240, BLOCK_SAMPLES)


def test_reader_wakes_when_a_block_is_complete() -> None:
    ring = RingMicrophone()
    ring.attach(0)
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.append(ring.read(DEADLINE_S)))
    reader.start()
    Device(ring).record(2)
    reader.join(DEADLINE_S)
    assert got
    assert got[0] is not None


def test_closing_ends_a_wait() -> None:
    ring = RingMicrophone()
    ring.attach(0)
    reader = threading.Thread(target=ring.read, args=(DEADLINE_S,))
    reader.start()
    ring.close()
    reader.join(DEADLINE_S / 2)
    assert not reader.is_alive()


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now_us = 5_000_000

    def __call__(self) -> int:
        return self.now_us


def count(first_sample: int) -> Samples:
    return np.full(BLOCK_SAMPLES, first_sample // BLOCK_SAMPLES, np.int16)


def test_generated_sound_is_paced_like_a_device() -> None:
    clock = Clock()
    microphone = PacedMicrophone(count, clock, lambda: 5_000_000)
    assert microphone.read(0) is None
    for number in range(30):
        clock.now_us += BLOCK_US
        recorded = microphone.read(0)
        assert recorded is not None
        assert recorded.samples[0] == number
        assert recorded.captured_us == 5_000_000 + number * BLOCK_US
        assert microphone.read(0) is None


def test_late_reader_skips_missed_blocks() -> None:
    clock = Clock()
    microphone = PacedMicrophone(count, clock, lambda: 5_000_000)
    clock.now_us += 10 * LATE_US
    numbers = []
    while (recorded := microphone.read(0)) is not None:
        numbers.append(int(recorded.samples[0]))
        assert recorded.captured_us == 5_000_000 + numbers[-1] * BLOCK_US
    assert numbers == [10 * LATE_US // BLOCK_US - 1]


def test_generated_sound_waits_for_its_start() -> None:
    clock = Clock()
    start_us: list[int | None] = [None]
    microphone = PacedMicrophone(count, clock, lambda: start_us[0])
    clock.now_us += 1_000_000
    assert microphone.read(0) is None
    start_us[0] = clock.now_us
    clock.now_us += BLOCK_US
    recorded = microphone.read(0)
    assert recorded is not None
    assert recorded.samples[0] == 0


def test_changed_start_restarts_the_sound() -> None:
    clock = Clock()
    start_us = [clock.now_us]
    microphone = PacedMicrophone(count, clock, lambda: start_us[0])
    for _ in range(5):
        clock.now_us += BLOCK_US
        assert microphone.read(0) is not None
    start_us[0] = clock.now_us
    assert microphone.read(0) is None
    clock.now_us += BLOCK_US
    recorded = microphone.read(0)
    assert recorded is not None
    assert recorded.samples[0] == 0
    assert recorded.captured_us == start_us[0]


def test_silent_microphone_returns_nothing_and_can_be_closed() -> None:
    microphone = SilentMicrophone()
    assert not microphone.is_live
    assert microphone.read(0) is None
    reader = threading.Thread(target=microphone.read, args=(DEADLINE_S,))
    reader.start()
    microphone.close()
    reader.join(DEADLINE_S / 2)
    assert not reader.is_alive()
