"""Echo return loss: how far the loudspeaker's echo is attenuated. Pure: no I/O, no clock.

Measured from the microphone's power before and after processing, in segments of 100 ms in which the
far end is heard in the room and nobody speaks there. The result is the median of the last segments,
so that an undetected word changes little.
"""

import math
from collections import deque
from statistics import median

from media.sound.pcm import SILENCE_DBFS

SEGMENT_BLOCKS = 10
SEGMENTS = 50
"""5 s of segments with a measurable echo."""
MIN_SEGMENTS = 5
MAX_AGE_SEGMENTS = 300
"""After 30 s without a measurable echo, the result is unknown again."""
ACTIVE_DBFS = -50.0
"""The far end counts as heard above this level."""
ABOVE_NOISE_DB = 10.0
"""An echo is measurable if it raises the microphone this far above the quiet room."""
NOISE_RISE_DB = 0.2
"""Per segment: 2 dB a second."""
MAX_DB = 60.0


class EchoReturnLoss:
    """The meter of one microphone. Written by one thread; any thread reads `db`."""

    def __init__(self) -> None:
        self.db: float | None = None
        self._found: deque[float] = deque(maxlen=SEGMENTS)
        self._noise_dbfs = 0.0
        self._age_segments = 0
        self._begin_segment()

    def add(
        self, *, near_dbfs: float, cleaned_dbfs: float, far_dbfs: float, is_double_talk: bool
    ) -> None:
        """Add the levels of one block.

        Args:
            near_dbfs: the microphone's level.
            cleaned_dbfs: the level sent.
            far_dbfs: the loudspeaker's level at the same time.
        """
        self._blocks += 1
        self._near += _power(near_dbfs)
        self._cleaned += _power(cleaned_dbfs)
        self._far += _power(far_dbfs)
        self._is_spoiled |= is_double_talk
        if self._blocks == SEGMENT_BLOCKS:
            self._end_segment()

    def forget(self) -> None:
        """Start again, after the microphone was replaced or missing."""
        self.db = None
        self._found.clear()
        self._noise_dbfs = 0.0
        self._begin_segment()

    def _end_segment(self) -> None:
        near_dbfs = _dbfs(self._near / SEGMENT_BLOCKS)
        self._noise_dbfs = min(near_dbfs, self._noise_dbfs + NOISE_RISE_DB)
        has_echo = (
            _dbfs(self._far / SEGMENT_BLOCKS) > ACTIVE_DBFS
            and near_dbfs > self._noise_dbfs + ABOVE_NOISE_DB
        )
        self._age_segments += 1
        if has_echo and not self._is_spoiled:
            loss_db = near_dbfs - _dbfs(self._cleaned / SEGMENT_BLOCKS)
            self._found.append(min(MAX_DB, loss_db))
            self._age_segments = 0
        if self._age_segments >= MAX_AGE_SEGMENTS:
            self._found.clear()
        self.db = median(self._found) if len(self._found) >= MIN_SEGMENTS else None
        self._begin_segment()

    def _begin_segment(self) -> None:
        self._blocks = 0
        self._near = self._cleaned = self._far = 0.0
        self._is_spoiled = False


def _power(dbfs: float) -> float:
    return float(10 ** (dbfs / 10))


def _dbfs(power: float) -> float:
    return max(SILENCE_DBFS, 10 * math.log10(power)) if power > 0 else SILENCE_DBFS
