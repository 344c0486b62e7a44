"""What a person hears with, as the speaker thread feeds it: blocks of 10 ms.

    write --> ring --> a device's callback          as little as is safe: grows when it ran dry
    write --> a file, or nothing                    paced by this machine's clock

Without its device the ring is paced by the clock too and plays nothing, so that a call goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import Protocol

import numpy as np

from media.sound.device_buffer import SPEAKER_BUFFER_SAMPLES
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples, samples_to_us, us_to_samples
from media.sound.speaker_lag import SpeakerLag

SAMPLE_BYTES = 2
STEP_SAMPLES = BLOCK_SAMPLES // 2
START_SAMPLES = SPEAKER_BUFFER_SAMPLES + STEP_SAMPLES
MOST_SAMPLES = 4 * BLOCK_SAMPLES
"""How much the ring holds at least when a device takes from it: a step more than it takes at once,
12.5 ms at first, up to 40."""
GROWTH_SAMPLES = 2 * STEP_SAMPLES
"""After a miss; one that is heard is not to be followed by three more."""
CALM_US = 120_000_000
"""Without a miss for so long, the ring holds less again."""
FADE_SAMPLES = 240
LATE_US = 200_000
STALL_SAMPLES = us_to_samples(3_000)
HELD_BUFFERS = 2
"""What a device still holds when it asks for more."""
SETTLE_US = 2_000_000
"""A device that has just begun fills its buffer, and stands still where it did."""


@dataclass(slots=True)
class SpeakerCounters:
    """Written under the speaker's lock.

    Attributes:
        missed_samples: how many a device wanted that were not there in time.
        misses: how often.
        stalls: how often a device stood still, and played nothing for a moment.
    """

    missed_samples: int = 0
    misses: int = 0
    stalls: int = 0


class Speaker(Protocol):
    """Something that plays. One thread feeds it."""

    counters: SpeakerCounters

    @property
    def delay_us(self) -> int:
        """How long the next sample written takes until it is heard."""
        ...

    def wait_room(self, timeout_s: float) -> bool:
        """Block until a block is wanted; False after about the time."""
        ...

    def write(self, samples: Samples) -> None:
        """Play a block."""
        ...

    def rest(self) -> None:
        """Nothing more is written for now."""
        ...

    def close(self) -> None:
        """Let a wait end."""
        ...


class Pacer:
    """Wants a block every 10 ms of this machine's clock. Used under its owner's lock."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._due_us: int | None = None

    def wait_us(self) -> int:
        """Return how long it is until the next block is wanted."""
        now_us = self._now_us()
        if self._due_us is None or now_us - self._due_us > LATE_US:
            self._due_us = now_us
        return max(0, self._due_us - now_us)

    def take(self) -> None:
        """Note that the block was given."""
        if self._due_us is not None:
            self._due_us += BLOCK_US


class RingSpeaker:
    """The ring between the speaker thread and a device's callback.

    Args:
        on_played: given each buffer as it goes to the device, by the device's callback.
        on_stall: called by the same once the device cannot but have stood still.
    """

    def __init__(
        self,
        now_us: Callable[[], int],
        on_played: Callable[[bytes], None],
        on_stall: Callable[[], None],
    ) -> None:
        self.counters = SpeakerCounters()
        self._now_us = now_us
        self._on_played = on_played
        self._on_stall = on_stall
        self._condition = Condition()
        self._pacer = Pacer(now_us)
        self._data = bytearray()
        self._least = self._wanted = START_SAMPLES
        self._missed_us = 0
        self._latency_us = 0
        self._last_sample = 0
        self._takes: SpeakerLag | None = None
        self._settled_us = 0
        self._is_attached = False
        self._is_fed = False
        self._is_dry = True
        self._is_closed = False

    def attach(self, latency_us: int) -> None:
        """Begin with a device.

        Args:
            latency_us: how long it takes to play what it took.
        """
        with self._condition:
            self._data.clear()
            self._latency_us = latency_us
            self._last_sample = 0
            self._takes = None
            self._least = START_SAMPLES
            self._is_dry = True
            self._is_attached = True
            self._is_fed = False
            self._condition.notify()

    def detach(self) -> None:
        """The device is gone."""
        with self._condition:
            self._data.clear()
            self._is_attached = False
            self._pacer = Pacer(self._now_us)
            self._condition.notify()

    def pull(self, samples: int) -> bytes:
        """Return what the device plays next. Called by its callback; only copies."""
        wanted_bytes = samples * SAMPLE_BYTES
        with self._condition:
            self._watch(samples)
            if samples + STEP_SAMPLES > self._least:
                self._least = samples + STEP_SAMPLES
                self._wanted = max(self._wanted, self._least)
            if len(self._data) >= wanted_bytes and not self._is_dry:
                played = bytes(memoryview(self._data)[:wanted_bytes])
                del self._data[:wanted_bytes]
            else:
                played = self._play_scant(samples)
            self._last_sample = int.from_bytes(played[-SAMPLE_BYTES:], "little", signed=True)
            if len(self._data) < self._wanted * SAMPLE_BYTES:
                self._condition.notify()
        self._on_played(played)
        return played

    def _watch(self, samples: int) -> None:
        """Count a stall: the device stood still: its own buffer ran dry."""
        now_us = self._now_us()
        if self._takes is None:
            self._takes = SpeakerLag(now_us)
            self._settled_us = now_us + SETTLE_US
        if now_us - self._takes.due_us > HELD_BUFFERS * samples_to_us(samples):
            self._on_stall()
        behind = self._takes.note(now_us, samples)
        if behind >= STALL_SAMPLES and now_us > self._settled_us:
            self.counters.stalls += 1

    def _play_scant(self, samples: int) -> bytes:
        """Return what is played at the edges of sound: without a click."""
        if self._is_dry and len(self._data) >= self._wanted * SAMPLE_BYTES:
            self._is_dry = False
            played = np.frombuffer(bytes(self._data[: samples * SAMPLE_BYTES]), "<i2").copy()
            del self._data[: samples * SAMPLE_BYTES]
            edge = min(FADE_SAMPLES, len(played))
            played[:edge] = played[:edge] * np.linspace(0, 1, edge, dtype=np.float32)
            return played.tobytes()
        if self._is_fed:
            missing = samples if self._is_dry else samples - len(self._data) // SAMPLE_BYTES
            self.counters.missed_samples += missing
            if not self._is_dry:
                self.counters.misses += 1
                self._missed_us = self._now_us()
                self._wanted = min(MOST_SAMPLES, self._wanted + GROWTH_SAMPLES)
        if self._is_dry:
            return bytes(samples * SAMPLE_BYTES)
        self._is_dry = True
        left = np.frombuffer(bytes(self._data), "<i2")
        self._data.clear()
        played = np.full(samples, left[-1] if len(left) else self._last_sample, "<i2")
        played[: len(left)] = left
        return (played * np.linspace(1, 0, samples, dtype=np.float32)).astype("<i2").tobytes()

    @property
    def delay_us(self) -> int:
        """How long the next sample written takes until it is heard."""
        return samples_to_us(len(self._data) // SAMPLE_BYTES) + self._latency_us

    def wait_room(self, timeout_s: float) -> bool:
        """Block until a block is wanted; False after about the time."""
        with self._condition:
            if self._is_attached:
                return self._condition.wait_for(self._has_room, timeout_s) and not self._is_closed
            wait_s = self._pacer.wait_us() / 1e6
            if wait_s > 0:
                self._condition.wait_for(
                    lambda: self._is_closed or self._is_attached, min(wait_s, timeout_s)
                )
            return wait_s <= timeout_s and not (self._is_closed or self._is_attached)

    def _has_room(self) -> bool:
        return (
            len(self._data) < self._wanted * SAMPLE_BYTES
            or self._is_closed
            or not self._is_attached
        )

    def write(self, samples: Samples) -> None:
        """Play a block."""
        data = samples.astype("<i2", copy=False).tobytes()
        with self._condition:
            if not self._is_attached:
                self._pacer.take()
                return
            self._data += data
            self._is_fed = True
            if self._wanted > self._least:
                now_us = self._now_us()
                if now_us - self._missed_us > CALM_US:
                    self._missed_us = now_us
                    self._wanted -= STEP_SAMPLES

    def rest(self) -> None:
        """Nothing more is written for now: running dry is no miss."""
        with self._condition:
            self._is_fed = False

    def close(self) -> None:
        """Let a wait end."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()


class PacedSpeaker:
    """Takes sound in real time.

    Args:
        play: given each block, by the speaker thread.
    """

    delay_us = 0

    def __init__(self, now_us: Callable[[], int], play: Callable[[Samples], None]) -> None:
        self.counters = SpeakerCounters()
        self._play = play
        self._condition = Condition()
        self._pacer = Pacer(now_us)
        self._is_closed = False

    def wait_room(self, timeout_s: float) -> bool:
        """Block until a block is wanted; False after about the time."""
        with self._condition:
            wait_s = self._pacer.wait_us() / 1e6
            if wait_s > 0:
                self._condition.wait_for(lambda: self._is_closed, min(wait_s, timeout_s))
            return wait_s <= timeout_s and not self._is_closed

    def write(self, samples: Samples) -> None:
        """Play a block."""
        with self._condition:
            self._pacer.take()
        self._play(samples)

    def rest(self) -> None:
        """Nothing more is written for now."""

    def close(self) -> None:
        """Let a wait end."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
