"""Microphones as the microphone thread reads them, in blocks of 10 ms.

a device's callback --> ring --> read            holds 200 ms, then drops the oldest
a tone, a file      -----------> read            paced by this machine's clock
"""

from collections.abc import Callable
from threading import Condition
from typing import Protocol

import msgspec
import numpy as np

from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ, Samples, samples_to_us
from media.sound.sample_clock import SampleClock

RING_SAMPLES = 20 * BLOCK_SAMPLES
SAMPLE_BYTES = 2
BLOCK_BYTES = BLOCK_SAMPLES * SAMPLE_BYTES
LEARN_SAMPLES = 2 * SAMPLE_RATE_HZ
LATENCY_STEP_US = 500
"""A latency that is reported later is approached in steps: times that jump look like lost sound."""
LATE_US = 200_000
"""A reader later than this loses the blocks it missed, as with a device."""


class Recorded(msgspec.Struct, frozen=True):
    """A block, and when its first sample reached the microphone, on this machine's clock."""

    samples: Samples
    captured_us: int


class MicrophoneCounters(msgspec.Struct):
    """Written under the ring's lock.

    Attributes:
        dropped_samples: samples that were not read in time.
    """

    dropped_samples: int = 0


class Microphone(Protocol):
    """A microphone or its replacement. One thread reads; properties are for any thread."""

    @property
    def is_live(self) -> bool:
        """True while blocks arrive."""
        ...

    @property
    def is_opening(self) -> bool:
        """True until a device was opened or given up."""
        ...

    @property
    def backlog_samples(self) -> int:
        """The number of samples recorded but not read."""
        ...

    def read(self, timeout_s: float) -> Recorded | None:
        """Return the next block as soon as it is complete, or None after about the timeout."""
        ...

    def forget(self) -> None:
        """Discard the samples recorded but not read."""
        ...

    def close(self) -> None:
        """End a wait."""
        ...


class RingMicrophone:
    """The ring between a device's callback and the microphone thread."""

    def __init__(self) -> None:
        self.counters = MicrophoneCounters()
        self._condition = Condition()
        self._data = bytearray()
        self._received_samples = 0
        self._clock = SampleClock()
        self._latency_us = 0
        self._is_live = False
        self._is_opening = True
        self._is_closed = False

    def attach(self, latency_us: int) -> None:
        """Start with a device.

        Args:
            latency_us: the age of a sample when the device delivers it.
        """
        with self._condition:
            self._data.clear()
            self._received_samples = 0
            self._clock = SampleClock()
            self._latency_us = latency_us
            self._is_live = True
            self._is_opening = False

    def follow_latency(self, latency_us: int) -> None:
        """Note what the device reports now, a few times a second."""
        with self._condition:
            step_us = latency_us - self._latency_us
            if self._received_samples > LEARN_SAMPLES:
                step_us = max(-LATENCY_STEP_US, min(LATENCY_STEP_US, step_us))
            self._latency_us += step_us

    def detach(self) -> None:
        """Go on without a device."""
        with self._condition:
            self._data.clear()
            self._is_live = self._is_opening = False

    def put(self, data: bytes, now_us: int) -> None:
        """Store recorded sound. Called by the device's callback; only copies."""
        with self._condition:
            if not self._is_live:
                return
            self._data += data
            self._received_samples += len(data) // SAMPLE_BYTES
            surplus = len(self._data) - RING_SAMPLES * SAMPLE_BYTES
            if surplus > 0:
                del self._data[:surplus]
                self.counters.dropped_samples += surplus // SAMPLE_BYTES
            self._clock.note(self._received_samples, now_us)
            if len(self._data) >= BLOCK_BYTES:
                self._condition.notify()

    @property
    def is_live(self) -> bool:
        """True while a device records."""
        return self._is_live

    @property
    def is_opening(self) -> bool:
        """True until a device was opened or given up."""
        return self._is_opening

    @property
    def backlog_samples(self) -> int:
        """The number of samples recorded but not read."""
        return len(self._data) // SAMPLE_BYTES

    def read(self, timeout_s: float) -> Recorded | None:
        """Return the next block as soon as it is complete, or None after about the timeout."""
        with self._condition:
            self._condition.wait_for(lambda: self._has_block() or self._is_closed, timeout_s)
            if not self._has_block():
                return None
            first = self._received_samples - len(self._data) // SAMPLE_BYTES
            captured_us = self._clock.time_us(first) - self._latency_us
            block = bytes(memoryview(self._data)[:BLOCK_BYTES])
            del self._data[:BLOCK_BYTES]
        return Recorded(np.frombuffer(block, np.int16), captured_us)

    def _has_block(self) -> bool:
        return len(self._data) >= BLOCK_BYTES

    def forget(self) -> None:
        """Discard the samples recorded but not read."""
        with self._condition:
            self._data.clear()

    def close(self) -> None:
        """End a wait."""
        self.detach()
        with self._condition:
            self._is_closed = True
            self._condition.notify()


class PacedMicrophone:
    """Generated sound, in real time.

    Args:
        make_block: returns the block that begins at a sample, counted from the start.
        started_us: returns the time of the start, or None before it. A changed time starts again.
    """

    backlog_samples = 0
    is_opening = False

    def __init__(
        self,
        make_block: Callable[[int], Samples],
        now_us: Callable[[], int],
        started_us: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._make_block = make_block
        self._now_us = now_us
        self._started_us = started_us
        self._condition = Condition()
        self._start_us: int | None = None
        self._next = 0
        self._is_closed = False

    @property
    def is_live(self) -> bool:
        """True until it is closed."""
        return not self._is_closed

    def read(self, timeout_s: float) -> Recorded | None:
        """Return the next block as soon as it is complete, or None after about the timeout."""
        start_us = self._started_us()
        if start_us is None:
            self._wait(min(timeout_s, 0.01))
            return None
        if start_us != self._start_us:
            self._start_us, self._next = start_us, 0
        late_us = self._now_us() - start_us - samples_to_us(self._next + BLOCK_SAMPLES)
        if late_us > LATE_US:
            self._next += late_us // BLOCK_US * BLOCK_SAMPLES
            late_us %= BLOCK_US
        if late_us < 0:
            self._wait(min(timeout_s, -late_us / 1e6))
            if self._is_closed or -late_us / 1e6 > timeout_s:
                return None
        captured_us = start_us + samples_to_us(self._next)
        samples = self._make_block(self._next)
        self._next += BLOCK_SAMPLES
        return Recorded(samples, captured_us)

    def _wait(self, duration_s: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._is_closed, duration_s)

    def forget(self) -> None:
        """Do nothing: no samples are stored."""

    def close(self) -> None:
        """End a wait."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()


class SilentMicrophone:
    """No microphone: never returns a block."""

    is_live = False
    is_opening = False
    backlog_samples = 0

    def __init__(self) -> None:
        self._condition = Condition()
        self._is_closed = False

    def read(self, timeout_s: float) -> Recorded | None:
        """Wait for the timeout, and return None."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_closed, timeout_s)
        return None

    def forget(self) -> None:
        """Do nothing: no samples are stored."""

    def close(self) -> None:
        """End a wait."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
