"""Shown picture: which of the other peer's pictures is on the screen. Pure: no Qt.

The mailbox keeps the last picture of a call that is over, and the next caller must not be greeted
by the face of the former. So a picture counts only if it came after the call began, or if the view
says that pictures are shown.
"""

from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from ui.view import RemotePicture, Stage, View

_WITHOUT_PICTURE = (RemotePicture.NONE, RemotePicture.HIDDEN)


class ShownPicture:
    """The picture that fills the window now, if any. Display thread only."""

    def __init__(self, mailbox: Mailbox[DisplayPicture]) -> None:
        self._mailbox = mailbox
        self._view: View | None = None
        self._floor = 0
        self._number = 0
        self._held: DisplayPicture | None = None

    @property
    def held(self) -> DisplayPicture | None:
        """The picture that was taken last, while it is to be shown."""
        return self._held

    def follow(self, view: View) -> None:
        """Follow the view, and drop a picture that it does not show."""
        is_call = view.stage is Stage.CALL
        has_begun = is_call and (self._view is None or self._view.stage is not Stage.CALL)
        is_without = is_call and view.remote_picture in _WITHOUT_PICTURE
        if has_begun or is_without or not (is_call or view.stage is Stage.ENDED):
            self._floor, _ = self._mailbox.peek()
            self._held = None
        self._view = view

    def is_there(self) -> bool:
        """Return whether there is a picture to paint."""
        return self._find()[1] is not None

    def take(self) -> tuple[DisplayPicture | None, bool]:
        """Return the picture to paint, and whether it differs from the last one."""
        number, picture = self._find()
        is_new = picture is not None and number != self._number
        self._number, self._held = number, picture
        return picture, is_new

    def _find(self) -> tuple[int, DisplayPicture | None]:
        view = self._view
        if view is None or view.stage is not Stage.CALL or view.remote_picture in _WITHOUT_PICTURE:
            return self._number, self._held
        number, picture = self._mailbox.peek()
        if view.remote_picture is RemotePicture.SHOWN or number > self._floor:
            return number, picture
        return self._number, self._held
