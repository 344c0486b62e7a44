"""What waits to be played, with what was played just before it. Pure: no I/O, no clock.

One array, with the next sample to play at `head`. What lies before it is history: concealment
repeats it, and a stretch goes back into it.

    |  ... history, up to HISTORY_SAMPLES  |  waits, `level` samples  |  free  |
                                           head                       tail

A cut or a stretch moves the history along, so that what lies before the head is always what was
heard last.
"""

import numpy as np

from media.sound.pcm import Samples, us_to_samples

HISTORY_SAMPLES = us_to_samples(50_000)
"""Three of the longest lags that are searched, and a little."""

_ROOM_SAMPLES = us_to_samples(1_500_000)
"""Large enough that the array is moved to its beginning about once a second."""


class SampleBuffer:
    """Samples in their order, from the history to the newest.

    `head_position` counts samples since the beginning of the stream; a sample that was put keeps
    its position whatever is cut or stretched before it.
    """

    def __init__(self) -> None:
        self._samples = np.zeros(_ROOM_SAMPLES, np.int16)
        self._head = HISTORY_SAMPLES
        self._tail = HISTORY_SAMPLES
        self._moved = -HISTORY_SAMPLES
        """What is to be added to an index to make it a position."""

    @property
    def level(self) -> int:
        """How many samples wait."""
        return self._tail - self._head

    @property
    def head_position(self) -> int:
        """The position of the next sample to play."""
        return self._head + self._moved

    @property
    def tail_position(self) -> int:
        """The position that the next sample to be appended gets."""
        return self._tail + self._moved

    def history(self, samples: int) -> Samples:
        """Return the samples that were played last, as a view: the newest stands last."""
        return self._samples[self._head - samples : self._head]

    def waiting(self, samples: int) -> Samples:
        """Return the next samples to be played, as a view; fewer when fewer wait."""
        return self._samples[self._head : min(self._head + samples, self._tail)]

    def around(self, before: int, after: int) -> Samples:
        """Return history and what follows in one view."""
        return self._samples[self._head - before : min(self._head + after, self._tail)]

    def newest(self, samples: int) -> Samples:
        """Return the end of all that is there, history and waiting, as a view."""
        return self._samples[self._tail - samples : self._tail]

    def append(self, samples: Samples) -> None:
        """Let samples wait behind all others. At most half a second at a time."""
        if self._tail + len(samples) > len(self._samples):
            self._move()
        self._samples[self._tail : self._tail + len(samples)] = samples
        self._tail += len(samples)

    def take(self, samples: int) -> Samples:
        """Remove and return the next samples; so many must wait."""
        taken = self._samples[self._head : self._head + samples].copy()
        self._head += samples
        return taken

    def cut(self, samples: int) -> None:
        """Leave out the next samples; so many must wait."""
        self._shift_history(samples)

    def go_back(self, samples: int) -> None:
        """Let the last samples of the history wait again; at most HISTORY_SAMPLES // 2.

        What lies before them stays as it was heard, with them in it.
        """
        again = self.history(samples).copy()
        if self._head - samples < HISTORY_SAMPLES:  # no room on the left
            self._move(spare=samples)
        self._shift_history(-samples)
        self.write(again)

    def write(self, samples: Samples) -> None:
        """Replace the beginning of what waits."""
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
        self._moved += shift
