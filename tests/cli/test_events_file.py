"""cli/events_file.py: a line for each event, and one warning about a broken file."""

import io
import json
import logging

import pytest

from cli.events_file import EventsFile, WarningEvents
from core.events import FirstPicture


class BrokenFile(io.StringIO):
    """A file on a disk that is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


class UnflushedFile(io.StringIO):
    """A file that shows only what was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = ""

    def flush(self) -> None:
        self.seen = self.getvalue()


def test_each_event_is_one_flushed_line() -> None:
    file = UnflushedFile()
    events = EventsFile(file)
    events.write(FirstPicture(after_ms=1.0))
    events.write(FirstPicture(after_ms=2.0))
    lines = [json.loads(line) for line in file.seen.splitlines()]
    assert [line["after_ms"] for line in lines] == [1.0, 2.0]
    assert all(line["at"].endswith("Z") for line in lines)


def test_broken_file_causes_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    events = EventsFile(BrokenFile())
    logging.getLogger().addHandler(handler := WarningEvents(events))
    try:
        events.write(FirstPicture(after_ms=1.0))
        events.write(FirstPicture(after_ms=2.0))
    finally:
        logging.getLogger().removeHandler(handler)
    assert caplog.messages == ["No more events are written: No space left on device"]


@pytest.mark.parametrize(("extra", "key"), [({"key": "wrong_code"}, "wrong_code"), ({}, "call.x")])
def test_logged_warning_is_an_event(extra: dict[str, str], key: str) -> None:
    file = UnflushedFile()
    handler = WarningEvents(EventsFile(file))
    logger = logging.getLogger("call.x")
    logger.addHandler(handler)
    try:
        logger.info("not this")
        logger.warning("%s gave a wrong code", "Ann", extra=extra)
    finally:
        logger.removeHandler(handler)
    (line,) = file.seen.splitlines()
    fields = json.loads(line)
    assert (fields["event"], fields["key"]) == ("warning", key)
    assert fields["sentence"] == "Ann gave a wrong code"
