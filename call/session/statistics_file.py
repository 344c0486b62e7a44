"""Where the statistics go: a file, or standard output. Written by the call thread alone."""

import json
import logging
from typing import Any, TextIO

_log = logging.getLogger(__name__)


class StatisticsFile:
    """Writes one line a second; a reader sees each line as soon as it is there."""

    def __init__(self, file: TextIO) -> None:
        self._file: TextIO | None = file

    def write(self, line: dict[str, Any]) -> None:
        """Write a line; when that fails, say so once and go on without."""
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else None
            _log.warning("no more statistics are written: %s", why or error)
            self._file = None
