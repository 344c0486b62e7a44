"""Sample clock: the time of each sample, from the arrival of buffers. Pure: no I/O, no clock.

Buffers arrive late and in bursts, never early, so the earliest arrivals tell the true time. The
estimate follows them slowly, because the card's clock drifts against ours, and jumps after a gap.
"""

from collections import deque

from media.sound.pcm import samples_to_us

BUCKET_US = 500_000
BUCKETS = 4
"""The earliest arrival of the last two seconds counts."""
SLEW_PPM = 2_000
"""More than the drift between any two clocks."""
JUMP_US = 60_000
LEARN_US = 2_000_000
"""At first the estimate follows at once, because the first buffers arrive late."""


class SampleClock:
    """Converts the number of a sample to a time on this machine's clock."""

    def __init__(self) -> None:
        self._edges: deque[int] = deque(maxlen=BUCKETS)
        self._bucket_us = 0
        self._noted_us = 0
        self._learnt_us = 0
        self._start_us: float | None = None

    def note(self, samples: int, now_us: int) -> None:
        """Note that `samples` samples in total have arrived by now."""
        start_us = now_us - samples_to_us(samples)
        if not self._edges or now_us - self._bucket_us >= BUCKET_US:
            self._bucket_us = now_us
            self._edges.append(start_us)
        else:
            self._edges[-1] = min(self._edges[-1], start_us)
        edge_us = min(self._edges)
        if self._start_us is None or abs(edge_us - self._start_us) > JUMP_US:
            # Also after a stall of the device: earlier arrivals no longer count.
            self._edges = deque([start_us], maxlen=BUCKETS)
            self._start_us = start_us
            self._learnt_us = now_us + LEARN_US
        elif now_us < self._learnt_us:
            self._start_us = edge_us
        else:
            most_us = max(1.0, (now_us - self._noted_us) * SLEW_PPM / 1e6)
            self._start_us += max(-most_us, min(most_us, edge_us - self._start_us))
        self._noted_us = now_us

    def time_us(self, sample: int) -> int:
        """Return when a sample, counted from 0, arrived from the device."""
        assert self._start_us is not None
        return int(self._start_us) + samples_to_us(sample)
