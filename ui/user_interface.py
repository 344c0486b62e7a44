"""The one shape of window and terminal. Pure: a protocol.

An interface is given frozen views and posts what the person does; it decides nothing.
"""

from typing import Protocol

from ui.view import View


class UserInterface(Protocol):
    """What a person sees of a call, and answers at."""

    def run(self) -> None:
        """Show views until `close`; blocks. Main thread only."""

    def show(self, view: View) -> None:
        """Show this view from now on. Any thread; does not wait for it to be seen."""

    def notify_remote(self) -> None:
        """Take note that there is a new picture of the other side. Any thread."""

    def notify_own(self) -> None:
        """Take note that there is a new picture of our own. Any thread."""

    def close(self) -> None:
        """Let `run` return, also if it has not begun. Any thread; more than once is once."""
