"""Statistics file: one line a second into a file or standard output. Call thread only."""

import logging
from typing import TextIO

from core.call_statistics import CallStatistics

_log = logging.getLogger(__name__)


class StatisticsFile:
    """An open file, flushed after each line, so that a reader sees it at once."""

    def __init__(self, file: TextIO) -> None:
        self._file: TextIO | None = file

    def write(self, statistics: CallStatistics) -> None:
        """Write one line; on failure, warn once and write no more."""
        if self._file is None:
            return
        try:
            self._file.write(statistics.to_json() + "\n")
            self._file.flush()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else None
            _log.warning("No more statistics are written: %s", why or error)
            self._file = None
