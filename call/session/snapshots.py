"""Snapshots of the other peer's picture that the user takes during a call. Call thread.

A thread writes each, since that takes some tens of milliseconds; one at a time, so that a key held
down does not fill the disk.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from call.inbox import NoticePosted
from call.session.call_notices import Tell
from call.session.output_paths import snapshot_path
from core import events
from core.clock import local_now
from core.errors import ReportedError
from core.events import Event
from core.file_names import numbered
from core.threads import Threads
from media.errors import MediaError
from ui.call_notice import CallNoticeKind

if TYPE_CHECKING:
    from av import VideoFrame


class Snapshots:
    """Takes snapshots.

    Args:
        report: given the event of each; any thread.
        tell: tells the user why there is no picture.
        post: posts a notice to the call thread; any thread.
    """

    def __init__(
        self,
        threads: Threads,
        report: Callable[[Event], None],
        *,
        tell: Tell,
        post: Callable[[NoticePosted], object],
    ) -> None:
        self._threads = threads
        self._report = report
        self._tell = tell
        self._post = post
        self._thread: Thread | None = None

    def take(self, picture: "VideoFrame | None", peer_name: str) -> None:
        """Save a picture into the user's folder for pictures, unless one is still being saved.

        Args:
            picture: the other peer's newest; None before the first.
        """
        if picture is None:
            self._tell(CallNoticeKind.NO_PICTURE)
        elif self._thread is None or not self._thread.is_alive():
            path = snapshot_path(peer_name, local_now())
            self._thread = self._threads.start(
                "snapshot", lambda: self._save(picture, path), self._on_end
            )

    def _save(self, picture: "VideoFrame", path: Path) -> None:
        # Imported here: OpenCV takes 27 MB, and most calls do without it.
        from media.video.snapshot import save_snapshot

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path = next(candidate for candidate in numbered(path) if not candidate.exists())
        except OSError as error:
            raise MediaError(
                f"The picture could not be written to {path}: {error.strerror or error}",
                "Check that the folder can be written to",
            ) from error
        save_snapshot(picture, path)
        self._post(NoticePosted(CallNoticeKind.SNAPSHOT_SAVED, path=str(path)))
        self._report(events.SnapshotSaved(file=str(path)))

    def _on_end(self, error: BaseException | None) -> None:
        if isinstance(error, ReportedError):
            detail = f"{error.sentence}. {error.next_step}."
            self._post(NoticePosted(CallNoticeKind.SNAPSHOT_FAILED, detail=detail))
        elif error is not None:
            detail = f"The picture was not saved: {error}"
            self._post(NoticePosted(CallNoticeKind.SNAPSHOT_FAILED, detail=detail))
