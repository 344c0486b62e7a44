"""Time stretching: when sound is stretched or shortened, and by how much. Pure: no I/O, no clock.

Silence is shortened and lengthened freely. Elsewhere a splice leaves out or repeats 2.5 to 15 ms
where the sound is most periodic. The lower the urgency, the longer the wait for a good splice, but
no wait is endless.
"""

import msgspec

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
from media.sound.pcm import BLOCK_SAMPLES, Samples, us_to_samples
from media.sound.sample_buffer import HISTORY_SAMPLES, SampleBuffer


class Urgency(msgspec.Struct, frozen=True):
    """The speed at which a deviation from the target must shrink.

    Args:
        spacing: the untouched sound after a splice, in lengths of the splice; 3 plays 25 % faster.
        min_likeness: the likeness that the first splice tried must reach.
        patience_blocks: after this many blocks any splice is accepted.
        search_every_blocks: one in this many blocks is searched for a splice.
    """

    spacing: int
    min_likeness: float
    patience_blocks: int
    search_every_blocks: int


_CALM = Urgency(spacing=30, min_likeness=0.95, patience_blocks=1000, search_every_blocks=4)
_BRISK = Urgency(spacing=8, min_likeness=0.85, patience_blocks=30, search_every_blocks=1)
_URGENT = Urgency(spacing=3, min_likeness=0.7, patience_blocks=4, search_every_blocks=1)

_SHORTEN_AT_SAMPLES = us_to_samples(10_000)
"""A smaller excess is left alone: a steady delay is worth more."""
_STRETCH_AT_SAMPLES = us_to_samples(1_000)
_BRISK_SAMPLES = us_to_samples(20_000)
_URGENT_SAMPLES = us_to_samples(60_000)
_MIN_CUT_SAMPLES = us_to_samples(1_000)
"""The shortest cut in silence."""
_URGENT_STRETCH_SAMPLES = us_to_samples(10_000)
_STRETCH_SAMPLES = us_to_samples(5_000)
_SHORTENING_PAUSE_SAMPLES = us_to_samples(1_000_000)
_FAINT_SHARE = 50
"""34 dB below the loudest sound of the last seconds: pauses between words in a room."""
_FAINT_PEAK = 330
"""-40 dBFS; louder sound is never a pause."""
_PEAK_DECAY = 0.98
_MEASURE_EVERY_BLOCKS = 4
"""The peak is measured in every fourth block, and decays by 2 % there: by half in 1.4 s."""


class TimeStretch:
    """Stretches or shortens the next sound of a buffer, at most once a block."""

    def __init__(self) -> None:
        self._untouched = 0
        """Samples still to be played before the next splice."""
        self._waited_blocks = 0
        """Blocks spent waiting for a good splice."""
        self._is_shortening = False
        self._pause_samples = 0
        """Samples still to be played before sound is shortened again, unless that is urgent."""
        self._loudest = 0.0
        self._steps = 0

    def pause_shortening(self) -> None:
        """Do not shorten for a second: after an underrun, more packets may come as late."""
        self._pause_samples = _SHORTENING_PAUSE_SAMPLES

    def step(self, buffer: SampleBuffer, excess: int) -> int:
        """Bring the buffer's level closer to its target, by one splice at most.

        Call before each block is taken; the buffer must hold a block.

        Args:
            excess: samples above the target; negative below it.
        Returns:
            The number of samples added; negative if some were left out.
        """
        self._untouched = max(0, self._untouched - BLOCK_SAMPLES)
        self._pause_samples = max(0, self._pause_samples - BLOCK_SAMPLES)
        self._steps += 1
        if self._steps % _MEASURE_EVERY_BLOCKS == 0:
            self._loudest = max(self._loudest * _PEAK_DECAY, peak(buffer.waiting(BLOCK_SAMPLES)))
        self._is_shortening = excess >= (
            _MIN_CUT_SAMPLES if self._is_shortening else _SHORTEN_AT_SAMPLES
        )
        if self._is_shortening:
            added = -self._shorten(buffer, excess)
        elif excess <= -_STRETCH_AT_SAMPLES:
            added = self._stretch(buffer, -excess)
        else:
            self._waited_blocks = 0
            return 0
        if added:
            self._waited_blocks = 0
        return added

    def _shorten(self, buffer: SampleBuffer, excess: int) -> int:
        is_urgent = excess >= _URGENT_SAMPLES
        if self._pause_samples and not is_urgent:
            return 0
        most = min(excess, buffer.level - BLOCK_SAMPLES)
        if most < _MIN_CUT_SAMPLES:
            return 0
        quiet = silent_run(buffer.waiting(most + FADE_SAMPLES), self._faint) - FADE_SAMPLES
        if quiet >= _MIN_CUT_SAMPLES:
            shorten(buffer, quiet)
            return quiet
        if excess < MIN_LAG_SAMPLES or most < min(excess, MAX_LAG_SAMPLES):
            return 0  # the next packet will offer more splices
        urgency = _URGENT if is_urgent else _BRISK if excess >= _BRISK_SAMPLES else _CALM
        if not self._is_due(urgency):
            return 0
        most = min(most, MAX_LAG_SAMPLES)
        lag = self._find_splice(buffer.waiting(FADE_SAMPLES + most), most, urgency)
        if lag:
            shorten(buffer, lag)
        return lag

    def _stretch(self, buffer: SampleBuffer, missing: int) -> int:
        quiet = min(missing, HISTORY_SAMPLES // 2)
        if peak(buffer.around(quiet, FADE_SAMPLES)) <= self._faint:
            stretch(buffer, quiet)
            return quiet
        urgency = _URGENT if missing >= _URGENT_STRETCH_SAMPLES else _BRISK
        if not self._is_due(urgency):
            return 0
        # At first only little more than is missing; more with each block waited.
        most = max(_STRETCH_SAMPLES, missing) + self._waited_blocks * (MIN_LAG_SAMPLES // 2)
        most = min(most, MAX_LAG_SAMPLES)
        lag = self._find_splice(buffer.around(most, FADE_SAMPLES)[::-1], most, urgency)
        if lag:
            stretch(buffer, lag)
        return lag

    def _find_splice(self, sound: Samples, max_lag: int, urgency: Urgency) -> int:
        """Return the samples to leave out or repeat; 0 if no splice is good enough yet."""
        lag = best_lag(sound, length=FADE_SAMPLES, min_lag=MIN_LAG_SAMPLES, max_lag=max_lag)
        patience_left = 1 - self._waited_blocks / urgency.patience_blocks
        if lag.likeness < urgency.min_likeness * patience_left:
            return 0
        self._untouched = urgency.spacing * lag.samples
        return lag.samples

    @property
    def _faint(self) -> int:
        return max(SILENT_PEAK, min(int(self._loudest) // _FAINT_SHARE, _FAINT_PEAK))

    def _is_due(self, urgency: Urgency) -> bool:
        if self._untouched:
            return False
        self._waited_blocks += 1
        return self._waited_blocks % urgency.search_every_blocks == 0


def shorten(buffer: SampleBuffer, samples: int) -> None:
    """Leave out the next samples, cross-faded into the sound after them."""
    left_out = buffer.waiting(FADE_SAMPLES).copy()
    buffer.cut(samples)
    next_samples = buffer.waiting(FADE_SAMPLES)
    fade = min(len(left_out), len(next_samples))
    buffer.write(cross_fade(left_out[:fade], next_samples[:fade]))


def stretch(buffer: SampleBuffer, samples: int) -> None:
    """Repeat the last samples of the history, cross-faded from the sound after them."""
    next_samples = buffer.waiting(FADE_SAMPLES).copy()
    buffer.go_back(samples)
    repeated = buffer.waiting(len(next_samples))
    buffer.write(cross_fade(next_samples, repeated))
