"""Whether somebody speaks at the near end while the loudspeaker plays. Pure: no I/O, no clock.

What the echo filter leaves is near speech if it is well above the echo that can be left in it, and
above the room's noise. The echo that can be left is the largest of three:

    leak        a share of the echo subtracted, the least seen for a while: what is learnt by now
    expected    what the filter itself expects, which is large for sounds not yet heard
    alike       the part that goes with the echo subtracted, which rises when the room changes

And WebRTC's canceller must have left something too: it takes an echo away even where the filter
fails, and never all of near speech.
"""

import numpy as np
from numpy.typing import NDArray

from media.sound.echo_filter import BINS, EchoFilter, Power, Spectrum
from media.sound.pcm import FULL_SCALE, Samples

BAND = slice(4, 160)
"""200 Hz to 8 kHz."""
SMOOTHING = 1 - 1 / 8
"""Means over 80 ms."""
ABOVE_ECHO = 4.0
ABOVE_NOISE = 4.0
LEAK_BIAS = 4.0
"""From the least to what is usual."""
LEAK_FALL = 0.1
LEAK_RISE = 1.002
"""0.9 dB a second."""
NOISE_RISE = 1.005
"""2 dB a second."""
LEFT_BY_WEBRTC = 0.02
"""17 dB: it takes more than that of a mere echo."""
NEEDED_BLOCKS = 2
HOLD_BLOCKS = 20
"""Soft sounds within and after words."""
RELEARN_BLOCKS = 150
"""After the echo's way has changed, until the filter knows the new one."""
AUDIBLE = 1e-9
"""Of the subtracted echo's power: some -90 dBFS."""


class DoubleTalkDetector:
    """The judgement on one microphone."""

    def __init__(self) -> None:
        # Speech has its power below, its sense above.
        weights = np.arange(BINS, dtype=np.float32)[BAND]
        self._weights: Power = weights / weights.sum()
        self._error_power = np.zeros(len(weights), np.float32)
        self._echo_power = np.zeros(len(weights), np.float32)
        self._cross = np.zeros(len(weights), np.complex64)
        self._leak = 1.0
        self._restarts = 0
        self._relearning = 0
        self._noise: float | None = None
        self._kept_by_webrtc = self._kept_by_filter = 0.0
        self._in_row = 0
        self._hold = 0

    def judge(self, filtered: EchoFilter, by_webrtc: Samples, by_filter: Samples) -> bool:
        """Return whether somebody speaks there, or did just now.

        Args:
            filtered: the echo filter after a block.
            by_webrtc: what WebRTC's canceller has left of the sound.
            by_filter: what the filter has left of the same.
        """
        if filtered.restarts != self._restarts:
            self._restarts = filtered.restarts
            self._leak = 1.0
            self._relearning = RELEARN_BLOCKS
            self._hold = 0
        self._relearning = max(0, self._relearning - 1)
        self._smooth(filtered.error[BAND], filtered.echo[BAND])
        error, echo = self._sum(self._error_power), self._sum(self._echo_power)
        # The mean alone would outlast a loud word by a second.
        heard = min(error, self._sum(_power(filtered.error[BAND])))
        if echo > AUDIBLE:
            ratio = error / echo
            if ratio < self._leak:
                self._leak += LEAK_FALL * (ratio - self._leak)
            else:
                self._leak = min(1.0, self._leak * LEAK_RISE)
        floor = max(error, AUDIBLE)
        self._noise = floor if self._noise is None else min(floor, self._noise * NOISE_RISE)
        alike = self._sum(np.abs(self._cross) ** 2 / (self._echo_power + 1e-15))
        expected = self._sum(filtered.expected_power[BAND])
        possible_echo = max(LEAK_BIAS * self._leak * echo, expected, alike)
        self._kept_by_webrtc = _follow(self._kept_by_webrtc, by_webrtc)
        self._kept_by_filter = _follow(self._kept_by_filter, by_filter)
        is_speech = (
            not self._relearning
            and error > ABOVE_ECHO * possible_echo
            and heard > ABOVE_NOISE * self._noise
            and self._kept_by_webrtc > LEFT_BY_WEBRTC * self._kept_by_filter
        )
        self._in_row = self._in_row + 1 if is_speech else 0
        self._hold = HOLD_BLOCKS if self._in_row >= NEEDED_BLOCKS else max(0, self._hold - 1)
        return self._hold > 0

    def _smooth(self, error: Spectrum, echo: Spectrum) -> None:
        # The first block is the first mean: from nothing it would rise, as speech does.
        keep = np.float32(0.0 if self._noise is None else SMOOTHING)
        for mean, new in (
            (self._error_power, _power(error)),
            (self._echo_power, _power(echo)),
            (self._cross, error * np.conj(echo)),
        ):
            mean *= keep
            mean += (1 - keep) * new

    def _sum(self, power: NDArray[np.float32]) -> float:
        return float(np.dot(power, self._weights))


def _power(spectrum: Spectrum) -> Power:
    power: Power = spectrum.real**2 + spectrum.imag**2
    return power


def _follow(mean: float, block: Samples) -> float:
    values = block.astype(np.float32) / np.float32(FULL_SCALE)
    return SMOOTHING * mean + (1 - SMOOTHING) * float(np.dot(values, values)) / len(values)
