"""How far a loudspeaker is behind its even pace. Pure: no I/O, no clock.

It takes a block every 10 ms. It takes some late and catches up, which says nothing; but where its
device stood still it never does, and all that time is delay. The truth is the lower edge of what is
seen.
"""

from collections import deque

from media.sound.pcm import BLOCK_SAMPLES, samples_to_us, us_to_samples

EDGE_US = 300_000
"""A take that was not made up for within this was missed."""


class SpeakerLag:
    """Counts takes against the time.

    Args:
        due_us: when the first take is due.
    """

    def __init__(self, due_us: int) -> None:
        self._due_us = due_us
        self._late: deque[tuple[int, int]] = deque()
        """When, and by how much: only what is less than all that came later is kept."""
        self._edge_samples = 0

    @property
    def due_us(self) -> int:
        """When the next take is due, at an even pace."""
        return self._due_us + self._edge_us

    @property
    def _edge_us(self) -> int:
        return self._late[0][1] if self._late else 0

    def note(self, now_us: int, samples: int = BLOCK_SAMPLES) -> int:
        """Note a take; return by how many samples the loudspeaker has fallen further behind."""
        late_us = now_us - self._due_us
        self._due_us += samples_to_us(samples)
        while self._late and self._late[-1][1] >= late_us:
            self._late.pop()
        self._late.append((now_us, late_us))
        while self._late[0][0] < now_us - EDGE_US:
            self._late.popleft()
        before, self._edge_samples = self._edge_samples, us_to_samples(self._edge_us)
        return self._edge_samples - before
