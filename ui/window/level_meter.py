"""Level meter: how many steps of the bar of our own level are lit. Pure: no I/O, no clock.

It rises at once and falls slowly, so that words are seen and not each of their waves. It is read
`POLLS_PER_S` times a second; only a step that an eye can tell is worth a repaint.
"""

LOWEST_DBFS = -60.0
"""The left end: a quiet room. Speech at a headset lies between -40 and -10."""
LOUD_DBFS = -9.0
"""Above this a microphone is close to clipping: the peaks of a voice lie 12 dB and more above the
level that a meter shows."""
STEPS = 30
"""2 dB each."""
POLLS_PER_S = 15
FALL_DB_PER_S = 40.0
"""The fastest fall that still shows the loudest syllable: 1.5 s from top to bottom."""


class LevelMeter:
    """The number of lit steps, of `STEPS`; None without a level."""

    def __init__(self) -> None:
        self._dbfs: float | None = None
        self._lit: int | None = None

    @property
    def lit(self) -> int | None:
        """The number of lit steps."""
        return self._lit

    def take(self, level_dbfs: float | None) -> bool:
        """Follow the newest level; return whether the bar has changed."""
        former = self._lit
        if level_dbfs is None:
            self._dbfs = self._lit = None
        else:
            fallen = LOWEST_DBFS if self._dbfs is None else self._dbfs - FALL_DB_PER_S / POLLS_PER_S
            self._dbfs = min(max(level_dbfs, fallen, LOWEST_DBFS), 0.0)
            self._lit = steps_at(self._dbfs)
        return self._lit != former


def steps_at(level_dbfs: float) -> int:
    """Return how many steps a level lights."""
    share = (level_dbfs - LOWEST_DBFS) / -LOWEST_DBFS
    return round(min(max(share, 0.0), 1.0) * STEPS)
