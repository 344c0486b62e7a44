"""Still taker: a photo of the own camera in full quality, to be sent as a file. Call thread.

The picture is the newest that the camera delivered, in its own size, whatever the link leaves of
the call's pictures. A thread encodes it, since that takes some tens of milliseconds.
"""

import logging
from collections.abc import Callable
from threading import Thread

from call.live.local_video import LocalVideo
from core.clock import local_now
from core.threads import Threads
from media.frame import Frame, FrameKind
from ui.wording import recording as wording

_log = logging.getLogger(__name__)


class StillTaker:
    """Takes photos, one at a time.

    Args:
        on_taken: given the file's name and content; any thread.
    """

    def __init__(self, threads: Threads, on_taken: Callable[[str, bytes], object]) -> None:
        self._threads = threads
        self._on_taken = on_taken
        self._thread: Thread | None = None

    def take(self, video: LocalVideo) -> None:
        """Take a photo, unless the one before is still being taken or there is no picture."""
        _, frame = video.frames.peek()
        if video.is_hidden or frame is None or frame.kind is FrameKind.PLACEHOLDER:
            sentence = wording.no_own_picture(is_camera_off=video.is_hidden)
            _log.warning("%s", sentence, extra={"key": "no_picture"})
        elif self._thread is None or not self._thread.is_alive():
            name = f"Photo {local_now():%Y-%m-%d %H.%M.%S}.jpg"
            self._thread = self._threads.start(
                "still", lambda: self._encode(frame, name), _log_failure
            )

    def _encode(self, frame: Frame, name: str) -> None:
        # Imported here: OpenCV takes 27 MB, and most calls do without it.
        from media.video.snapshot import encode_photo

        self._on_taken(name, encode_photo(frame.picture))


def _log_failure(error: BaseException | None) -> None:
    if error is not None:
        _log.error("The photo was not taken: %s", error, extra={"key": "still_failed"})
