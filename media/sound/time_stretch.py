"""When sound is stretched and when shortened, and by how much. Pure: no I/O, no clock.

Silence is cut and drawn out at will. Elsewhere one stretch of 2.5 to 15 ms is left out or said
twice, where the sound repeats itself best; the smaller the haste, the longer a good place is
waited for, but never for ever.
"""

from dataclasses import dataclass

from media.sound.cross_fade import (
    FADE_SAMPLES,
    MAX_LAG_SAMPLES,
    MIN_LAG_SAMPLES,
    SILENT_PEAK,
    best_lag,
    cross_fade,
    peak,
    silent_run,
)
from media.sound.pcm import BLOCK_SAMPLES, us_to_samples
from media.sound.sample_buffer import HISTORY_SAMPLES, SampleBuffer


@dataclass(frozen=True, slots=True)
class Haste:
    """How soon a deviation has to go.

    Args:
        pace: so many times the length of a splice is left alone after it; 3 is 25 % faster.
        likeness: what is good enough at first.
        patience: after so many blocks anything is good enough.
        every: in which of the blocks a place is looked for.
    """

    pace: int
    likeness: float
    patience: int
    every: int


_CALM = Haste(pace=30, likeness=0.95, patience=1000, every=4)
_BRISK = Haste(pace=8, likeness=0.85, patience=30, every=1)
_HURRIED = Haste(pace=3, likeness=0.7, patience=4, every=1)

_SHORTEN_AT_SAMPLES = us_to_samples(10_000)
"""Less too much is left alone: a steady delay is worth more."""
_STRETCH_AT_SAMPLES = us_to_samples(1_000)
_BRISK_SAMPLES = us_to_samples(20_000)
_HURRIED_SAMPLES = us_to_samples(60_000)
_CUT_SAMPLES = us_to_samples(1_000)
"""Less is not cut out of silence either."""
_SHORT_BY_MUCH_SAMPLES = us_to_samples(10_000)
_STRETCH_SAMPLES = us_to_samples(5_000)
_REST_SAMPLES = us_to_samples(1_000_000)
_FAINT_SHARE = 50
"""34 dB below the loudest of the last seconds: the pauses of a voice in a room."""
_FAINT_PEAK = 330
"""-40 dBFS; what is louder is never taken for a pause."""
_FORGET = 0.98
_LISTEN_EVERY = 4
"""In every fourth block the loudest is looked for, and 2 % of it forgotten: half in 1.4 s."""


class TimeStretch:
    """Works on what a buffer is about to play, a block at a time."""

    def __init__(self) -> None:
        self._untouched = 0
        """Samples left to be played before the next splice."""
        self._tried = 0
        """Blocks for which a good place has been waited for."""
        self._is_shortening = False
        self._rest = 0
        """Samples for which sound is shortened only when it is much too late."""
        self._loudest = 0.0
        self._steps = 0

    def rest(self) -> None:
        """Wait for a second whether more comes as late as what has just been missing."""
        self._rest = _REST_SAMPLES

    def step(self, buffer: SampleBuffer, excess: int) -> int:
        """Bring the level nearer to what it should be, by one splice at most.

        Call it before each block is taken; a block must wait.

        Args:
            excess: how many samples too many wait; negative when there are too few.
        Returns:
            How many samples were added; negative when some were left out.
        """
        self._untouched = max(0, self._untouched - BLOCK_SAMPLES)
        self._rest = max(0, self._rest - BLOCK_SAMPLES)
        self._steps += 1
        if self._steps % _LISTEN_EVERY == 0:
            self._loudest = max(self._loudest * _FORGET, peak(buffer.waiting(BLOCK_SAMPLES)))
        self._is_shortening = excess >= (
            _CUT_SAMPLES if self._is_shortening else _SHORTEN_AT_SAMPLES
        )
        if self._is_shortening:
            moved = -self._shorten(buffer, excess)
        elif excess <= -_STRETCH_AT_SAMPLES:
            moved = self._stretch(buffer, -excess)
        else:
            self._tried = 0
            return 0
        if moved:
            self._tried = 0
        return moved

    def _shorten(self, buffer: SampleBuffer, excess: int) -> int:
        is_hurried = excess >= _HURRIED_SAMPLES
        if self._rest and not is_hurried:
            return 0
        most = min(excess, buffer.level - BLOCK_SAMPLES)
        if most < _CUT_SAMPLES:
            return 0
        quiet = silent_run(buffer.waiting(most + FADE_SAMPLES), self._faint) - FADE_SAMPLES
        if quiet >= _CUT_SAMPLES:
            shorten(buffer, quiet)
            return quiet
        if excess < MIN_LAG_SAMPLES or most < min(excess, MAX_LAG_SAMPLES):
            return 0  # after the next packet the choice is larger
        haste = _HURRIED if is_hurried else _BRISK if excess >= _BRISK_SAMPLES else _CALM
        if not self._is_turn(haste):
            return 0
        most = min(most, MAX_LAG_SAMPLES)
        lag = best_lag(
            buffer.waiting(FADE_SAMPLES + most),
            length=FADE_SAMPLES,
            min_lag=MIN_LAG_SAMPLES,
            max_lag=most,
        )
        if not self._is_good(lag.likeness, haste):
            return 0
        shorten(buffer, lag.samples)
        self._untouched = haste.pace * lag.samples
        return lag.samples

    def _stretch(self, buffer: SampleBuffer, missing: int) -> int:
        quiet = min(missing, HISTORY_SAMPLES // 2)
        if peak(buffer.around(quiet, FADE_SAMPLES)) <= self._faint:
            stretch(buffer, quiet)
            return quiet
        haste = _HURRIED if missing >= _SHORT_BY_MUCH_SAMPLES else _BRISK
        if not self._is_turn(haste):
            return 0
        # Not much more than is missing, as long as there is hope.
        most = max(_STRETCH_SAMPLES, missing) + self._tried * (MIN_LAG_SAMPLES // 2)
        most = min(most, MAX_LAG_SAMPLES)
        lag = best_lag(
            buffer.around(most, FADE_SAMPLES)[::-1],
            length=FADE_SAMPLES,
            min_lag=MIN_LAG_SAMPLES,
            max_lag=most,
        )
        if not self._is_good(lag.likeness, haste):
            return 0
        stretch(buffer, lag.samples)
        self._untouched = haste.pace * lag.samples
        return lag.samples

    @property
    def _faint(self) -> int:
        return max(SILENT_PEAK, min(int(self._loudest) // _FAINT_SHARE, _FAINT_PEAK))

    def _is_turn(self, haste: Haste) -> bool:
        if self._untouched:
            return False
        self._tried += 1
        return self._tried % haste.every == 0

    def _is_good(self, likeness: float, haste: Haste) -> bool:
        return likeness >= haste.likeness * (1 - self._tried / haste.patience)


def shorten(buffer: SampleBuffer, samples: int) -> None:
    """Leave out the next samples, with a cross-fade into what follows them."""
    left_out = buffer.waiting(FADE_SAMPLES).copy()
    buffer.cut(samples)
    follows = buffer.waiting(FADE_SAMPLES)
    fade = min(len(left_out), len(follows))
    buffer.write(cross_fade(left_out[:fade], follows[:fade]))


def stretch(buffer: SampleBuffer, samples: int) -> None:
    """Say the last samples of the history again, with a cross-fade out of what follows them."""
    goes_on = buffer.waiting(FADE_SAMPLES).copy()
    buffer.go_back(samples)
    again = buffer.waiting(len(goes_on))
    buffer.write(cross_fade(goes_on, again))
