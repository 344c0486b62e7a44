"""A program for the tests: the window in one of the states of `window_scenes`, on the current
screen, until it is ended.

The argument is the name of the state.
"""

import sys

from PySide6.QtWidgets import QApplication

from core.mailbox import Mailbox
from media.video.display_sizes import DisplaySizes
from scripts.window_scenes import SCENES
from ui.window.call_window import CallWindow
from ui.window.settings import WindowSettings
from ui.window.window_pictures import WindowPictures


def main(name: str) -> None:
    application = QApplication(["vis-a-vis"])
    window = CallWindow(
        WindowSettings(),
        WindowPictures(
            remote=Mailbox(), own=Mailbox(), wanted=DisplaySizes(), on_painted=lambda _: None
        ),
        post=lambda _: None,
    )
    window.set_view(SCENES[name].view)
    window.show()
    SCENES[name].then(window)
    window.set_view(SCENES[name].view)
    application.exec()


if __name__ == "__main__":
    main(sys.argv[1])
