"""The log as lines on the console, which keep the status line whole. peer.py sets it up."""

import logging

from core.safe_text import cut_controls
from ui.terminal.console import Console

VERBOSE_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s [%(threadName)s]: %(message)s"
VERBOSE_TIME_FORMAT = "%H:%M:%S"


class ShortFormatter(logging.Formatter):
    """The message alone, on one line: no traceback, no logger's name."""

    def format(self, record: logging.LogRecord) -> str:
        return cut_controls(record.getMessage())


class LineHandler(logging.Handler):
    """Prints each record above the status line. Any thread.

    Args:
        console: where to.
        is_verbose: with time, thread, logger and traceback.
    """

    def __init__(self, console: Console, *, is_verbose: bool) -> None:
        super().__init__()
        self._console = console
        self.setFormatter(
            logging.Formatter(VERBOSE_FORMAT, VERBOSE_TIME_FORMAT)
            if is_verbose
            else ShortFormatter()
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        self._console.print_before()
        self._console.print_lines(tuple(self.format(record).split("\n")))
