"""The sound of a simulated call: late packets, and the clock of another sound card.

Pure, except that it measures the time of a take. No network, no sound card, no waiting.
"""

import time
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from media.sound.jitter_buffer import JitterBuffer
from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

SENDER_ZERO_US = 7_000_000_000
SENDER_LIMIT_S = 0.12
"""A sender drops sound that has waited for 100 ms, one packet of 20 ms at a time."""
PHASE_S = 0.0137
"""The offset of the loudspeaker's clock from the microphone's."""
PTS_NOISE_US = 100
MEASURE_BLOCKS = 1000

Lateness = Callable[[float], float]
"""Returns by how many seconds a packet captured at a time, in seconds, is late."""


class OutputMeter:
    """Measures blocks as they are played, so that an hour needs no memory.

    Args:
        keeps_blocks: True to store the blocks too.
    """

    def __init__(self, *, keeps_blocks: bool) -> None:
        self.kept: list[Samples] = []
        self.step = 0
        """The largest first difference."""
        self.slope_change = 0
        """The largest second difference."""
        self._keeps_blocks = keeps_blocks
        self._new: list[Samples] = []
        self._before = np.zeros(2, np.int16)
        self._position = 0
        self._crossings: list[int] = []
        """Count, first and last of the samples at which the sound rose through zero."""

    @property
    def pitch_hz(self) -> float:
        """The rate at which the sound rose through zero."""
        if not self._crossings:
            return 0.0
        count, first, last = self._crossings
        return (count - 1) / max(1, last - first) * SAMPLE_RATE_HZ

    def add(self, block: Samples) -> None:
        """Add the next block."""
        self._new.append(block)
        if self._keeps_blocks:
            self.kept.append(block)
        if len(self._new) >= MEASURE_BLOCKS:
            self.measure()

    def measure(self) -> None:
        """Measure the blocks added since the last call. Call at the end too."""
        if not self._new:
            return
        heard = np.concatenate([self._before, *self._new])
        step, slope_change = roughness(heard)
        self.step = max(self.step, step)
        self.slope_change = max(self.slope_change, slope_change)
        signs = heard >= 0
        rising = np.flatnonzero(~signs[1:-1] & signs[2:]) + self._position
        if len(rising):
            count, first, _ = self._crossings or (0, int(rising[0]), 0)
            self._crossings = [count + len(rising), first, int(rising[-1])]
        self._position += len(heard) - 2
        self._before = heard[-2:]
        self._new.clear()


class Played(msgspec.Struct):
    """The result of a simulation."""

    playout: JitterBuffer
    meter: OutputMeter
    delays_us: list[int] = msgspec.field(default_factory=list)
    levels: list[int] = msgspec.field(default_factory=list)
    waits_us: list[int] = msgspec.field(default_factory=list)
    """For each block of sent sound: from the capture of its first sample until it was taken."""
    take_us: float = 0.0
    """The mean processing time of one take."""

    @property
    def samples(self) -> Samples:
        """The sound played, if it was kept."""
        return np.concatenate(self.meter.kept)


def simulate(
    sound: Samples,
    lateness: Lateness,
    *,
    rounds: int = 1,
    packet_samples: int = BLOCK_SAMPLES,
    drift_ppm: float = 0.0,
    take_jitter_s: float = 0.0,
    is_dropping: bool = True,
    keeps_blocks: bool = True,
) -> Played:
    """Play a sound over a network that delays packets.

    Args:
        sound: whole packets.
        lateness: packets stay in order, so a late packet delays the packets behind it.
        rounds: how often the sound is repeated, without a pause.
        drift_ppm: how much faster the sender's sound card runs than ours.
        take_jitter_s: the most by which the speaker thread is late, evenly distributed.
        is_dropping: True if the sender drops packets that wait too long.
        keeps_blocks: True to return the sound too.
    """
    rng = np.random.default_rng(1)
    sender_hz = SAMPLE_RATE_HZ * (1 + drift_ppm * 1e-6)
    count = rounds * len(sound)
    packets = _packets(count, sender_hz, packet_samples, lateness, is_dropping)
    waiting = next(packets, None)
    playout = JitterBuffer()
    played = Played(playout, OutputMeter(keeps_blocks=keeps_blocks))
    takes = int(count / sender_hz / 0.01)
    late_s = take_jitter_s * rng.random(takes)
    spent_s = 0.0
    for number in range(takes):
        now_s = PHASE_S + number * 0.01 + late_s[number]
        now_us = round(now_s * 1e6)
        while waiting is not None and waiting[1] <= now_s:
            start, arrived_s = waiting
            captured_us = SENDER_ZERO_US + start / sender_hz * 1e6 + rng.normal(0, PTS_NOISE_US)
            at = start % len(sound)
            playout.put(sound[at : at + packet_samples], round(captured_us), round(arrived_s * 1e6))
            waiting = next(packets, None)
        began_s = time.perf_counter()
        block = playout.take(now_us)
        spent_s += time.perf_counter() - began_s
        played.meter.add(block)
        played.delays_us.append(playout.delay_us)
        played.levels.append(playout.level_samples)
        if (pts_us := playout.playing_pts_us) is not None:
            played.waits_us.append(now_us - (pts_us - SENDER_ZERO_US))
    played.meter.measure()
    played.take_us = spent_s / takes * 1e6
    return played


def _packets(
    samples: int, sender_hz: float, packet_samples: int, lateness: Lateness, is_dropping: bool
) -> Iterator[tuple[int, float]]:
    """Yield the first sample and the arrival, in seconds, of each packet sent."""
    last_s = 0.0
    for start in range(0, samples - packet_samples + 1, packet_samples):
        captured_s = (start + packet_samples) / sender_hz
        arrived_s = max(captured_s + lateness(captured_s), last_s)
        if is_dropping and arrived_s - captured_s > SENDER_LIMIT_S:
            continue
        last_s = arrived_s
        yield start, arrived_s


def roughness(samples: Samples) -> tuple[int, int]:
    """Return the largest step and the largest change of slope: first and second difference."""
    wide: NDArray[np.int64] = samples.astype(np.int64)
    return int(np.abs(np.diff(wide)).max()), int(np.abs(np.diff(wide, 2)).max())


def at_once(captured_s: float) -> float:
    """Return no lateness, as on a wire."""
    return 0.0


def evenly(most_s: float, seed: int = 2) -> Lateness:
    """Return a lateness evenly distributed up to `most_s`."""
    rng = np.random.default_rng(seed)
    return lambda captured_s: float(rng.random()) * most_s


def exponentially(mean_s: float, most_s: float, seed: int = 3) -> Lateness:
    """Return a lateness that is usually small and seldom large."""
    rng = np.random.default_rng(seed)
    return lambda captured_s: min(float(rng.exponential(mean_s)), most_s)


def wifi(seed: int = 4) -> Lateness:
    """Return a few milliseconds; about once a second, the channel is busy for 20 to 80 ms."""
    rng = np.random.default_rng(seed)
    state = {"next_s": 1.0, "until_s": 0.0}

    def lateness(captured_s: float) -> float:
        if captured_s >= state["next_s"]:
            state["until_s"] = captured_s + rng.uniform(0.02, 0.08)
            state["next_s"] = captured_s + rng.uniform(0.5, 1.5)
        return max(float(rng.exponential(0.0015)), state["until_s"] - captured_s)

    return lateness


def stall(at_s: float, length_s: float) -> Lateness:
    """Return the lateness of a network on which nothing passes for a while."""
    return lambda captured_s: max(0.0, at_s + length_s - captured_s) if captured_s > at_s else 0.0
