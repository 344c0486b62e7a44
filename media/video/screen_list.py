"""The screens and windows that can be shared. Any thread; asks the display.

Screens on every system that lets programs read them; single windows on X11 only. What cannot be
read is not listed.
"""

import os
import sys
from collections.abc import Iterator

import msgspec

from media.errors import SourceError
from media.video.camera_spec import Screen
from media.video.screen import find_monitors
from media.video.x_display import XDisplay, XDisplayError

MAX_TITLE_CHARACTERS = 200


class ListedScreen(msgspec.Struct, frozen=True):
    """A screen or a window.

    Attributes:
        width_px, height_px: of a screen; 0 for a window.
    """

    spec: Screen
    width_px: int = 0
    height_px: int = 0


class ScreenList(msgspec.Struct, frozen=True):
    """All that can be shared.

    Attributes:
        problem: why whole screens cannot be read; None if they can.
    """

    screens: tuple[ListedScreen, ...]
    problem: SourceError | None = None


def list_screens() -> ScreenList:
    """Return the screens, the main one first, and the windows of other programs."""
    screens: tuple[ListedScreen, ...] = ()
    problem: SourceError | None = None
    try:
        screens = tuple(
            ListedScreen(Screen(number), width_px, height_px)
            for number, width_px, height_px in find_monitors()
        )
    except SourceError as error:
        problem = error
    return ScreenList((*screens, *_windows()), problem)


def _windows() -> Iterator[ListedScreen]:
    if sys.platform != "linux" or not os.environ.get("DISPLAY"):
        return
    try:
        with XDisplay() as display:
            windows = display.windows()
    except XDisplayError:
        return
    for window in windows:
        if window.process != os.getpid():
            title = window.title[:MAX_TITLE_CHARACTERS]
            yield ListedScreen(Screen(window=window.number, title=title))
