"""A program for the tests: a call in a window on the current screen.

Prints `painted` once the first picture has been painted. With the argument `look` it then prints
the pixels of the screen as one line of JSON and exits; otherwise it exits when asked to quit.
"""

import json
import signal
import socket
import sys
import threading

import av
import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QGuiApplication

from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from ui.actions import UserAction
from ui.view import PeerView, RemotePicture, Stage, UserEvent, View
from ui.window.settings import WindowSettings
from ui.window.window import Window
from ui.window.window_pictures import WindowPictures

LOOK_EVERY_MS = 20


def make_picture(size_px: tuple[int, int]) -> DisplayPicture:
    """Return a picture, 16 to 9, that is red on the left and blue on the right."""
    width, height = size_px[0], size_px[0] * 9 // 16
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[:, : width // 2, :3] = (30, 30, 220)
    pixels[:, width // 2 :, :3] = (220, 30, 30)
    return DisplayPicture(av.VideoFrame.from_ndarray(pixels, format="bgra"), width, height, 0)


def main(mode: str) -> None:
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(sender.fileno())

    remote: Mailbox[DisplayPicture] = Mailbox()
    own: Mailbox[DisplayPicture] = Mailbox()
    wanted = DisplaySizes()
    events: list[str] = []
    first = threading.Event()

    def post(event: UserAction) -> None:
        events.append(event.value if isinstance(event, UserEvent) else str(event))
        if event is UserEvent.QUIT:
            window.close()

    def note(_: DisplayPicture) -> None:
        if not first.is_set():
            first.set()
            print("painted", flush=True)
            if mode == "look":
                look()

    def look() -> None:
        """Grab the screen until the painted picture is on it, and print its pixels."""
        canvas = window.widget
        image = QGuiApplication.primaryScreen().grabWindow(0).toImage()
        ratio = canvas.devicePixelRatio()
        left, top = round(canvas.x() * ratio), round(canvas.y() * ratio)
        width, height = wanted.remote_px

        def colour(across: float, down: float) -> list[int]:
            x, y = left + round((width - 1) * across), top + round((height - 1) * down)
            at = QColor(image.pixel(x, y))
            return [at.red(), at.green(), at.blue()]

        if colour(0.25, 0.5) != [220, 30, 30]:
            QTimer.singleShot(LOOK_EVERY_MS, look)
            return
        seen = {
            "left": colour(0.0, 0.5),
            "before_middle": colour(0.499, 0.5),
            "after_middle": colour(0.501, 0.5),
            "right": colour(1.0, 0.5),
            "title": canvas.windowTitle(),
            "ratio": ratio,
            "size": [canvas.width(), canvas.height()],
            "remote_px": wanted.remote_px,
            "screen": QGuiApplication.platformName(),
        }
        print(json.dumps(seen), flush=True)
        window.close()

    window = Window(
        WindowSettings(),
        WindowPictures(remote=remote, own=own, wanted=wanted, on_painted=note),
        post=post,
        wakeup_socket=receiver,
    )
    window.show(
        View(
            stage=Stage.CALL,
            local_name="Me",
            peer=PeerView("Alice"),
            remote_picture=RemotePicture.SHOWN,
        )
    )
    remote.put(make_picture(wanted.remote_px))
    window.notify_remote()
    window.run()
    print(json.dumps(events), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
