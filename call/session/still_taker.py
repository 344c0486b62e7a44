"""Still taker: a photo of the own camera in full quality, to be sent as a file. Call thread.

The picture is the newest that the camera delivered, in its own size, whatever the link leaves of
the call's pictures. A thread encodes it, since that takes some tens of milliseconds.
"""

from collections.abc import Callable
from threading import Thread

from call.inbox import NoticePosted
from call.live.local_video import LocalVideo
from call.session.call_notices import Tell
from core.clock import local_now
from core.threads import Threads
from media.frame import Frame, FrameKind
from ui.call_notice import CallNoticeKind


class StillTaker:
    """Takes photos, one at a time.

    Args:
        on_taken: given the file's name and content; any thread.
        tell: tells the user why there is no picture.
        post: posts a notice to the call thread; any thread.
    """

    def __init__(
        self,
        threads: Threads,
        on_taken: Callable[[str, bytes], object],
        *,
        tell: Tell,
        post: Callable[[NoticePosted], object],
    ) -> None:
        self._threads = threads
        self._on_taken = on_taken
        self._tell = tell
        self._post = post
        self._thread: Thread | None = None

    def take(self, video: LocalVideo) -> None:
        """Take a photo, unless the one before is still being taken or there is no picture."""
        _, frame = video.frames.peek()
        if video.is_hidden:
            self._tell(CallNoticeKind.CAMERA_OFF)
        elif frame is None or frame.kind is FrameKind.PLACEHOLDER:
            self._tell(CallNoticeKind.NO_OWN_PICTURE)
        elif self._thread is None or not self._thread.is_alive():
            name = f"Photo {local_now():%Y-%m-%d %H.%M.%S}.jpg"
            self._thread = self._threads.start(
                "still", lambda: self._encode(frame, name), self._on_end
            )

    def _encode(self, frame: Frame, name: str) -> None:
        # Imported here: OpenCV takes 27 MB, and most calls do without it.
        from media.video.snapshot import encode_photo

        self._on_taken(name, encode_photo(frame.picture))

    def _on_end(self, error: BaseException | None) -> None:
        if error is not None:
            self._post(NoticePosted(CallNoticeKind.STILL_FAILED, detail=str(error)))
