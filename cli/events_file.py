"""Events file: a line for each event, in a file or on standard output. Any thread."""

import logging
from threading import Lock
from typing import TextIO

from core.clock import utc_now
from core.events import Event, WarningGiven, to_json

_log = logging.getLogger(__name__)


class EventsFile:
    """Writes one line for each event; a reader sees it at once.

    Args:
        file: open for writing; stays open.
    """

    def __init__(self, file: TextIO) -> None:
        self._lock = Lock()
        self._file: TextIO | None = file

    def write(self, event: Event) -> None:
        """Write one event; on failure, warn once and write no more."""
        line = to_json(event, utc_now()) + "\n"
        with self._lock:
            if self._file is None:
                return
            try:
                self._file.write(line)
                self._file.flush()
                return
            except (OSError, ValueError) as error:
                self._file = None
                why = error.strerror if isinstance(error, OSError) else None
                reason = why or str(error)
        _log.warning("No more events are written: %s", reason)


class WarningEvents(logging.Handler):
    """Turns each warning of the log into an event.

    A record's key is its `key` attribute (`extra={"key": ...}`), else the name of its logger.
    """

    def __init__(self, events: EventsFile) -> None:
        super().__init__(logging.WARNING)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as an event."""
        key = getattr(record, "key", record.name)
        self._events.write(WarningGiven(key=key, sentence=record.getMessage()))
