"""Speaker lag: how far a loudspeaker is behind an even pace. Pure: no I/O, no clock.

A loudspeaker takes a block every 10 ms. A block taken late and caught up with does not count; but
after the device has stalled, it never catches up, and the whole stall is delay. So the lag is the
lowest lateness of the last 0.3 s.
"""

from collections import deque

from media.sound.pcm import BLOCK_SAMPLES, samples_to_us, us_to_samples

EDGE_US = 300_000
"""Lateness that lasts longer than this is lag."""


class SpeakerLag:
    """The lag of one loudspeaker.

    Args:
        due_us: when the first block is due.
    """

    def __init__(self, due_us: int) -> None:
        self._due_us = due_us
        self._late: deque[tuple[int, int]] = deque()
        """Times and lateness; only values below all later ones are kept."""
        self._edge_samples = 0

    @property
    def due_us(self) -> int:
        """The time when the next block is due, at an even pace."""
        return self._due_us + self._edge_us

    @property
    def _edge_us(self) -> int:
        return self._late[0][1] if self._late else 0

    def note(self, now_us: int, samples: int = BLOCK_SAMPLES) -> int:
        """Note that samples were taken; return by how many samples the lag has grown."""
        late_us = now_us - self._due_us
        self._due_us += samples_to_us(samples)
        while self._late and self._late[-1][1] >= late_us:
            self._late.pop()
        self._late.append((now_us, late_us))
        while self._late[0][0] < now_us - EDGE_US:
            self._late.popleft()
        before, self._edge_samples = self._edge_samples, us_to_samples(self._edge_us)
        return self._edge_samples - before
