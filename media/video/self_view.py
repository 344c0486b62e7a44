"""One's own small picture. Run by the capture thread; the display thread only says what it wants.

A conversion of its own, beside the full-size path: small, and at most 15 a second.
"""

from collections.abc import Callable

from core.mailbox import Mailbox
from media.frame import Frame, FrameKind
from media.video.colour_range import FULL_RANGE
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes

_RATE_HZ = 15


class SelfView:
    """Makes small pictures, for as long as a window wants them.

    Args:
        sizes: what the window asks for.
        notify: called after each new picture; must not block.
    """

    def __init__(self, sizes: DisplaySizes, notify: Callable[[], None]) -> None:
        from av.video.reformatter import VideoReformatter

        from media.video.frame_pacing import RateLimit

        self.pictures: Mailbox[DisplayPicture] = Mailbox()
        self._sizes = sizes
        self._notify = notify
        self._reformatter = VideoReformatter()
        self._limit = RateLimit(_RATE_HZ)
        self._standing: Frame | None = None
        self._shown_at: tuple[int, int] | None = None

    @property
    def _wanted(self) -> tuple[int, int] | None:
        wanted = self._sizes.own_px
        return wanted if wanted[0] > 0 and wanted[1] > 0 else None

    def show(self, frame: Frame) -> None:
        """Convert a frame that was just handed on, if it is wanted and time for it."""
        is_live = frame.kind is FrameKind.LIVE
        self._standing = None if is_live else frame
        self._shown_at = None
        wanted = self._wanted
        if is_live and wanted is not None and self._limit.allows(frame.captured_us):
            self._convert(frame, wanted)
        self.refresh()

    def refresh(self) -> None:
        """Convert a standing frame for whoever asked after it came, or for another size."""
        wanted = self._wanted
        if self._standing is not None and wanted is not None and wanted != self._shown_at:
            self._convert(self._standing, wanted)
            self._shown_at = wanted

    def forget(self) -> None:
        """Show a standing frame no more."""
        self._standing = None

    def _convert(self, frame: Frame, wanted: tuple[int, int]) -> None:
        picture = frame.picture
        scale = min(wanted[0] / picture.width, wanted[1] / picture.height, 1.0)
        width = max(2, round(picture.width * scale))
        height = max(2, round(picture.height * scale))
        small = self._reformatter.reformat(
            picture,
            width,
            height,
            "bgra",
            src_color_range=picture.color_range,
            dst_color_range=FULL_RANGE,
            threads=1,
        )
        self.pictures.put(DisplayPicture(small, width, height, frame.captured_us))
        self._notify()
