"""Double-talk detection: near speech while the loudspeaker plays. Pure: no I/O, no clock.

The echo filter's error is near speech if it is well above the echo that may remain in it, and above
the room's noise. The echo that may remain is the largest of three powers:

    leak          a share of the subtracted echo: the lowest ratio seen for a while
    expected      the filter's own estimate, which is high for sounds that it has not heard yet
    correlated    the part correlated with the subtracted echo, which rises when the room changes

WebRTC's canceller must have kept some of the sound too: it removes echo even where the filter
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
"""The usual leak, as a multiple of the lowest."""
LEAK_FALL = 0.1
LEAK_RISE = 1.002
"""0.9 dB a second."""
NOISE_RISE = 1.005
"""2 dB a second."""
KEPT_BY_WEBRTC = 0.02
"""-17 dB: it removes more than that of an echo without speech."""
NEEDED_BLOCKS = 2
HOLD_BLOCKS = 20
"""Bridges soft sounds within and after words."""
RELEARN_BLOCKS = 150
"""From a change of the echo path until the filter has learnt the new one."""
AUDIBLE = 1e-9
"""Power of the subtracted echo, about -90 dBFS; no leak is measured below it."""


class DoubleTalkDetector:
    """The double-talk detector of one microphone."""

    def __init__(self) -> None:
        # Speech has its power at low frequencies, and its intelligibility at high ones.
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
        self._consecutive = 0
        self._hold = 0

    def detect(self, filtered: EchoFilter, by_webrtc: Samples, by_filter: Samples) -> bool:
        """Return whether near speech is heard, or was within the last 200 ms.

        Args:
            filtered: the echo filter, after a block.
            by_webrtc: that block as WebRTC's canceller returns it.
            by_filter: that block as the echo filter returns it.
        """
        if filtered.restarts != self._restarts:
            self._restarts = filtered.restarts
            self._leak = 1.0
            self._relearning = RELEARN_BLOCKS
            self._hold = 0
        self._relearning = max(0, self._relearning - 1)
        self._smooth(filtered.error[BAND], filtered.echo[BAND])
        error, echo = self._sum(self._error_power), self._sum(self._echo_power)
        # The mean alone would stay high for a second after a loud word.
        near = min(error, self._sum(_power(filtered.error[BAND])))
        if echo > AUDIBLE:
            ratio = error / echo
            if ratio < self._leak:
                self._leak += LEAK_FALL * (ratio - self._leak)
            else:
                self._leak = min(1.0, self._leak * LEAK_RISE)
        floor = max(error, AUDIBLE)
        self._noise = floor if self._noise is None else min(floor, self._noise * NOISE_RISE)
        correlated = self._sum(np.abs(self._cross) ** 2 / (self._echo_power + 1e-15))
        expected = self._sum(filtered.expected_power[BAND])
        possible_echo = max(LEAK_BIAS * self._leak * echo, expected, correlated)
        self._kept_by_webrtc = _follow(self._kept_by_webrtc, by_webrtc)
        self._kept_by_filter = _follow(self._kept_by_filter, by_filter)
        is_speech = (
            not self._relearning
            and error > ABOVE_ECHO * possible_echo
            and near > ABOVE_NOISE * self._noise
            and self._kept_by_webrtc > KEPT_BY_WEBRTC * self._kept_by_filter
        )
        self._consecutive = self._consecutive + 1 if is_speech else 0
        self._hold = HOLD_BLOCKS if self._consecutive >= NEEDED_BLOCKS else max(0, self._hold - 1)
        return self._hold > 0

    def _smooth(self, error: Spectrum, echo: Spectrum) -> None:
        # The first block sets the mean: a rise from zero would look like speech.
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
