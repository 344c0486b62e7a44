"""The echo's way through the room, learnt as a linear filter. Pure: no I/O, no clock.

What it subtracts is the echo alone, so it takes nothing from somebody who speaks at the same time:
WebRTC's canceller, which removes more echo, removes a good part of that speech with it.

The filter is a frequency-domain Kalman filter in partitions of a block: for each partition and bin
it keeps the way's estimate and how uncertain that is, so that it learns fast at first and hardly
while the near end speaks. No delay is added.

Sources: Enzner and Vary, Frequency-domain adaptive Kalman filter for acoustic echo control in
hands-free telephones, Signal Processing 86(6), 2006; partitions as in Kuech, Mabande and Enzner,
ICASSP 2014.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from media.sound.pcm import BLOCK_SAMPLES, FULL_SCALE, Samples

PARTITIONS = 40
"""400 ms: buffers of both cards, the room, and Bluetooth's beginning."""
BINS = 241
"""Up to 12 kHz, in steps of 50 Hz; above it loudspeakers and rooms leave little."""
QUIET_PEAK = 33
"""-60 dBFS: what a person plays that soft has no echo, and nothing is learnt from it."""
FORGETTING = 0.9985
"""Of a block: half of the way's estimate is renewed in some 2 s."""
FIRST_VARIANCE = 0.01
"""Of the way in one partition and bin, before anything is known: with the echo at -6 dB."""
NOISE_SMOOTHING = 0.5
CONSTRAINED_EACH = 8
"""One of so many partitions a block is made causal again; all at once cost twice as much and gave
no more."""
LEARNT = 0.6
"""So much of the power is left once the way is known."""
WORSE = 1.08
"""More is left than came: a way that was known has changed, begin anew. Speech at the near end adds
as much to both, at any level: 1.03 was the most seen with it, 1.09 the least after a change."""
DIVERGED = 2.0
"""The same for a way that never was known; a headset has none, and near speech passes for one."""
UNSURE_BLOCKS = 20
"""After a disturbance nothing is learnt for so long: often all is soon as it was."""
POWER_SMOOTHING = 0.9
POWER = 3e-5
"""-45 dBFS; what is softer says nothing."""
TINY = 1e-9

Block: TypeAlias = NDArray[np.float32]
Spectrum: TypeAlias = NDArray[np.complex64]
Power: TypeAlias = NDArray[np.float32]


class EchoFilter:
    """One way from the loudspeaker to the microphone.

    Attributes:
        echo: the spectrum of the echo that was subtracted last, `BINS` bins.
        error: the same of what was left.
        expected_power: what is expected of the echo in `error`, for each bin.
        is_idle: nothing was played for so long that there is no echo.
        restarts: how often it has begun anew.
    """

    def __init__(self) -> None:
        self._played = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        # Twice, so that the partitions, newest first, are one slice at any head.
        self._far = np.zeros((2 * PARTITIONS, BINS), np.complex64)
        self._far_power = np.zeros((2 * PARTITIONS, BINS), np.float32)
        self._silent = PARTITIONS
        self._head = 0
        self._turn = 0
        self._noise_power = np.zeros(BINS, np.float32)
        self._step = np.empty((PARTITIONS, BINS), np.float32)
        self._change = np.empty((PARTITIONS, BINS), np.complex64)
        self.echo: Spectrum = np.zeros(BINS, np.complex64)
        self.error: Spectrum = np.zeros(BINS, np.complex64)
        self.expected_power: Power = np.zeros(BINS, np.float32)
        self._disturbed = 0
        self.restarts = 0
        self._begin()

    def _begin(self) -> None:
        self._echo_path = np.zeros((PARTITIONS, BINS), np.complex64)
        self._variance = np.full((PARTITIONS, BINS), FIRST_VARIANCE, np.float32)
        self._near_power = self._left_power = 0.0
        self._limit = DIVERGED

    @property
    def is_idle(self) -> bool:
        """Whether nothing was played for so long that there is no echo."""
        return self._silent >= PARTITIONS

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        """Return the microphone's block without the echo.

        Args:
            is_disturbed: the two may not belong together for a moment.
        """
        recorded = (near / FULL_SCALE).astype(np.float32)
        self._take_far(far)
        if self.is_idle:
            self.echo, self.error = np.zeros(BINS, np.complex64), _late_spectrum(recorded)
            self.expected_power = np.zeros(BINS, np.float32)
            return near
        newest = slice(self._head, self._head + PARTITIONS)
        far_spectra, far_power = self._far[newest], self._far_power[newest]
        np.multiply(self._echo_path, far_spectra, out=self._change)
        whole = np.zeros(BLOCK_SAMPLES + 1, np.complex64)
        whole[:BINS] = self._change.sum(axis=0)
        estimate = np.fft.irfft(whole)[BLOCK_SAMPLES:].astype(np.float32, copy=False)
        left = recorded - estimate
        self._near_power = _follow(self._near_power, recorded)
        self._left_power = _follow(self._left_power, left)
        self.echo, self.error = _late_spectrum(estimate), _late_spectrum(left)
        self._disturbed = self._disturbed + 1 if is_disturbed else 0
        if not 0 < self._disturbed <= UNSURE_BLOCKS:
            self._learn(far_spectra, far_power)
            self._check()
        scaled: Block = np.rint(left * np.float32(FULL_SCALE))
        return scaled.clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)

    def _take_far(self, far: Samples) -> None:
        self._played[:BLOCK_SAMPLES] = self._played[BLOCK_SAMPLES:]
        np.divide(far, FULL_SCALE, out=self._played[BLOCK_SAMPLES:], casting="unsafe")
        is_quiet = int(far.min()) > -QUIET_PEAK and int(far.max()) < QUIET_PEAK
        self._silent = self._silent + 1 if is_quiet else 0
        self._head = (self._head - 1) % PARTITIONS
        spectrum = _spectrum(self._played)
        power = _power(spectrum)
        for row in (self._head, self._head + PARTITIONS):
            self._far[row] = spectrum
            self._far_power[row] = power

    def _learn(self, far_spectra: Spectrum, far_power: Power) -> None:
        """Correct the way by what is left: the Kalman gain's step, in place."""
        step, change = self._step, self._change
        np.multiply(self._variance, far_power, out=step)
        # Half of the window is empty, and with it half of the power.
        self.expected_power = step.sum(axis=0) * np.float32(0.5)
        self._noise_power *= NOISE_SMOOTHING
        self._noise_power += (1 - NOISE_SMOOTHING) * _power(self.error)
        np.divide(self._variance, self.expected_power + self._noise_power + TINY, out=step)
        np.conjugate(far_spectra, out=change)
        change *= step
        change *= self.error
        self._echo_path += change
        step *= far_power
        step *= np.float32(-0.5)
        step += np.float32(1)
        self._variance *= step
        self._variance *= np.float32(FORGETTING**2)
        self._variance += np.float32(1 - FORGETTING**2) * _power(self._echo_path)
        self._echo_path *= np.float32(FORGETTING)
        self._constrain()

    def _constrain(self) -> None:
        """Make some partitions what a filter of one block can be: their second half is empty."""
        rows = slice(self._turn, None, CONSTRAINED_EACH)
        self._turn = (self._turn + 1) % CONSTRAINED_EACH
        whole = np.zeros((len(self._echo_path[rows]), BLOCK_SAMPLES + 1), np.complex64)
        whole[:, :BINS] = self._echo_path[rows]
        taps = np.fft.irfft(whole, axis=1)
        taps[:, BLOCK_SAMPLES:] = 0
        self._echo_path[rows] = np.fft.rfft(taps, axis=1)[:, :BINS]

    def _check(self) -> None:
        came = max(self._near_power, POWER)
        if self._near_power == came and self._left_power < LEARNT * came:
            self._limit = WORSE
        if self._left_power > self._limit * came:
            self.restarts += 1
            self._begin()


def _follow(mean: float, block: Block) -> float:
    return POWER_SMOOTHING * mean + (1 - POWER_SMOOTHING) * float(np.dot(block, block)) / len(block)


def _late_spectrum(block: Block) -> Spectrum:
    """Return the spectrum of a block after an empty one, as the filter's windows have it."""
    window = np.zeros(2 * BLOCK_SAMPLES, np.float32)
    window[BLOCK_SAMPLES:] = block
    return _spectrum(window)


def _spectrum(window: Block) -> Spectrum:
    # numpy stays in single precision here, which its types do not tell.
    return np.fft.rfft(window)[:BINS].astype(np.complex64, copy=False)


def _power(spectrum: Spectrum) -> Power:
    power: Power = spectrum.real**2 + spectrum.imag**2
    return power
