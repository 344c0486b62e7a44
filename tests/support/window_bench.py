"""A window of a call for tests: everything that it is connected to, and a look at its pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel

from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from ui.actions import UserAction
from ui.view import PeerView, RemotePicture, Stage, View
from ui.window.call_window import CallWindow
from ui.window.settings import WindowSettings
from ui.window.window_pictures import WindowPictures

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)
ALICE = PeerView("Alice", "10.0.0.2", words="otter lamp moon tree")


class WindowBench:
    """A window of 1000 x 600, and everything that it is connected to."""

    def __init__(self, settings: WindowSettings) -> None:
        self.remote: Mailbox[DisplayPicture] = Mailbox()
        self.own: Mailbox[DisplayPicture] = Mailbox()
        self.wanted = DisplaySizes()
        self.events: list[UserAction] = []
        self.painted: list[DisplayPicture] = []
        self.window = CallWindow(
            settings,
            WindowPictures(
                remote=self.remote,
                own=self.own,
                wanted=self.wanted,
                on_painted=self.painted.append,
            ),
            post=self.events.append,
        )
        self.window.resize(1000, 600)

    def receive(self, picture: DisplayPicture) -> None:
        self.remote.put(picture)
        self.window.take_remote()

    def grab(self) -> QImage:
        return self.window.grab().toImage()

    def text(self) -> str:
        """Return the text of all labels that are shown."""
        labels = self.window.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisibleTo(self.window))


@contextmanager
def text_of_scale(scale: float) -> Iterator[None]:
    """Make the text of the desktop larger than usual until the context is left."""
    usual, larger = QApplication.font(), QApplication.font()
    larger.setPointSizeF(usual.pointSizeF() * scale)
    QApplication.setFont(larger)
    try:
        yield
    finally:
        QApplication.setFont(usual)


def view(stage: Stage = Stage.CALL, **more: Any) -> View:
    values = {"peer": ALICE, "remote_picture": RemotePicture.SHOWN, **more}
    return View(stage=stage, local_name="Me", **values)


def colour(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    at = QColor(image.pixel(x, y))
    return at.red(), at.green(), at.blue()
