"""Video display: converts pictures for the window, and measures when they were shown.

The decode thread hands over a decoded picture, which is converted to the window's size.
The display thread reports when it was painted.
"""

from collections.abc import Callable

from call.live.video_receiver import DecodedPicture
from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from media.video.display_scaler import DisplayScaler
from media.video.display_sizes import DisplaySizes

UNKNOWN_US = 0
"""Stands for the time of capture while the other peer's clock is unknown."""


class VideoDisplay:
    """Converts pictures for the window.

    Args:
        sizes: the size that the window requests; while it is 0, no picture is converted.
        notify: wakes the window.
    """

    def __init__(
        self, sizes: DisplaySizes, notify: Callable[[], None], now_us: Callable[[], int]
    ) -> None:
        self.remote: Mailbox[DisplayPicture] = Mailbox()
        self._sizes = sizes
        self._notify = notify
        self._now_us = now_us
        self._scaler = DisplayScaler()
        self._shown_us: list[int] = []

    def show(self, decoded: DecodedPicture) -> None:
        """Convert a picture and hand it to the window. Decode thread."""
        room_width, room_height = self._sizes.remote_px
        if not room_width or not room_height:
            return
        picture = decoded.picture
        scale = min(room_width / picture.width, room_height / picture.height)
        width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        bgra = self._scaler.convert(picture, (width, height))
        captured_us = UNKNOWN_US if decoded.captured_us is None else decoded.captured_us
        self.remote.put(DisplayPicture(bgra, width, height, captured_us))
        self._notify()

    def on_painted(self, picture: DisplayPicture) -> None:
        """Measure the latency of a picture that was just painted. Display thread."""
        if picture.captured_us != UNKNOWN_US:
            self._shown_us.append(self._now_us() - picture.captured_us)

    def take_shown_us(self) -> list[int]:
        """Return the latency of each picture painted since the last call. Call thread."""
        taken, self._shown_us = self._shown_us, []
        return taken
