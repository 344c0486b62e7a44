"""Takes echo and noise from the microphone's sound and evens its level. The microphone thread.

             +-> WebRTC's canceller, told what is played --+
    near ----|                                             +--> noise --> level -->
             +-> echo filter --> the same, told nothing ---+

WebRTC's echo canceller takes nearly all of the echo, and with it much of somebody who speaks at the
same time; the echo filter leaves the speech as it is, and some of the echo. While somebody speaks
the second way is heard, and the echo that it leaves is far below the speech; else the first. Both
pass through the canceller, so that they have the same delay and phase.
"""

from collections.abc import Callable
from types import ModuleType

import numpy as np

from core.program import SETUP_STEP
from media.errors import SourceError
from media.sound.double_talk import DoubleTalkDetector
from media.sound.echo_filter import EchoFilter
from media.sound.pcm import (
    BLOCK_SAMPLES,
    FULL_SCALE,
    SAMPLE_RATE_HZ,
    Samples,
    samples_to_us,
    silence,
)

NOISE_LEVEL = 1
"""Of 0 to 3; 12 dB at most. With more, speech in little noise is understood less."""
DITHER = 1
"""In steps of 16 bits. In a room without any noise the suppressor would take vowels for it."""
MAX_GAIN_DB = 12.0
HEADROOM_DB = 10.0
"""Speech is brought to -22 dBFS or so, what is louder is left as it is."""
FADE_PER_BLOCK = 0.25
"""From speech back to silence in 40 ms; the other way in 10."""

JUMP_GAIN = 0.1
"""Where the echo jumps, WebRTC's canceller lets it through for half a second, as loud as speech."""

WARM_BLOCKS = 3
"""After a rest the second way still gives what it held before."""

ECHO_DELAY_SAMPLES = 431
NOISE_DELAY_SAMPLES = 335
HIGH_PASS_DELAY_SAMPLES = 47
"""How much later the sound comes out of each; measured on speech."""

Stage = Callable[[Samples], Samples]


class VoiceProcessor:
    """WebRTC's audio processing, with an echo filter beside it. Used by one thread.

    Raises:
        SourceError: it is not installed.
    """

    def __init__(
        self, *, echo_cancellation: bool, noise_suppression: bool, gain_control: bool
    ) -> None:
        self._echo = _EchoCanceller() if echo_cancellation else None
        self._stages: list[Stage] = []
        delay_samples = ECHO_DELAY_SAMPLES if echo_cancellation else 0
        if not echo_cancellation and (noise_suppression or gain_control):
            self._stages.append(_make_high_pass())
            delay_samples += HIGH_PASS_DELAY_SAMPLES
        if noise_suppression:
            self._stages.append(_make_noise_suppressor())
            delay_samples += NOISE_DELAY_SAMPLES
        if gain_control:
            self._stages.append(_make_gain_control())
        self._delay_us = samples_to_us(delay_samples)

    @property
    def delay_us(self) -> int:
        """How much later than it went in the sound comes out."""
        return self._delay_us

    @property
    def is_near_speech(self) -> bool | None:
        """Whether somebody speaks there, or did just now; None where no echo is cancelled."""
        return None if self._echo is None else self._echo.is_near_speech

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        """Return a block of the microphone's sound, cleaned up.

        Args:
            far: the block that was handed to the loudspeaker meanwhile, or silence.
            is_disturbed: the echo may just have jumped.
        Raises:
            ValueError: one of them is not a block; the library would take it for one.
        """
        if near.shape != (BLOCK_SAMPLES,) or far.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"{near.shape} and {far.shape} samples instead of {BLOCK_SAMPLES}")
        samples = near if self._echo is None else self._echo.process(near, far, is_disturbed)
        for stage in self._stages:
            samples = stage(samples)
        return samples


class _EchoCanceller:
    """Both ways of the echo, and the fader between them."""

    def __init__(self) -> None:
        self._told = _make_canceller()
        self._untold = _make_canceller()
        self._filter = EchoFilter()
        self._speech = DoubleTalkDetector()
        self._share = 0.0
        self._gain = 1.0
        self._warm_blocks = 0
        self.is_near_speech = False

    def process(self, near: Samples, far: Samples, is_disturbed: bool) -> Samples:
        """Return a block of the microphone's sound without the echo."""
        return self._hide_jump(self._process(near, far, is_disturbed), is_disturbed)

    def _process(self, near: Samples, far: Samples, is_disturbed: bool) -> Samples:
        by_webrtc = self._told(near, far)
        without_echo = self._filter.process(near, far, is_disturbed=is_disturbed)
        before = self._share
        if self._filter.is_idle and not before:
            # Nothing was played for long: both ways are the same, and one is half the work.
            self.is_near_speech = False
            self._warm_blocks = 0
            return by_webrtc
        by_filter = self._untold(without_echo, _SILENCE)
        self._warm_blocks += 1
        is_near = self._speech.judge(self._filter, by_webrtc, by_filter)
        is_warm = not self._filter.is_idle and self._warm_blocks > WARM_BLOCKS
        self.is_near_speech = is_near and is_warm and not is_disturbed
        self._share = 1.0 if self.is_near_speech else max(0.0, before - FADE_PER_BLOCK)
        if before == self._share:
            return by_filter if before else by_webrtc
        share = np.linspace(before, self._share, BLOCK_SAMPLES, dtype=np.float32)
        mixed = by_webrtc + share * (by_filter.astype(np.float32) - by_webrtc)
        return np.rint(mixed).astype(np.int16)

    def _hide_jump(self, samples: Samples, is_disturbed: bool) -> Samples:
        """Make softer what may be an echo that jumped."""
        is_echo = is_disturbed and not self._filter.is_idle
        before, self._gain = self._gain, JUMP_GAIN if is_echo else 1.0
        if before == self._gain == 1.0:
            return samples
        gain = np.linspace(before, self._gain, BLOCK_SAMPLES, dtype=np.float32)
        softer: Samples = np.rint(samples * gain).astype(np.int16)
        return softer


_SILENCE = silence()


def _load() -> ModuleType:
    try:
        import pywebrtc_audio
    except ImportError as error:
        raise SourceError(
            "Echo and noise cannot be removed: pywebrtc-audio is not installed",
            f"{SETUP_STEP}, or go on with headphones",
        ) from error
    return pywebrtc_audio


def _make_canceller() -> Callable[[Samples, Samples], Samples]:
    """It filters out what is below 100 Hz, too."""
    process: Callable[[Samples, Samples], Samples] = (
        _load()
        .AudioProcessor(sample_rate=SAMPLE_RATE_HZ, echo_cancellation=True, high_pass_filter=True)
        .process
    )
    return process


def _make_high_pass() -> Stage:
    process: Stage = (
        _load().AudioProcessor(sample_rate=SAMPLE_RATE_HZ, high_pass_filter=True).process
    )
    return process


def _make_noise_suppressor() -> Stage:
    process: Stage = _load().NoiseSuppressor(sample_rate=SAMPLE_RATE_HZ, level=NOISE_LEVEL).process
    random = np.random.default_rng(1)

    def suppress(samples: Samples) -> Samples:
        dither = random.integers(-DITHER, DITHER + 1, BLOCK_SAMPLES, np.int32)
        dithered = np.clip(samples + dither, -FULL_SCALE, FULL_SCALE - 1)
        return process(dithered.astype(np.int16))

    return suppress


def _make_gain_control() -> Stage:
    process: Stage = (
        _load()
        .GainController(
            sample_rate=SAMPLE_RATE_HZ, max_gain_db=MAX_GAIN_DB, headroom_db=HEADROOM_DB
        )
        .process
    )
    return process
