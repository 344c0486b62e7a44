"""One window of an X11 desktop as a source, also while others cover it. Capture thread, except
`close`.

A window that is minimized keeps its last picture. One that is closed is an error.
"""

import sys
from collections.abc import Callable

import av
import numpy as np

from media.errors import SourceError
from media.frame import Content, FrameKind
from media.video.colour_range import mark_rgb
from media.video.frame_pacing import FramePacer
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard
from media.video.x_display import XDisplay, XDisplayError, XPicture, XWindowGoneError

_US_PER_S = 1_000_000
SMALLEST_PX = 16


class WindowSource:
    """The pictures of a window.

    Args:
        window: the display's number.
        now_us: this machine's monotonic clock.
    """

    kind = FrameKind.LIVE
    content = Content.DETAIL

    def __init__(self, window: int, settings: VideoSettings, now_us: Callable[[], int]) -> None:
        self._window = window
        self._now_us = now_us
        self._pace = FramePacer(settings.frame_rate_hz)
        self._guard = UseGuard(self._release)
        self._display: XDisplay | None = None

    def open(self) -> None:
        """Connect to the display. Raises SourceError."""
        with self._guard.use():
            if sys.platform != "linux":
                raise SourceError("A single window can be shared only on X11", "Share the screen")
            try:
                self._display = XDisplay()
                self._display.redirect(self._window)
            except XWindowGoneError as error:
                raise _gone() from error
            except XDisplayError as error:
                raise SourceError("The window cannot be read", "Share the whole screen") from error

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the window's content if a picture is due in time, or None. Raises SourceError."""
        with self._guard.use():
            if self._display is None:
                raise SourceError("The window is not open")
            wait_us = self._pace.wait_us(self._now_us())
            if not self._guard.wait(wait_us, int(timeout_s * _US_PER_S)):
                return None
            self._pace.advance(self._now_us())
            try:
                picture = self._display.read(self._window)
            except XWindowGoneError as error:
                raise _gone() from error
            return None if picture is None else _frame(picture)

    def close(self) -> None:
        """Close, and wake a reader. Any thread."""
        self._guard.close()

    def _release(self) -> None:
        if self._display is not None:
            self._display.close()
            self._display = None


def _frame(picture: XPicture) -> av.VideoFrame | None:
    if min(picture.width_px, picture.height_px) < SMALLEST_PX:
        return None
    shape = picture.height_px, picture.width_px, 4
    pixels = np.frombuffer(picture.pixels, np.uint8).reshape(shape)
    return mark_rgb(av.VideoFrame.from_numpy_buffer(pixels, "bgra"))


def _gone() -> SourceError:
    return SourceError("The window was closed", "Share another window, or the screen")
