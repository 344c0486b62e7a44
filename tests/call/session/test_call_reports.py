"""call/session/call_reports.py: the page of the last call, written by a thread."""

from datetime import datetime
from pathlib import Path
from queue import Queue

import platformdirs
import pytest

from call.inbox import ReportWritten
from call.session.call_notices import CallNotices
from call.session.call_reports import CallReports
from core.call_history import CallHistory
from core.call_statistics import CallState, CallStatistics
from core.threads import Threads
from tests.support.deadline import DEADLINE_S
from ui.call_notice import CallNoticeKind
from ui.view import ReportView

BEGAN_AT = datetime(2026, 11, 30, 17, 48, 5)


class Kept:
    """Reports whose events a test takes."""

    def __init__(self) -> None:
        self.posted: Queue[ReportWritten] = Queue()
        self.notices = CallNotices(lambda: None)
        self.reports = CallReports(Threads(), self.posted.put, self.notices.tell)

    @property
    def told(self) -> tuple[CallNoticeKind, str, str] | None:
        """The kind, path and detail of the newest notice."""
        newest = self.notices.newest
        return None if newest is None else (newest.kind, newest.path, newest.detail)

    def shown(self) -> ReportView | None:
        """Return the page that the window shows."""
        return self.reports.view

    def write(self) -> ReportWritten:
        """Write the page of a call of two seconds, and return what became of it."""
        call = CallHistory(BEGAN_AT)
        for t_s in (1, 2):
            call.add(CallStatistics(t_s=t_s, state=CallState.CALL, peer="../Bee", rtt_ms=3.0))
        self.reports.keep(call)
        assert self.reports.can_write
        self.reports.write()
        written = self.posted.get(timeout=DEADLINE_S)
        self.reports.on_written(written)
        return written


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_documents_path", lambda: tmp_path / "Documents")
    return tmp_path / "Documents"


def test_page_lies_in_the_documents_for_its_user_alone(documents: Path) -> None:
    kept = Kept()
    written = kept.write()
    path = documents / "Bee 2026-11-30 17.48.05 report.html"
    assert [path] == list(documents.iterdir())
    assert written == ReportWritten(str(path), "")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Your call with ../Bee" in path.read_text(encoding="utf-8")
    assert kept.reports.view is not None
    assert kept.reports.view.path == str(path)
    assert kept.told == (CallNoticeKind.REPORT_SAVED, str(path), "")


def test_second_page_of_a_call_replaces_the_first_and_is_new(documents: Path) -> None:
    kept = Kept()
    kept.write()
    first = kept.reports.view
    kept.write()
    assert len(list(documents.iterdir())) == 1
    assert kept.reports.view != first


def test_folder_that_cannot_be_made_is_named(documents: Path) -> None:
    documents.write_text("a file")
    kept = Kept()
    written = kept.write()
    assert written.path == ""
    assert str(documents) in written.problem
    assert kept.reports.view is not None
    assert kept.reports.view.problem == written.problem
    assert kept.told == (CallNoticeKind.REPORT_FAILED, "", written.problem)


def test_there_is_no_report_without_a_second_of_call(documents: Path) -> None:
    kept = Kept()
    for call in (None, CallHistory(BEGAN_AT)):
        kept.reports.keep(call)
        assert not kept.reports.can_write


def test_next_call_has_no_report_yet_and_its_own_is_new(documents: Path) -> None:
    kept = Kept()
    serials = []
    for _ in range(2):
        kept.write()
        view = kept.shown()
        assert view is not None
        serials.append(view.serial)
        kept.reports.keep(CallHistory(BEGAN_AT))
        assert kept.shown() is None
    assert serials == [1, 2]
