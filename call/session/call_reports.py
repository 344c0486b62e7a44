"""The report on the last call: its figures are kept, and a page is made of them. Call thread.

A thread writes the page, since that takes a tenth of a second; one at a time.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

from call.inbox import ReportWritten
from call.session.call_notices import Tell
from call.session.output_paths import report_path
from core.call_history import CallHistory
from core.clock import local_now
from core.errors import ReportedError
from core.threads import Threads
from ui.call_notice import CallNoticeKind
from ui.view import ReportView

SUBTITLE = "From the call's own figures"


class CallReports:
    """The figures of the last call, and the page made of them.

    Args:
        post: adds an event to the inbox; any thread.
        tell: tells the user what became of a page, and shows the view again.
    Attributes:
        view: the page of the last call, or why it was not written; None before.
    """

    def __init__(
        self,
        threads: Threads,
        post: Callable[[ReportWritten], object],
        tell: Tell,
    ) -> None:
        self.view: ReportView | None = None
        self._serial = 0
        self._threads = threads
        self._post = post
        self._tell = tell
        self._call: CallHistory | None = None
        self._thread: Thread | None = None

    @property
    def can_write(self) -> bool:
        """True while there is a call to report on."""
        return self._call is not None and bool(self._call.spans)

    def keep(self, call: CallHistory | None) -> None:
        """Keep the figures of a call that has ended, in place of those of the one before."""
        self._call, self.view = call, None

    def write(self) -> None:
        """Write the page, unless one is still being written."""
        call = self._call
        if call is None or (self._thread is not None and self._thread.is_alive()):
            return
        path = report_path(call.peer, call.began_at or local_now())
        self._thread = self._threads.start("report", lambda: _write(call, path), self._on_end(path))

    def on_written(self, written: ReportWritten) -> None:
        """Store where the page is, or why it was not written."""
        self._serial += 1
        self.view = ReportView(self._serial, written.path, written.problem)
        if written.path:
            self._tell(CallNoticeKind.REPORT_SAVED, path=written.path)
        else:
            self._tell(CallNoticeKind.REPORT_FAILED, detail=written.problem)

    def _on_end(self, path: Path) -> Callable[[BaseException | None], None]:
        """Return what the thread reports when it ends."""

        def report(error: BaseException | None) -> None:
            if error is None:
                self._post(ReportWritten(str(path), ""))
                return
            problem = f"The report was not written: {error}"
            if isinstance(error, ReportedError):
                problem = error.sentence
            self._post(ReportWritten("", problem))

        return report


def _write(call: CallHistory, path: Path) -> None:
    # Imported here: most calls end without a report.
    from report.errors import UnwritablePage
    from report.page_file import write_page
    from report.statistics_report import make_page

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritablePage(
            f"The report cannot be written to {path}: {error.strerror or error}",
            "Check that the folder can be written to",
        ) from error
    write_page(make_page([call], SUBTITLE), path, is_private=True)
