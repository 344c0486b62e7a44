"""media/sound/microphone.py: blocks out of a ring, and sound that is made in time."""

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
    """Puts buffers of a ramp into a ring, in time."""

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


def test_a_block_carries_when_it_was_heard() -> None:
    ring = RingMicrophone()
    ring.attach(10_000)
    device = Device(ring)
    device.record(40)
    for number in range(20):
        recorded = ring.read(0)
        assert recorded is not None
        assert recorded.captured_us == pytest.approx(1_000_000 - 10_000 + number * BLOCK_US, abs=50)


def test_what_nobody_reads_is_dropped_oldest_first_and_counted() -> None:
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


def test_nobody_knows_before_a_device_was_tried() -> None:
    ring = RingMicrophone()
    assert (ring.is_opening, ring.is_live) == (True, False)
    ring.attach(0)
    assert (ring.is_opening, ring.is_live) == (False, True)
    ring.detach()
    assert (ring.is_opening, ring.is_live) == (False, False)


def test_nothing_of_a_device_that_is_gone_is_read() -> None:
    ring = RingMicrophone()
    ring.attach(0)
    Device(ring).record(10)
    ring.detach()
    Device(ring).record(10)
    assert ring.read(0) is None
    assert ring.backlog_samples == 0


def test_what_was_said_before_the_call_is_forgotten() -> None:
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


def test_a_reader_wakes_when_a_block_is_whole() -> None:
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
    """A clock that stands still, but for the test."""

    def __init__(self) -> None:
        self.now_us = 5_000_000

    def __call__(self) -> int:
        return self.now_us


def count(first_sample: int) -> Samples:
    return np.full(BLOCK_SAMPLES, first_sample // BLOCK_SAMPLES, np.int16)


def test_made_sound_comes_when_it_would_have_been_recorded() -> None:
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


def test_a_reader_that_was_late_is_not_flooded() -> None:
    clock = Clock()
    microphone = PacedMicrophone(count, clock, lambda: 5_000_000)
    clock.now_us += 10 * LATE_US
    numbers = []
    while (recorded := microphone.read(0)) is not None:
        numbers.append(int(recorded.samples[0]))
        assert recorded.captured_us == 5_000_000 + numbers[-1] * BLOCK_US
    assert numbers == [10 * LATE_US // BLOCK_US - 1]


def test_sound_whose_start_is_to_come_waits_for_it() -> None:
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


def test_another_start_begins_anew() -> None:
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


def test_no_microphone_gives_nothing_and_ends_its_wait() -> None:
    microphone = SilentMicrophone()
    assert not microphone.is_live
    assert microphone.read(0) is None
    reader = threading.Thread(target=microphone.read, args=(DEADLINE_S,))
    reader.start()
    microphone.close()
    reader.join(DEADLINE_S / 2)
    assert not reader.is_alive()
