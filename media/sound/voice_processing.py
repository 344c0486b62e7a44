"""Voice processing: removes echo and noise, and evens the level. Microphone thread.

             +-> WebRTC's canceller, given the far end ----------------+
    near ----|                                                         +--> noise --> level -->
             +-> echo filter --> WebRTC's canceller, given silence ----+

WebRTC's echo canceller removes nearly all of the echo, and much of the near speech during double
talk; the echo filter leaves the speech intact, and some of the echo. During double talk the second
branch is heard, where the remaining echo is far below the speech; otherwise the first. Both
branches pass through a canceller, so that they have the same delay and phase.
"""

import contextlib
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
"""Of 0 to 3; removes 12 dB at most. Higher levels make speech in little noise less intelligible."""
DITHER = 1
"""In steps of 16 bits. In a room without noise, the suppressor would treat vowels as noise."""
MAX_GAIN_DB = 12.0
HEADROOM_DB = 10.0
"""Raises speech to about -22 dBFS; louder speech is left alone."""
FADE_PER_BLOCK = 0.25
"""Fades from the filter's branch back to WebRTC's in 40 ms; the other direction takes 10 ms."""

JUMP_GAIN = 0.1
"""-20 dB. After the echo path jumps, WebRTC's canceller passes the echo for half a second, as loud
as speech."""

WARM_BLOCKS = 3
"""After a pause the filter's branch first returns sound that it still held from before."""

ECHO_DELAY_SAMPLES = 431
NOISE_DELAY_SAMPLES = 335
HIGH_PASS_DELAY_SAMPLES = 47
"""The delay of each stage; measured on speech."""

Stage = Callable[[Samples], Samples]


class VoiceProcessor:
    """WebRTC's audio processing, with an echo filter beside it. Used by one thread.

    Raises:
        SourceError: pywebrtc-audio is not installed.
    """

    def __init__(
        self, *, echo_cancellation: bool, noise_suppression: bool, gain_control: bool
    ) -> None:
        self._echo = _EchoCanceller() if echo_cancellation else None
        self._stages: list[Stage] = []
        delay_samples = ECHO_DELAY_SAMPLES if echo_cancellation else 0
        if not echo_cancellation and (noise_suppression or gain_control):
            self._stages.append(_new_high_pass())
            delay_samples += HIGH_PASS_DELAY_SAMPLES
        if noise_suppression:
            self._stages.append(_new_noise_suppressor())
            delay_samples += NOISE_DELAY_SAMPLES
        if gain_control:
            self._stages.append(_new_gain_control())
        self._delay_us = samples_to_us(delay_samples)

    @property
    def delay_us(self) -> int:
        """The delay that processing adds, in microseconds."""
        return self._delay_us

    @property
    def is_double_talk(self) -> bool | None:
        """True during near speech and shortly after it; None if no echo is cancelled."""
        return None if self._echo is None else self._echo.is_double_talk

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        """Return a processed block of the microphone's sound.

        Args:
            far: the block that the loudspeaker played at the same time, or silence.
            is_disturbed: True while the echo path may just have jumped.
        Raises:
            ValueError: one of the arrays is not a block; the library itself would not notice.
        """
        if near.shape != (BLOCK_SAMPLES,) or far.shape != (BLOCK_SAMPLES,):
            raise ValueError(f"{near.shape} and {far.shape} samples instead of {BLOCK_SAMPLES}")
        samples = near if self._echo is None else self._echo.process(near, far, is_disturbed)
        for stage in self._stages:
            samples = stage(samples)
        return samples


class _EchoCanceller:
    """Both branches of echo cancellation, and the fader between them."""

    def __init__(self) -> None:
        self._canceller = _new_canceller()
        self._aligner = _new_canceller()
        """Gets silence as its far end: it only adds the delay and phase of the other canceller."""
        self._filter = EchoFilter()
        self._detector = DoubleTalkDetector()
        self._filter_share = 0.0
        self._gain = 1.0
        self._warm_blocks = 0
        self.is_double_talk = False

    def process(self, near: Samples, far: Samples, is_disturbed: bool) -> Samples:
        """Return a block of the microphone's sound without the echo."""
        return self._hide_jump(self._process(near, far, is_disturbed), is_disturbed)

    def _process(self, near: Samples, far: Samples, is_disturbed: bool) -> Samples:
        by_webrtc = self._canceller(near, far)
        without_echo = self._filter.process(near, far, is_disturbed=is_disturbed)
        before = self._filter_share
        if self._filter.is_idle and not before:
            # Nothing has been played for long: both branches are equal, and one is half the work.
            self.is_double_talk = False
            self._warm_blocks = 0
            return by_webrtc
        by_filter = self._aligner(without_echo, _SILENCE)
        self._warm_blocks += 1
        is_speech = self._detector.detect(self._filter, by_webrtc, by_filter)
        is_warm = not self._filter.is_idle and self._warm_blocks > WARM_BLOCKS
        self.is_double_talk = is_speech and is_warm and not is_disturbed
        self._filter_share = 1.0 if self.is_double_talk else max(0.0, before - FADE_PER_BLOCK)
        if before == self._filter_share:
            return by_filter if before else by_webrtc
        share = np.linspace(before, self._filter_share, BLOCK_SAMPLES, dtype=np.float32)
        mixed = by_webrtc + share * (by_filter.astype(np.float32) - by_webrtc)
        return np.rint(mixed).astype(np.int16)

    def _hide_jump(self, samples: Samples, is_disturbed: bool) -> Samples:
        """Lower the level while the sound may be an echo whose path jumped."""
        is_echo = is_disturbed and not self._filter.is_idle
        before, self._gain = self._gain, JUMP_GAIN if is_echo else 1.0
        if before == self._gain == 1.0:
            return samples
        gain = np.linspace(before, self._gain, BLOCK_SAMPLES, dtype=np.float32)
        softer: Samples = np.rint(samples * gain).astype(np.int16)
        return softer


_SILENCE = silence()


def preload() -> None:
    """Load WebRTC's audio processing, if it is installed. Any thread.

    That takes 0.03 s of processor time, which would delay the first picture of a call.
    """
    with contextlib.suppress(SourceError):
        _load()


def _load() -> ModuleType:
    try:
        import pywebrtc_audio
    except ImportError as error:
        raise SourceError(
            "Echo and noise cannot be removed: pywebrtc-audio is not installed",
            f"{SETUP_STEP}, or go on with headphones",
        ) from error
    return pywebrtc_audio


def _new_canceller() -> Callable[[Samples, Samples], Samples]:
    """Return a new echo canceller, which also removes sound below 100 Hz."""
    process: Callable[[Samples, Samples], Samples] = (
        _load()
        .AudioProcessor(sample_rate=SAMPLE_RATE_HZ, echo_cancellation=True, high_pass_filter=True)
        .process
    )
    return process


def _new_high_pass() -> Stage:
    process: Stage = (
        _load().AudioProcessor(sample_rate=SAMPLE_RATE_HZ, high_pass_filter=True).process
    )
    return process


def _new_noise_suppressor() -> Stage:
    process: Stage = _load().NoiseSuppressor(sample_rate=SAMPLE_RATE_HZ, level=NOISE_LEVEL).process
    random = np.random.default_rng(1)

    def suppress(samples: Samples) -> Samples:
        dither = random.integers(-DITHER, DITHER + 1, BLOCK_SAMPLES, np.int32)
        dithered = np.clip(samples + dither, -FULL_SCALE, FULL_SCALE - 1)
        return process(dithered.astype(np.int16))

    return suppress


def _new_gain_control() -> Stage:
    process: Stage = (
        _load()
        .GainController(
            sample_rate=SAMPLE_RATE_HZ, max_gain_db=MAX_GAIN_DB, headroom_db=HEADROOM_DB
        )
        .process
    )
    return process
