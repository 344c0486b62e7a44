"""The main screen as a camera. Run by the capture thread; the only file that imports mss."""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress

import av
import mss
import numpy as np
from mss.exception import ScreenShotError

from media.errors import SourceError
from media.frame import FrameKind
from media.video.colour_range import mark_rgb
from media.video.frame_pacing import FramePacer
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard

_US_PER_S = 1_000_000
_log = logging.getLogger(__name__)


class ScreenSource:
    """The primary monitor, with its pointer where the system gives it (X11).

    Args:
        now_us: this machine's monotonic clock.
    """

    kind = FrameKind.LIVE

    def __init__(self, settings: VideoSettings, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._pace = FramePacer(settings.frame_rate_hz)
        self._guard = UseGuard(self._release)
        self._grabber: mss.MSS | None = None

    def open(self) -> None:
        """Connect to the screen. Raises SourceError."""
        with self._guard.use():
            _check_desktop()
            try:
                if sys.platform == "linux":
                    self._grabber = mss.MSS(with_cursor=True)
                else:
                    self._grabber = mss.MSS()
                self._monitor = self._grabber.primary_monitor
            except (ScreenShotError, OSError) as error:
                raise SourceError("The screen cannot be read", _screen_step()) from error

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the screen as it is now, when the next picture is due. Raises SourceError."""
        with self._guard.use():
            if self._grabber is None:
                raise SourceError("The screen is not open")
            wait_us = self._pace.wait_us(self._now_us())
            timeout_us = int(timeout_s * _US_PER_S)
            if (
                self._guard.closed.wait(min(wait_us, timeout_us) / _US_PER_S)
                or wait_us > timeout_us
            ):
                return None
            self._pace.advance(self._now_us())
            try:
                shot = self._grabber.grab(self._monitor)
            except (ScreenShotError, OSError, AssertionError) as error:
                # mss 10.2 asserts that an X server which ended had answered.
                raise SourceError("The screen is gone", _screen_step()) from error
            pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
            return mark_rgb(av.VideoFrame.from_numpy_buffer(pixels, "bgra"))

    def close(self) -> None:
        """End, and wake a reader; any thread."""
        self._guard.close()

    def _release(self) -> None:
        if self._grabber is not None:
            with suppress(ScreenShotError, OSError):  # the screen may be gone already
                self._grabber.close()
            self._grabber = None


def _check_desktop(platform: str = sys.platform) -> None:
    """Say what mss cannot: that Wayland shows its screen to no program that does not ask it."""
    if platform != "linux":
        return
    is_wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    if not os.environ.get("DISPLAY"):
        if is_wayland:
            raise SourceError(
                "This desktop is Wayland without X, which lets no program read the screen",
                "Log in to an X11 desktop to share the screen",
            )
        raise SourceError("There is no screen here", "DISPLAY is not set: start it on a desktop")
    if is_wayland:
        _log.info("under Wayland only windows of X programs are seen; the rest may be black")


def _screen_step(platform: str = sys.platform) -> str:
    if platform == "darwin":
        return "Allow screen recording for the terminal in the system's privacy settings"
    if platform == "linux":
        return f"Check that the display {os.environ.get('DISPLAY', '')!r} is there"
    return ""
