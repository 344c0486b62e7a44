"""The user interface of a call: window or terminal. Pure: a protocol.

An interface is given frozen views and posts what the user does; it decides nothing.
"""

from typing import Protocol

from core.errors import ReportedError
from ui.view import View


class ScreenLost(ReportedError):
    """The screen is gone, and the window with it."""

    def __init__(self) -> None:
        super().__init__(
            "The screen is gone, and the window with it",
            "Start the program again on a screen, or with --headless",
        )


class UserInterface(Protocol):
    """Shows a call to the user, and takes the answers."""

    def run(self) -> None:
        """Show views until `close`; blocks. Main thread only.

        Raises:
            ScreenLost: the window can no longer be shown.
        """

    def show(self, view: View) -> None:
        """Show this view from now on. Any thread; does not wait until it is seen."""

    def notify_remote(self) -> None:
        """Show the newest picture of the other peer. Any thread; never blocks."""

    def notify_own(self) -> None:
        """Show the newest picture of our own. Any thread; never blocks."""

    def close(self) -> None:
        """Let `run` return, even if it has not begun. Any thread; any number of times."""
