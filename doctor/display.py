"""The check of the screen. Any thread; blocks for the start of a process."""

import os

from doctor.finding import Finding, ok, warning
from doctor.system_steps import unset_variable
from ui.window.screen_probe import find_screen_problem

_WITHOUT = "; without a window, a call works in the terminal too"


def check_display(*, is_headless: bool) -> list[Finding]:
    """Check that a window can be opened."""
    if is_headless:
        return [ok("display", "No window is wanted: window.headless is set")]
    problem = find_screen_problem()
    if problem is None:
        return [ok("display", "A window can be opened")]
    return [warning("display", f"No window: {problem}", _choose_step() + _WITHOUT)]


def _choose_step() -> str:
    if os.environ.get("QT_QPA_PLATFORM"):
        return f"{unset_variable('QT_QPA_PLATFORM')}, then start the program again"
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return (
            "If this names no package to install, start the program from a new terminal on the"
            " screen itself"
        )
    return "Start the program from a terminal on the screen itself"
