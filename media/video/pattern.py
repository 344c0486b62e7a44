"""The moving test pattern: colour bars, a ball, a clock, a frame number and a frame stamp.

Capture thread, except `close`. Drawn directly as yuv420p: a prepared base is copied and the moving
parts are drawn over it, so that a picture takes some tenths of a millisecond and compresses well.
"""

import math
from collections.abc import Callable
from datetime import datetime

import av
import numpy as np
from numpy.typing import NDArray

from core.clock import local_now
from media.frame import Content, FrameKind
from media.video.frame_pacing import FramePacer
from media.video.frame_stamp import draw_stamp
from media.video.i420 import frame_from_i420
from media.video.lettering import Luma, draw_text, glyphs, text_width
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard

_US_PER_S = 1_000_000
_DARK = 24
_TEXT = 225
_QUIET_TEXT = 120
_NEUTRAL = 128
_BARS = (
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
)
"""Y, Cb, Cr of bars at 75 %. Source: ITU-R BT.801 and BT.601."""
_BARS_TOP = 4 / 36
_BARS_BOTTOM = 23 / 36
_RAMP_BOTTOM = 25 / 36
_CLOCK_BASELINE = 31 / 36
_CLOCK_HEIGHT = 3 / 36
_NOTE_BASELINE = 34 / 36
_NOTE_HEIGHT = 1.1 / 36
_BALL_RADIUS = 0.07
_CROSSING_S = 4.0
_BOUNCE_S = 1.7


class TestCard:
    """Draws the test pattern of a given frame number. Knows no clock."""

    __test__ = False  # pytest takes a class with this name for a test

    def __init__(self, width: int, height: int, rate_hz: int) -> None:
        self._width = width
        self._height = height
        self._rate_hz = rate_hz
        self._digit_px = max(4, min(round(height * _CLOCK_HEIGHT), width // 34))
        self._glyphs = glyphs("0123456789:. #", self._digit_px, value=_TEXT, background=_DARK)
        self._base = self._base_picture()
        self._ball_luma, self._ball_mask = self._ball()

    def draw(self, number: int, clock: str) -> av.VideoFrame:
        """Return a new yuv420p picture, limited range.

        Args:
            number: the frame number, from 0; it moves the ball.
            clock: the text of the clock: digits, colons, points and spaces.
        """
        frame = self._base.copy()
        luma = frame[: self._height]
        draw_stamp(luma, number)
        self._draw_ball(frame, number)
        baseline = round(self._height * _CLOCK_BASELINE)
        margin = self._width // 20
        self._draw_glyphs(luma, clock, margin, baseline)
        counter = f"#{number:07d}"
        cell = self._glyphs["0"].shape[1]
        self._draw_glyphs(luma, counter, self._width - margin - cell * len(counter), baseline)
        return frame_from_i420(frame)

    def _base_picture(self) -> NDArray[np.uint8]:
        width, height = self._width, self._height
        frame = np.empty((height * 3 // 2, width), np.uint8)
        frame[:height] = _DARK
        frame[height:] = _NEUTRAL
        luma, blue, red = _planes(frame, height)
        top, bottom = _even(height * _BARS_TOP), _even(height * _BARS_BOTTOM)
        for number, (y, cb, cr) in enumerate(_BARS):
            left = _even(width * number / len(_BARS))
            right = _even(width * (number + 1) / len(_BARS))
            luma[top:bottom, left:right] = y
            blue[top // 2 : bottom // 2, left // 2 : right // 2] = cb
            red[top // 2 : bottom // 2, left // 2 : right // 2] = cr
        ramp = np.rint(np.linspace(16, 235, width)).astype(np.uint8)
        luma[bottom : _even(height * _RAMP_BOTTOM)] = ramp
        note = f"test pattern   {width}x{height}   {self._rate_hz}/s"
        size = min(max(4.0, height * _NOTE_HEIGHT), width / 40)
        draw_text(
            luma,
            note,
            left=(width - text_width(note, size)) // 2,
            baseline=round(height * _NOTE_BASELINE),
            height_px=size,
            value=_QUIET_TEXT,
        )
        return frame

    def _ball(self) -> tuple[Luma, NDArray[np.bool_]]:
        """Return the ball's luma and the mask of its pixels."""
        side = max(4, _even(2 * _BALL_RADIUS * min(self._height, self._width)))
        axis = (np.arange(side) - (side - 1) / 2) / (side / 2)
        distance = np.hypot(axis[:, np.newaxis], axis[np.newaxis])
        shine = np.hypot(axis[:, np.newaxis] + 0.35, axis[np.newaxis] + 0.35)
        luma = np.clip(238 - 95 * shine, 60, 235).astype(np.uint8)
        return luma, distance <= 1

    def _draw_ball(self, frame: NDArray[np.uint8], number: int) -> None:
        side = self._ball_luma.shape[0]
        seconds = number / self._rate_hz
        top, bottom = _even(self._height * _BARS_TOP), _even(self._height * _BARS_BOTTOM)
        phase = seconds / _CROSSING_S % 2
        x = _even((1 - abs(1 - phase)) * (self._width - side))
        bounce = abs(math.cos(math.pi * seconds / _BOUNCE_S))
        y = top + _even((1 - bounce) * (bottom - top - side))
        luma, blue, red = _planes(frame, self._height)
        np.copyto(luma[y : y + side, x : x + side], self._ball_luma, where=self._ball_mask)
        mask, half = self._ball_mask[::2, ::2], side // 2
        for plane in (blue, red):
            np.copyto(plane[y // 2 : y // 2 + half, x // 2 : x // 2 + half], _NEUTRAL, where=mask)

    def _draw_glyphs(self, luma: Luma, text: str, left: int, baseline: int) -> None:
        for character in text:
            glyph = self._glyphs[character]
            rows, columns = glyph.shape
            top = baseline + max(2, self._digit_px // 4) - rows
            if left >= 0 and left + columns <= self._width:  # otherwise the picture is too narrow
                luma[top : top + rows, left : left + columns] = glyph
            left += columns


class PatternSource:
    """The test pattern at the requested size and rate, with the time of day.

    Args:
        now_us: this machine's monotonic clock.
        wall_clock: returns the time of day, for the clock in the picture.
    """

    kind = FrameKind.LIVE
    content = Content.MOTION

    def __init__(
        self,
        settings: VideoSettings,
        now_us: Callable[[], int],
        wall_clock: Callable[[], datetime] = local_now,
    ) -> None:
        self._settings = settings
        self._now_us = now_us
        self._wall_clock = wall_clock
        self._pace = FramePacer(settings.frame_rate_hz)
        self._card: TestCard | None = None
        self._guard = UseGuard(self._release)

    def open(self) -> None:
        """Draw the parts that do not move."""
        with self._guard.use():
            settings = self._settings
            self._card = TestCard(settings.width_px, settings.height_px, settings.frame_rate_hz)

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the next picture when it is due, or None."""
        with self._guard.use():
            wait_us = self._pace.wait_us(self._now_us())
            is_due = self._guard.wait(wait_us, int(timeout_s * _US_PER_S))
            if not is_due or self._card is None:
                return None
            number = self._pace.advance(self._now_us())
            clock = self._wall_clock().strftime("%H:%M:%S.%f")[:-3]
            return self._card.draw(number, clock)

    def close(self) -> None:
        """Close, and wake a reader. Any thread."""
        self._guard.close()

    def _release(self) -> None:
        self._card = None


def _planes(frame: NDArray[np.uint8], height: int) -> tuple[Luma, Luma, Luma]:
    width = frame.shape[1]
    chroma = frame[height:].reshape(2, height // 2, width // 2)
    return frame[:height], chroma[0], chroma[1]


def _even(length: float) -> int:
    return int(length) // 2 * 2
