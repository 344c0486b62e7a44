"""Loudspeakers as the speaker thread writes to them, in blocks of 10 ms.

    write --> ring --> a device's callback          as short as is safe: grows after an underrun
    write --> a file, or nothing                    paced by this machine's clock

Without a device the ring is paced by the clock too and plays nothing, so that a call goes on.
"""

from collections.abc import Callable
from threading import Condition
from typing import Protocol

import msgspec
import numpy as np

from media.sound.device_buffer import SPEAKER_BUFFER_SAMPLES
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples, samples_to_us, us_to_samples
from media.sound.speaker_lag import SpeakerLag

SAMPLE_BYTES = 2
STEP_SAMPLES = BLOCK_SAMPLES // 2
START_FILL_SAMPLES = SPEAKER_BUFFER_SAMPLES + STEP_SAMPLES
MAX_FILL_SAMPLES = 4 * BLOCK_SAMPLES
"""Limits of the ring's target fill: one step more than a device takes at once, 12.5 ms at first, up
to 40 ms."""
GROWTH_SAMPLES = 2 * STEP_SAMPLES
"""Growth of the target after an underrun, so that one audible gap is not followed by three more."""
CALM_US = 120_000_000
"""After this long without an underrun, the target shrinks by a step."""
FADE_SAMPLES = 240
LATE_US = 200_000
STALL_SAMPLES = us_to_samples(3_000)
HELD_BUFFERS = 2
"""Buffers that a device still holds when it requests the next one."""
SETTLE_US = 2_000_000
"""A device that has just started fills its own buffers, which looks like stalls."""


class SpeakerCounters(msgspec.Struct):
    """Written under the speaker's lock.

    Attributes:
        missed_samples: samples that a device requested and the ring did not hold.
        underruns: how often the ring ran dry.
        stalls: how often a device stalled, and played nothing for a moment.
    """

    missed_samples: int = 0
    underruns: int = 0
    stalls: int = 0


class Speaker(Protocol):
    """A loudspeaker or its replacement. One thread writes."""

    @property
    def needs_silence(self) -> bool:
        """True if silence has to be written too, as into a file."""
        ...

    @property
    def counters(self) -> SpeakerCounters:
        """The counters since it was made."""
        ...

    @property
    def delay_us(self) -> int:
        """The time from writing a sample until it is heard."""
        ...

    def wait_room(self, timeout_s: float) -> bool:
        """Wait until the next block may be written; return False after about the timeout."""
        ...

    def write(self, samples: Samples) -> None:
        """Play a block."""
        ...

    def pause(self) -> None:
        """Expect no more blocks for now."""
        ...

    def close(self) -> None:
        """End a wait."""
        ...


class Pacer:
    """Requests a block every 10 ms of this machine's clock. Used under its owner's lock."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._due_us: int | None = None

    def wait_us(self) -> int:
        """Return the time until the next block is due."""
        now_us = self._now_us()
        if self._due_us is None or now_us - self._due_us > LATE_US:
            self._due_us = now_us
        return max(0, self._due_us - now_us)

    def note_block(self) -> None:
        """Note that the due block was written."""
        if self._due_us is not None:
            self._due_us += BLOCK_US


class RingSpeaker:
    """The ring between the speaker thread and a device's callback.

    Args:
        on_played: called with each buffer as it goes to the device, in the device's callback.
        on_stall: called in the same callback once the device must have stalled.
    """

    needs_silence = False

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
        self._min_fill = self._target_fill = START_FILL_SAMPLES
        self._last_underrun_us = 0
        self._latency_us = 0
        self._last_sample = 0
        self._lag: SpeakerLag | None = None
        self._settled_us = 0
        self._is_attached = False
        self._is_fed = False
        self._is_dry = True
        self._is_closed = False

    def attach(self, latency_us: int) -> None:
        """Start with a device.

        Args:
            latency_us: the time from the callback until its sound is heard.
        """
        with self._condition:
            self._data.clear()
            self._latency_us = latency_us
            self._last_sample = 0
            self._lag = None
            self._min_fill = START_FILL_SAMPLES
            self._is_dry = True
            self._is_attached = True
            self._is_fed = False
            self._condition.notify()

    def follow_latency(self, latency_us: int) -> None:
        """Store what the device reports now."""
        with self._condition:
            self._latency_us = latency_us

    def detach(self) -> None:
        """Go on without a device."""
        with self._condition:
            self._data.clear()
            self._is_attached = self._is_fed = False
            self._pacer = Pacer(self._now_us)
            self._condition.notify()

    def pull(self, samples: int) -> bytes:
        """Return the next sound for the device. Called by its callback; only copies."""
        requested_bytes = samples * SAMPLE_BYTES
        with self._condition:
            self._note_stalls(samples)
            if samples + STEP_SAMPLES > self._min_fill:
                self._min_fill = samples + STEP_SAMPLES
                self._target_fill = max(self._target_fill, self._min_fill)
            if len(self._data) >= requested_bytes and not self._is_dry:
                played = bytes(memoryview(self._data)[:requested_bytes])
                del self._data[:requested_bytes]
            else:
                played = self._play_edge(samples)
            self._last_sample = int.from_bytes(played[-SAMPLE_BYTES:], "little", signed=True)
            if len(self._data) < self._target_fill * SAMPLE_BYTES:
                self._condition.notify()
        self._on_played(played)
        return played

    def _note_stalls(self, samples: int) -> None:
        """Count and report stalls: moments when the device's own buffer ran dry."""
        now_us = self._now_us()
        if self._lag is None:
            self._lag = SpeakerLag(now_us)
            self._settled_us = now_us + SETTLE_US
        if now_us - self._lag.due_us > HELD_BUFFERS * samples_to_us(samples):
            self._on_stall()
        behind = self._lag.note(now_us, samples)
        if behind >= STALL_SAMPLES and now_us > self._settled_us:
            self.counters.stalls += 1

    def _play_edge(self, samples: int) -> bytes:
        """Return the sound at the start or end of playing, faded so that it does not click."""
        if self._is_dry and len(self._data) >= self._target_fill * SAMPLE_BYTES:
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
                self.counters.underruns += 1
                self._last_underrun_us = self._now_us()
                self._target_fill = min(MAX_FILL_SAMPLES, self._target_fill + GROWTH_SAMPLES)
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
        """The time from writing a sample until it is heard."""
        return samples_to_us(len(self._data) // SAMPLE_BYTES) + self._latency_us

    def wait_room(self, timeout_s: float) -> bool:
        """Wait until the next block may be written; return False after about the timeout."""
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
            len(self._data) < self._target_fill * SAMPLE_BYTES
            or self._is_closed
            or not self._is_attached
        )

    def write(self, samples: Samples) -> None:
        """Play a block."""
        data = samples.astype("<i2", copy=False).tobytes()
        with self._condition:
            if not self._is_attached:
                self._pacer.note_block()
                return
            self._data += data
            self._is_fed = True
            if self._target_fill > self._min_fill:
                now_us = self._now_us()
                if now_us - self._last_underrun_us > CALM_US:
                    self._last_underrun_us = now_us
                    self._target_fill -= STEP_SAMPLES

    def pause(self) -> None:
        """Expect no more blocks for now: an empty ring is no underrun."""
        with self._condition:
            self._is_fed = False

    def close(self) -> None:
        """End a wait."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()


class PacedSpeaker:
    """Passes sound on in real time.

    Args:
        play: called with each block, in the speaker thread.
        needs_silence: whether silence has to be written too.
    """

    delay_us = 0

    def __init__(
        self,
        now_us: Callable[[], int],
        play: Callable[[Samples], None],
        *,
        needs_silence: bool = True,
    ) -> None:
        self.counters = SpeakerCounters()
        self.needs_silence = needs_silence
        self._play = play
        self._condition = Condition()
        self._pacer = Pacer(now_us)
        self._is_closed = False

    def wait_room(self, timeout_s: float) -> bool:
        """Wait until the next block may be written; return False after about the timeout."""
        with self._condition:
            wait_s = self._pacer.wait_us() / 1e6
            if wait_s > 0:
                self._condition.wait_for(lambda: self._is_closed, min(wait_s, timeout_s))
            return wait_s <= timeout_s and not self._is_closed

    def write(self, samples: Samples) -> None:
        """Play a block."""
        with self._condition:
            self._pacer.note_block()
        self._play(samples)

    def pause(self) -> None:
        """Expect no more blocks for now."""

    def close(self) -> None:
        """End a wait."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
