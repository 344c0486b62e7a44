"""The user's own picture in the window. Capture thread; the window requests a size.

Scales pictures separately from those that are encoded: small ones, at most 15 a second.
"""

from collections.abc import Callable

from core.mailbox import Mailbox
from media.frame import Frame, FrameKind
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes

_RATE_HZ = 15


class SelfView:
    """Scales the user's own pictures while a window shows them.

    Args:
        sizes: the sizes that the window requests.
        notify: called after each new picture; must not block.
        pictures: receives the pictures; one of two captures may follow the other.
    """

    def __init__(
        self,
        sizes: DisplaySizes,
        notify: Callable[[], None],
        pictures: Mailbox[DisplayPicture] | None = None,
    ) -> None:
        from media.video.display_scaler import DisplayScaler
        from media.video.frame_pacing import RateLimit

        self.pictures: Mailbox[DisplayPicture] = Mailbox() if pictures is None else pictures
        self._sizes = sizes
        self._notify = notify
        self._scaler = DisplayScaler()
        self._limit = RateLimit(_RATE_HZ)
        self._standing: Frame | None = None
        self._is_mirrorable = True
        self._converted_size: tuple[int, int] | None = None

    def show(self, frame: Frame, *, is_mirrorable: bool = True) -> None:
        """Convert a new frame, if the window shows it and the rate allows; keep a standing one.

        Args:
            is_mirrorable: whether the window may show it as in a mirror.
        """
        is_live = frame.kind is FrameKind.LIVE
        self._is_mirrorable = is_mirrorable
        self._standing = None if is_live else frame
        self._converted_size = None
        size = self._requested_size()
        if is_live and size is not None and self._limit.allows(frame.captured_us):
            self._convert(frame, size)
        self.refresh()

    def refresh(self) -> None:
        """Convert a standing frame if the window has requested a size, or another size, since."""
        size = self._requested_size()
        if self._standing is not None and size is not None and size != self._converted_size:
            self._convert(self._standing, size)
            self._converted_size = size

    @property
    def standing(self) -> Frame | None:
        """The frame that stands; None while pictures move."""
        return self._standing

    def forget(self) -> None:
        """Stop showing a standing frame."""
        self._standing = None

    def _requested_size(self) -> tuple[int, int] | None:
        size = self._sizes.own_px
        return size if size[0] > 0 and size[1] > 0 else None

    def _convert(self, frame: Frame, size: tuple[int, int]) -> None:
        picture = frame.picture
        scale = min(size[0] / picture.width, size[1] / picture.height, 1.0)
        width = max(2, round(picture.width * scale))
        height = max(2, round(picture.height * scale))
        small = self._scaler.convert(picture, (width, height))
        self.pictures.put(
            DisplayPicture(small, width, height, frame.captured_us, self._is_mirrorable)
        )
        self._notify()
