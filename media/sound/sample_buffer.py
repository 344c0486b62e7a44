"""Sample buffer: sound waiting to be played, and the sound just played. Pure: no I/O, no clock.

One array, with the next sample to play at `head`. The samples before it are history: concealment
repeats them, and stretching plays them again.

    |  ... history, up to HISTORY_SAMPLES  |  waits, `level` samples  |  free  |
                                           head                       tail

A cut or a stretch moves the history along, so that it always holds the sound heard last.
"""

import numpy as np

from media.sound.pcm import Samples, us_to_samples

HISTORY_SAMPLES = us_to_samples(50_000)
"""A little more than three of the longest lags that are searched."""

_ROOM_SAMPLES = us_to_samples(1_500_000)
"""So large that the samples are moved to its beginning only about once a second."""


class SampleBuffer:
    """Samples in order, from the history to the newest.

    Positions count samples since the start of the stream; an appended sample keeps its position
    whatever is cut or stretched before it.
    """

    def __init__(self) -> None:
        self._samples = np.zeros(_ROOM_SAMPLES, np.int16)
        self._head = HISTORY_SAMPLES
        self._tail = HISTORY_SAMPLES
        self._position_offset = -HISTORY_SAMPLES
        """The position of a sample minus its index."""

    @property
    def level(self) -> int:
        """The number of samples waiting."""
        return self._tail - self._head

    @property
    def head_position(self) -> int:
        """The position of the next sample to play."""
        return self._head + self._position_offset

    @property
    def tail_position(self) -> int:
        """The position of the next sample to be appended."""
        return self._tail + self._position_offset

    def history(self, samples: int) -> Samples:
        """Return the samples played last, as a view, the newest last."""
        return self._samples[self._head - samples : self._head]

    def waiting(self, samples: int) -> Samples:
        """Return the next samples to play, as a view; fewer if fewer wait."""
        return self._samples[self._head : min(self._head + samples, self._tail)]

    def around(self, before: int, after: int) -> Samples:
        """Return the end of the history and the next samples, in one view."""
        return self._samples[self._head - before : min(self._head + after, self._tail)]

    def newest(self, samples: int) -> Samples:
        """Return the newest samples, waiting or played, as a view."""
        return self._samples[self._tail - samples : self._tail]

    def append(self, samples: Samples) -> None:
        """Append samples, at most half a second at a time."""
        if self._tail + len(samples) > len(self._samples):
            self._move()
        self._samples[self._tail : self._tail + len(samples)] = samples
        self._tail += len(samples)

    def take(self, samples: int) -> Samples:
        """Remove and return the next samples; at least this many must wait."""
        taken = self._samples[self._head : self._head + samples].copy()
        self._head += samples
        return taken

    def cut(self, samples: int) -> None:
        """Leave out the next samples; at least this many must wait."""
        self._shift_history(samples)

    def go_back(self, samples: int) -> None:
        """Queue the last samples of the history again; at most HISTORY_SAMPLES // 2.

        The history itself stays complete, because these samples have been heard.
        """
        again = self.history(samples).copy()
        if self._head - samples < HISTORY_SAMPLES:  # no room on the left
            self._move(spare=samples)
        self._shift_history(-samples)
        self.write(again)

    def write(self, samples: Samples) -> None:
        """Overwrite the first waiting samples."""
        self._samples[self._head : self._head + len(samples)] = samples

    def _shift_history(self, by: int) -> None:
        old = self._samples[self._head - HISTORY_SAMPLES : self._head].copy()
        self._head += by
        self._samples[self._head - HISTORY_SAMPLES : self._head] = old

    def _move(self, spare: int = 0) -> None:
        begin = self._head - HISTORY_SAMPLES
        kept = self._samples[begin : self._tail].copy()
        self._samples[spare : spare + len(kept)] = kept
        shift = begin - spare
        self._head -= shift
        self._tail -= shift
        self._position_offset += shift
