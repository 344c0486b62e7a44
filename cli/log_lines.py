"""Log lines: the log on the console, without breaking its status line. Set up by `cli.main`."""

import logging

from core.safe_text import cut_controls
from ui.terminal.console import Console

VERBOSE_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s [%(threadName)s]: %(message)s"
VERBOSE_TIME_FORMAT = "%H:%M:%S"


class ShortFormatter(logging.Formatter):
    """Formats the message alone, on one line: no traceback, no logger."""

    def format(self, record: logging.LogRecord) -> str:
        return cut_controls(record.getMessage())


class LineHandler(logging.Handler):
    """Prints each record above the status line. Any thread.

    Args:
        console: where to print.
        is_verbose: whether to print time, thread, logger and traceback too.
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
