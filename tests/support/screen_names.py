"""A program for the tests: cards of calls from names in many scripts, on the current screen.

Prints one line of JSON: for each name whether a glyph is missing from its card, and a digest of the
window's pixels; and under "screen" the name of Qt's platform.
"""

import hashlib
import json

from PySide6.QtCore import QBuffer, QByteArray, QEventLoop, QIODevice
from PySide6.QtGui import QGuiApplication, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel

from core.mailbox import Mailbox
from media.video.display_sizes import DisplaySizes
from tests.support.names import NAMES
from ui.view import PeerView, Stage, View
from ui.window.call_window import CallWindow
from ui.window.settings import WindowSettings
from ui.window.window_pictures import WindowPictures


def is_glyph_missing(label: QLabel) -> bool:
    """Return whether the fonts of a label lack a glyph for its text; number 0 stands for one."""
    layout = QTextLayout(label.text(), label.font())
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return any(0 in run.glyphIndexes() for run in layout.glyphRuns())


def digest(canvas: CallWindow) -> str:
    """Return a digest of the window's pixels."""
    stored = QByteArray()
    buffer = QBuffer(stored)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    canvas.grab().save(buffer, "PNG")
    return hashlib.sha256(stored.data()).hexdigest()


def main() -> None:
    application = QApplication(["vis-a-vis"])
    canvas = CallWindow(
        WindowSettings(),
        WindowPictures(
            remote=Mailbox(), own=Mailbox(), wanted=DisplaySizes(), on_painted=lambda _: None
        ),
        post=lambda _: None,
    )
    canvas.show()
    seen: dict[str, object] = {"screen": QGuiApplication.platformName()}
    for script, name in NAMES.items():
        canvas.set_view(
            View(stage=Stage.INCOMING, local_name="Me", peer=PeerView(name, "10.0.0.2"))
        )
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        (label,) = (label for label in canvas.findChildren(QLabel) if name in label.text())
        seen[script] = [is_glyph_missing(label), digest(canvas)]
    print(json.dumps(seen))
    canvas.leave()


if __name__ == "__main__":
    main()
