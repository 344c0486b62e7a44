"""Screen probe: whether a window can be opened here. Loads no Qt: a child process does.

Where a screen cannot be reached or a library is missing, Qt does not raise: it aborts the process.
So a child tries first, and its last words on standard error name the cause. It runs beside the
start of the program, on another core where there is one.
"""

import logging
import os
import re
import subprocess
import sys
import tempfile
from typing import IO

from core.program import SETUP_STEP

_log = logging.getLogger(__name__)

CHILD_LIMIT_S = 10.0
"""A child that takes longer waits for a screen that does not answer; 0.3 s is usual."""

_CHILD = (
    "import sys; sys.path[:] = [folder for folder in sys.path if folder]; "
    "from PySide6.QtWidgets import QApplication; QApplication(['vis-a-vis'])"
)
"""It drops the current folder from `sys.path`, because libraries must not come from there."""

_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Debian's and Ubuntu's package for each library that Qt's wheel leaves to the system."""

_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object file")
_UNREACHABLE = re.compile(r"could not connect to display")


class ScreenProbe:
    """One try to open a window, which begins at once. One thread.

    `QT_QPA_PLATFORM=offscreen` counts as a screen.
    """

    def __init__(self) -> None:
        self._problem: str | None = None
        self._child: subprocess.Popen[bytes] | None = None
        # A file: the child writes more than a pipe holds, and nobody reads before `find_problem`.
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open until `close`
        has_own_screen = sys.platform in ("darwin", "win32")
        names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        if not has_own_screen and not any(os.environ.get(name) for name in names):
            self._problem = "there is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set"
            return
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-c", _CHILD],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                # Only with this does Qt name a library that its platform plugin lacks.
                env=os.environ | {"QT_DEBUG_PLUGINS": "1"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._problem = f"the screen could not be tried: {error.strerror}"

    def __enter__(self) -> "ScreenProbe":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find_problem(self) -> str | None:
        """Return why no window can be opened here, one sentence without a full stop, or None.

        Blocks until the child has ended, at most `CHILD_LIMIT_S`.
        """
        if self._child is None:
            return self._problem
        try:
            status = self._child.wait(CHILD_LIMIT_S)
        except subprocess.TimeoutExpired:
            return f"the screen did not answer within {CHILD_LIMIT_S:.0f} s{_name_display()}"
        if status == 0:
            return None
        self._said.seek(0)
        return explain_failure(self._said.read().decode(errors="replace"))

    def load_binding(self) -> None:
        """Load what Python needs to know Qt's classes, but not Qt. Before the first thread starts.

        While it loads, it walks through `sys.modules`, and aborts the process if another thread
        imports something meanwhile (shiboken6 6.11.3).
        """
        if self._child is None:
            return
        try:
            import shiboken6  # noqa: F401 - for its effect; large, and without a screen not needed
        except ImportError:
            _log.debug("shiboken6 cannot be loaded", exc_info=True)  # `find_problem` says why.

    def close(self) -> None:
        """End the child, if it still runs. Later calls do nothing."""
        if self._child is not None and self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        self._said.close()


def find_screen_problem() -> str | None:
    """Return why no window can be opened here, one sentence without a full stop, or None.

    Blocks for the start of a process, at most `CHILD_LIMIT_S`.
    """
    with ScreenProbe() as probe:
        return probe.find_problem()


def explain_failure(said: str) -> str:
    """Return the cause of a child's death in one sentence.

    Args:
        said: what it wrote on standard error. The names of screens come from the environment.
    """
    if "No module named 'PySide6" in said:
        return f"PySide6 is not installed: {SETUP_STEP[:1].lower()}{SETUP_STEP[1:]}"
    if missing := _MISSING_LIBRARY.search(said):
        library = missing[1]
        if library in _PACKAGES:
            return f"{library} is missing: sudo apt install {_PACKAGES[library]}"
        return f"the system library {library} is missing"
    if _UNREACHABLE.search(said):
        named = [name for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)]
        screens = " or ".join(f"{name} {os.environ[name]!r}" for name in named)
        return f"{screens or 'a screen'} cannot be reached"
    if "Could not find the Qt platform plugin" in said:
        return f"Qt knows no platform {os.environ.get('QT_QPA_PLATFORM', '')!r} (QT_QPA_PLATFORM)"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if not line.startswith("qt.core.")), "")
    return f"Qt cannot open a window{_name_display()}" + (f": {last}" if last else "")


def _name_display() -> str:
    """Return the screens that the environment names, in brackets, or ""."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    pairs = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    return f" ({', '.join(pairs)})" if pairs else ""
