"""A whole screen as a source. Capture thread, except `close`."""

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import av
import mss
import numpy as np
from mss.exception import ScreenShotError

from media.errors import SourceError
from media.frame import Content, FrameKind
from media.video.colour_range import mark_rgb
from media.video.frame_pacing import FramePacer
from media.video.settings import VideoSettings
from media.video.use_guard import UseGuard

_US_PER_S = 1_000_000
_SHARE_WINDOW = "Share a window of the list, if yours is there, or log"
_CORE_GRAPHICS = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"


class ScreenSource:
    """The pictures of a monitor, with the pointer if the system includes it (X11).

    Args:
        now_us: this machine's monotonic clock.
        number: of the monitor, from 1 on; 0 for the primary one.
    """

    kind = FrameKind.LIVE
    content = Content.DETAIL

    def __init__(self, settings: VideoSettings, now_us: Callable[[], int], number: int = 0) -> None:
        self._number = number
        self._now_us = now_us
        self._pace = FramePacer(settings.frame_rate_hz)
        self._guard = UseGuard(self._release)
        self._grabber: mss.MSS | None = None

    def open(self) -> None:
        """Connect to the screen. Raises SourceError."""
        with self._guard.use():
            self._grabber = _connect()
            self._monitor = _find(self._grabber, self._number)

    def read(self, timeout_s: float) -> av.VideoFrame | None:
        """Return the screen's content if a picture is due in time, or None. Raises SourceError."""
        with self._guard.use():
            if self._grabber is None:
                raise SourceError("The screen is not open")
            wait_us = self._pace.wait_us(self._now_us())
            if not self._guard.wait(wait_us, int(timeout_s * _US_PER_S)):
                return None
            self._pace.advance(self._now_us())
            try:
                shot = self._grabber.grab(self._monitor)
            except (ScreenShotError, OSError, AssertionError) as error:
                # mss 10.2 fails an assertion if the X server has ended.
                raise SourceError("The screen is gone", _next_step()) from error
            pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
            return mark_rgb(av.VideoFrame.from_numpy_buffer(pixels, "bgra"))

    def close(self) -> None:
        """Close, and wake a reader. Any thread."""
        self._guard.close()

    def _release(self) -> None:
        if self._grabber is not None:
            with suppress(ScreenShotError, OSError):  # the screen may be gone already
                self._grabber.close()
            self._grabber = None


def find_monitors() -> tuple[tuple[int, int, int], ...]:
    """Return number, width and height in pixels of each monitor, the primary one first.

    Raises SourceError if the system does not let this program read them.
    """
    with _connect(has_cursor=False) as grabber:
        try:
            monitors = list(enumerate(grabber.monitors))[1:]
            primary = grabber.primary_monitor
        except (ScreenShotError, OSError) as error:
            raise SourceError("The screen cannot be read", _next_step()) from error
    monitors.sort(key=lambda each: each[1] != primary)
    return tuple((number, each["width"], each["height"]) for number, each in monitors)


def _connect(*, has_cursor: bool = True) -> mss.MSS:
    """Return what reads the screens, for the caller to close. Raises SourceError."""
    check_desktop()
    try:
        return mss.MSS(with_cursor=has_cursor) if sys.platform == "linux" else mss.MSS()
    except (ScreenShotError, OSError) as error:
        raise SourceError("The screen cannot be read", _next_step()) from error


def _find(grabber: mss.MSS, number: int) -> dict[str, Any]:
    """Return a monitor; 0 is the primary one. Raises SourceError."""
    try:
        if not number:
            return grabber.primary_monitor
        return grabber.monitors[number]
    except IndexError as error:
        raise SourceError(
            f"Screen {number} is not connected", "Connect it, or share another one"
        ) from error
    except (ScreenShotError, OSError) as error:
        raise SourceError("The screen cannot be read", _next_step()) from error


def check_desktop(platform: str = sys.platform) -> None:
    """Raise SourceError where the system does not let this program read a whole screen."""
    if platform == "darwin" and not may_record_macos():
        raise SourceError("macOS does not let this program read the screen", _next_step(platform))
    if platform != "linux":
        return
    display = os.environ.get("DISPLAY")
    if os.environ.get("WAYLAND_DISPLAY"):
        # What X shows there is black, but for the windows of its own programs.
        raise SourceError(
            "This desktop runs Wayland, which gives whole screens only through a portal that this"
            " program cannot use",
            f"{_SHARE_WINDOW if display else 'Log'} in to an X11 session (“on Xorg” at the login"
            " screen) for the whole screen",
        )
    if not display:
        raise SourceError(
            "No screen was found", "DISPLAY is not set: start the program on a desktop"
        )


def may_record_macos(library: str = _CORE_GRAPHICS) -> bool:
    """Return whether macOS lets this program read the screen, which it asks the user once.

    Without the permission, macOS returns the desktop without any window.
    """
    try:
        graphics = ctypes.CDLL(library)
        may_record = bool(graphics.CGPreflightScreenCaptureAccess())
        return may_record or bool(graphics.CGRequestScreenCaptureAccess())
    except (OSError, AttributeError):  # macOS before 10.15 asks nobody
        return True


def _next_step(platform: str = sys.platform) -> str:
    if platform == "darwin":
        return (
            "Allow it for the terminal in System Settings, Privacy & Security, Screen Recording,"
            " and start this program again"
        )
    if platform == "linux":
        return f"Check that the display {os.environ.get('DISPLAY', '')!r} is there"
    return ""
