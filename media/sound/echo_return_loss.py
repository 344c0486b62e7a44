"""By how much the loudspeaker's echo is weakened before it goes back. Pure: no I/O, no clock.

Told from the power of the microphone's sound and of what is left of it, in pieces of 100 ms while
the far end is heard in the room and nobody speaks there. The median of the last pieces, so that a
word that was not noticed changes little.
"""

import math
from collections import deque
from statistics import median

from media.sound.pcm import SILENCE_DBFS

PIECE_BLOCKS = 10
PIECES = 50
"""5 s of what counts."""
LEAST_PIECES = 5
FORGET_PIECES = 300
"""30 s without any, and what was found says nothing any more."""
ACTIVE_DBFS = -50.0
"""The far end is heard from here on."""
ABOVE_NOISE_DB = 10.0
"""So much louder than the quiet room is the microphone with an echo that can be measured."""
NOISE_RISE_DB = 0.2
"""For each piece: 2 dB a second."""
MAX_DB = 60.0


class EchoReturnLoss:
    """The meter of one microphone. Used by one thread; `db` is read by any."""

    def __init__(self) -> None:
        self.db: float | None = None
        self._found: deque[float] = deque(maxlen=PIECES)
        self._noise_dbfs = 0.0
        self._age_pieces = 0
        self._begin_piece()

    def add(
        self, *, near_dbfs: float, cleaned_dbfs: float, far_dbfs: float, is_near_speech: bool
    ) -> None:
        """Take the levels of one block.

        Args:
            near_dbfs: as the microphone gave it.
            cleaned_dbfs: as it is sent.
            far_dbfs: of what was handed to the loudspeaker meanwhile.
        """
        self._blocks += 1
        self._near += _power(near_dbfs)
        self._cleaned += _power(cleaned_dbfs)
        self._far += _power(far_dbfs)
        self._is_spoiled |= is_near_speech
        if self._blocks == PIECE_BLOCKS:
            self._end_piece()

    def forget(self) -> None:
        """Begin anew: a device is another one, or was away."""
        self.db = None
        self._found.clear()
        self._noise_dbfs = 0.0
        self._begin_piece()

    def _end_piece(self) -> None:
        near_dbfs = _dbfs(self._near / PIECE_BLOCKS)
        self._noise_dbfs = min(near_dbfs, self._noise_dbfs + NOISE_RISE_DB)
        has_echo = (
            _dbfs(self._far / PIECE_BLOCKS) > ACTIVE_DBFS
            and near_dbfs > self._noise_dbfs + ABOVE_NOISE_DB
        )
        self._age_pieces += 1
        if has_echo and not self._is_spoiled:
            loss_db = near_dbfs - _dbfs(self._cleaned / PIECE_BLOCKS)
            self._found.append(min(MAX_DB, loss_db))
            self._age_pieces = 0
        if self._age_pieces >= FORGET_PIECES:
            self._found.clear()
        self.db = median(self._found) if len(self._found) >= LEAST_PIECES else None
        self._begin_piece()

    def _begin_piece(self) -> None:
        self._blocks = 0
        self._near = self._cleaned = self._far = 0.0
        self._is_spoiled = False


def _power(dbfs: float) -> float:
    return float(10 ** (dbfs / 10))


def _dbfs(power: float) -> float:
    return max(SILENCE_DBFS, 10 * math.log10(power)) if power > 0 else SILENCE_DBFS
