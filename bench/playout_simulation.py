"""A simulated call's sound: packets that are late as a trace says, and another sound card's clock.

Pure but for measuring what a take costs. No network, no sound card, no waiting.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from media.sound.jitter_buffer import JitterBuffer
from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

SENDER_ZERO_US = 7_000_000_000
SENDER_KEEPS_S = 0.12
"""A sender drops sound that waits longer than 100 ms, a packet of 20 ms at a time."""
PHASE_S = 0.0137
"""Where the loudspeaker's clock stands against the microphone's."""
PTS_NOISE_US = 100
THINK_BLOCKS = 1000

Lateness = Callable[[float], float]
"""How much later than at once a packet goes out that was captured at this second; in seconds."""


class Ear:
    """Listens to blocks as they come, so that an hour needs no memory.

    Args:
        is_keeping: whether it keeps what it heard.
    """

    def __init__(self, *, is_keeping: bool) -> None:
        self.kept: list[Samples] = []
        self.step = 0
        """The largest first difference."""
        self.bend = 0
        """The largest second difference."""
        self._is_keeping = is_keeping
        self._new: list[Samples] = []
        self._before = np.zeros(2, np.int16)
        self._position = 0
        self._crossings: list[int] = []
        """Number, first and last of the samples where the sound rose through zero."""

    @property
    def pitch_hz(self) -> float:
        """The rate at which the sound rose through zero."""
        if not self._crossings:
            return 0.0
        count, first, last = self._crossings
        return (count - 1) / max(1, last - first) * SAMPLE_RATE_HZ

    def hear(self, block: Samples) -> None:
        """Listen to the next block."""
        self._new.append(block)
        if self._is_keeping:
            self.kept.append(block)
        if len(self._new) >= THINK_BLOCKS:
            self.think()

    def think(self) -> None:
        """Judge what was heard since the last time; at the end too."""
        if not self._new:
            return
        heard = np.concatenate([self._before, *self._new])
        step, bend = roughness(heard)
        self.step, self.bend = max(self.step, step), max(self.bend, bend)
        signs = heard >= 0
        rising = np.flatnonzero(~signs[1:-1] & signs[2:]) + self._position
        if len(rising):
            count, first, _ = self._crossings or (0, int(rising[0]), 0)
            self._crossings = [count + len(rising), first, int(rising[-1])]
        self._position += len(heard) - 2
        self._before = heard[-2:]
        self._new.clear()


@dataclass(slots=True)
class Played:
    """What came out of a simulation."""

    playout: JitterBuffer
    ear: Ear
    delays_us: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    waits_us: list[int] = field(default_factory=list)
    """For each block that was sound: from its first sample's capture until it was taken."""
    take_us: float = 0.0
    """Time of one take, on average."""

    @property
    def samples(self) -> Samples:
        """All that was heard, where it was kept."""
        return np.concatenate(self.ear.kept)


def simulate(
    sound: Samples,
    lateness: Lateness,
    *,
    rounds: int = 1,
    packet_samples: int = BLOCK_SAMPLES,
    drift_ppm: float = 0.0,
    take_jitter_s: float = 0.0,
    is_dropping: bool = True,
    is_keeping: bool = True,
) -> Played:
    """Play a sound over a network that is late.

    Args:
        sound: whole packets.
        lateness: packets stay in order, so one late packet holds up those behind it.
        rounds: how often the sound is played, without a pause.
        drift_ppm: how much faster the sender's sound card runs than ours.
        take_jitter_s: the speaker thread is late by up to this, evenly.
        is_dropping: whether the sender drops what waits too long.
        is_keeping: whether all that was heard is returned.
    """
    rng = np.random.default_rng(1)
    sender_hz = SAMPLE_RATE_HZ * (1 + drift_ppm * 1e-6)
    count = rounds * len(sound)
    packets = _packets(count, sender_hz, packet_samples, lateness, is_dropping)
    waiting = next(packets, None)
    playout = JitterBuffer()
    played = Played(playout, Ear(is_keeping=is_keeping))
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
        played.ear.hear(block)
        played.delays_us.append(playout.delay_us)
        played.levels.append(playout.level_samples)
        if (pts_us := playout.playing_pts_us) is not None:
            played.waits_us.append(now_us - (pts_us - SENDER_ZERO_US))
    played.ear.think()
    played.take_us = spent_s / takes * 1e6
    return played


def _packets(
    samples: int, sender_hz: float, packet_samples: int, lateness: Lateness, is_dropping: bool
) -> Iterator[tuple[int, float]]:
    """Yield the first sample and the arrival in seconds of each packet that is sent."""
    last_s = 0.0
    for start in range(0, samples - packet_samples + 1, packet_samples):
        captured_s = (start + packet_samples) / sender_hz
        arrived_s = max(captured_s + lateness(captured_s), last_s)
        if is_dropping and arrived_s - captured_s > SENDER_KEEPS_S:
            continue
        last_s = arrived_s
        yield start, arrived_s


def roughness(samples: Samples) -> tuple[int, int]:
    """Return the largest step and the largest bend: first and second difference."""
    wide: NDArray[np.int64] = samples.astype(np.int64)
    return int(np.abs(np.diff(wide)).max()), int(np.abs(np.diff(wide, 2)).max())


def at_once(captured_s: float) -> float:
    """A wire."""
    return 0.0


def evenly(most_s: float, seed: int = 2) -> Lateness:
    """Each packet late by something up to `most_s`."""
    rng = np.random.default_rng(seed)
    return lambda captured_s: float(rng.random()) * most_s


def exponentially(mean_s: float, most_s: float, seed: int = 3) -> Lateness:
    """Mostly a little, seldom much."""
    rng = np.random.default_rng(seed)
    return lambda captured_s: min(float(rng.exponential(mean_s)), most_s)


def wifi(seed: int = 4) -> Lateness:
    """A few milliseconds, and about once a second the air is taken for 20 to 80."""
    rng = np.random.default_rng(seed)
    state = {"next_s": 1.0, "until_s": 0.0}

    def lateness(captured_s: float) -> float:
        if captured_s >= state["next_s"]:
            state["until_s"] = captured_s + rng.uniform(0.02, 0.08)
            state["next_s"] = captured_s + rng.uniform(0.5, 1.5)
        return max(float(rng.exponential(0.0015)), state["until_s"] - captured_s)

    return lateness


def stall(at_s: float, length_s: float) -> Lateness:
    """Nothing passes for a while."""
    return lambda captured_s: max(0.0, at_s + length_s - captured_s) if captured_s > at_s else 0.0
