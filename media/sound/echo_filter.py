"""Echo filter: the echo path, learnt as a linear filter. Pure: no I/O, no clock.

It subtracts only the echo, and so leaves near speech intact during double talk; WebRTC's canceller
removes more echo, and much of that speech with it.

It is a partitioned frequency-domain Kalman filter, one block per partition. For each partition and
bin it keeps an estimate of the echo path and its variance, so it learns fast at first and hardly
during near speech. It adds no delay.

Sources: Enzner and Vary, Frequency-domain adaptive Kalman filter for acoustic echo control in
hands-free telephones, Signal Processing 86(6), 2006; partitions as in Kuech, Mabande and Enzner,
ICASSP 2014.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from media.sound.pcm import BLOCK_SAMPLES, FULL_SCALE, Samples

PARTITIONS = 40
"""400 ms: buffers of both cards, the room, and the start of a Bluetooth echo."""
BINS = 241
"""Up to 12 kHz, in steps of 50 Hz; little echo lies above."""
QUIET_PEAK = 33
"""-60 dBFS: softer sound has no audible echo, and teaches the filter nothing."""
FORGETTING = 0.9985
"""Per block: half of the estimate is renewed in about 2 s."""
FIRST_VARIANCE = 0.01
"""Of the echo path in one partition and bin, before anything is known; for an echo at -6 dB."""
NOISE_SMOOTHING = 0.5
CONSTRAINED_EVERY = 8
"""Every block, one in this many partitions is made causal again; all of them took twice the time
and gained nothing."""
LEARNT = 0.6
"""Share of the microphone's power that remains once the echo path is learnt."""
WORSE = 1.08
"""The filter adds power instead of removing it: a learnt echo path has changed, so restart. Near
speech adds as much to both powers, at any level: 1.03 was the highest ratio seen during near
speech, 1.09 the lowest after a change."""
DIVERGED = 2.0
"""The same for a path that was never learnt: a headset has none, and near speech looks like one."""
UNSURE_BLOCKS = 20
"""Learning stops for this long after a disturbance, because the old path often returns."""
POWER_SMOOTHING = 0.9
MIN_POWER = 3e-5
"""-45 dBFS; softer sound proves nothing about the echo path."""
TINY = 1e-9
LEAST_VARIANCE = 1e-12
"""Without it, that of bins in which nothing is learnt becomes a denormal number after five minutes,
and the processor needs four times as long for each block."""

Block: TypeAlias = NDArray[np.float32]
Spectrum: TypeAlias = NDArray[np.complex64]
Power: TypeAlias = NDArray[np.float32]


class EchoFilter:
    """The filter between one loudspeaker and one microphone.

    Attributes:
        echo: spectrum of the echo subtracted from the last block, `BINS` bins.
        error: spectrum of the last block after the subtraction.
        expected_power: expected power of the echo that remains in `error`, for each bin.
        restarts: how often the filter has forgotten a learnt path.
    """

    def __init__(self) -> None:
        self._played = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        # Stored twice, so that the partitions, newest first, are one slice for any head.
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
        self._reset_path()

    def _reset_path(self) -> None:
        self._echo_path = np.zeros((PARTITIONS, BINS), np.complex64)
        self._variance = np.full((PARTITIONS, BINS), FIRST_VARIANCE, np.float32)
        self._near_power = self._error_power = 0.0
        self._limit = DIVERGED

    @property
    def is_idle(self) -> bool:
        """True once nothing has been played for so long that no echo is left."""
        return self._silent >= PARTITIONS

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        """Return the microphone's block without the echo.

        Args:
            is_disturbed: True while the pairing of the two blocks may be wrong.
        """
        recorded = (near / FULL_SCALE).astype(np.float32)
        self._add_far(far)
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
        error = recorded - estimate
        self._near_power = _follow(self._near_power, recorded)
        self._error_power = _follow(self._error_power, error)
        self.echo, self.error = _late_spectrum(estimate), _late_spectrum(error)
        self._disturbed = self._disturbed + 1 if is_disturbed else 0
        if not 0 < self._disturbed <= UNSURE_BLOCKS:
            self._learn(far_spectra, far_power)
            self._restart_if_worse()
        scaled: Block = np.rint(error * np.float32(FULL_SCALE))
        return scaled.clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)

    def _add_far(self, far: Samples) -> None:
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
        """Correct the echo path by the error: the Kalman gain's step, in place."""
        step, change = self._step, self._change
        np.multiply(self._variance, far_power, out=step)
        # Half of the window is empty, which halves the power.
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
        process_noise = _power(self._echo_path)
        process_noise += np.float32(LEAST_VARIANCE)
        process_noise *= np.float32(1 - FORGETTING**2)
        self._variance += process_noise
        self._echo_path *= np.float32(FORGETTING)
        self._constrain()

    def _constrain(self) -> None:
        """Make some partitions causal: a filter of one block has an empty second half."""
        rows = slice(self._turn, None, CONSTRAINED_EVERY)
        self._turn = (self._turn + 1) % CONSTRAINED_EVERY
        whole = np.zeros((len(self._echo_path[rows]), BLOCK_SAMPLES + 1), np.complex64)
        whole[:, :BINS] = self._echo_path[rows]
        taps = np.fft.irfft(whole, axis=1)
        taps[:, BLOCK_SAMPLES:] = 0
        self._echo_path[rows] = np.fft.rfft(taps, axis=1)[:, :BINS]

    def _restart_if_worse(self) -> None:
        before = max(self._near_power, MIN_POWER)
        if self._near_power == before and self._error_power < LEARNT * before:
            self._limit = WORSE
        if self._error_power > self._limit * before:
            self.restarts += 1
            self._reset_path()


def _follow(mean: float, block: Block) -> float:
    return POWER_SMOOTHING * mean + (1 - POWER_SMOOTHING) * float(np.dot(block, block)) / len(block)


def _late_spectrum(block: Block) -> Spectrum:
    """Return the spectrum of a block that follows an empty one, like the filter's windows."""
    window = np.zeros(2 * BLOCK_SAMPLES, np.float32)
    window[BLOCK_SAMPLES:] = block
    return _spectrum(window)


def _spectrum(window: Block) -> Spectrum:
    # numpy stays in single precision here, which its type hints do not show.
    return np.fft.rfft(window)[:BINS].astype(np.complex64, copy=False)


def _power(spectrum: Spectrum) -> Power:
    power: Power = spectrum.real**2 + spectrum.imag**2
    return power
