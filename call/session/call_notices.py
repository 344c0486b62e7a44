"""Call notices: tells the user, once, what became of a recording, a snapshot, a photo or
a report.

Call thread only. The log has every notice, and the view the newest one.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from core.safe_text import cut_controls
from ui.call_notice import CallNotice, CallNoticeKind
from ui.wording.call_notices import word_call_notice

_log = logging.getLogger(__name__)

_KEYS = {
    CallNoticeKind.RECORDING_STOPPED: (logging.ERROR, "recording_stopped"),
    CallNoticeKind.RECORDING_BROKEN: (logging.ERROR, "recording_stopped"),
    CallNoticeKind.STILL_WRITING: (logging.WARNING, "recording_not_begun"),
    CallNoticeKind.DISK_TOO_SLOW: (logging.WARNING, "recording_incomplete"),
    CallNoticeKind.OWN_PICTURE_MISSING: (logging.WARNING, "recording_incomplete"),
    CallNoticeKind.OWN_VOICE_MISSING: (logging.WARNING, "recording_incomplete"),
    CallNoticeKind.REMOTE_PICTURE_MISSING: (logging.WARNING, "recording_incomplete"),
    CallNoticeKind.REMOTE_VOICE_MISSING: (logging.WARNING, "recording_incomplete"),
    CallNoticeKind.NOT_SHOWN_THERE: (logging.WARNING, "recording_not_shown"),
    CallNoticeKind.SNAPSHOT_FAILED: (logging.ERROR, "snapshot_failed"),
    CallNoticeKind.NO_PICTURE: (logging.WARNING, "no_picture"),
    CallNoticeKind.CAMERA_OFF: (logging.WARNING, "no_picture"),
    CallNoticeKind.NO_OWN_PICTURE: (logging.WARNING, "no_picture"),
    CallNoticeKind.STILL_FAILED: (logging.ERROR, "still_failed"),
    CallNoticeKind.REPORT_FAILED: (logging.ERROR, "report_failed"),
}
"""The level of each notice that is a warning, and its key for other programs."""


class Tell(Protocol):
    """Tells the user what happened."""

    def __call__(
        self, kind: CallNoticeKind, *, path: str = "", detail: str = "", duration_s: float = 0.0
    ) -> None: ...


class CallNotices:
    """The newest notice of a run.

    Args:
        on_change: called when the view has to be shown again.
    Attributes:
        newest: of the present call, or of the one before while there is none.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.newest: CallNotice | None = None
        self._on_change = on_change
        self._peer_name = ""
        self._serial = 0

    def begin(self, peer_name: str) -> None:
        """Forget the notice of the call before."""
        self.newest, self._peer_name = None, peer_name

    def tell(
        self, kind: CallNoticeKind, *, path: str = "", detail: str = "", duration_s: float = 0.0
    ) -> None:
        """Log a notice, and show it."""
        self._serial += 1
        self.newest = CallNotice(
            self._serial, kind, self._peer_name, cut_controls(path), detail, duration_s
        )
        level, key = _KEYS.get(kind, (logging.INFO, ""))
        _log.log(level, "%s", word_call_notice(self.newest), extra={"key": key} if key else {})
        self._on_change()
