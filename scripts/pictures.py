"""Draws the window in its states: the pictures of README, or every state for a look at all.

    make pictures                                   writes docs/pictures
    .venv/bin/python scripts/pictures.py --all DIR  every state, in two sizes, both looks and with
                                                    text of 100 % and 200 %

The people are drawn; nobody's camera is opened. Needs no screen.
"""

import argparse
import os
import sys
from pathlib import Path

from msgspec.structs import replace

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import av
import numpy as np
from PySide6.QtCore import QEventLoop, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QApplication

from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from scripts.window_scenes import CALL, SCENES, SHARING, Scene
from ui.view import Stage
from ui.window.call_window import CallWindow
from ui.window.geometry import own_room
from ui.window.settings import LookName, WindowSettings
from ui.window.window_pictures import WindowPictures

README_FOLDER = Path(__file__).resolve().parent.parent / "docs/pictures"
README_PX = (960, 540)
SIZES_PX = ((1280, 720), (640, 480))
LOOKS: tuple[LookName, ...] = ("dark", "light")
TEXT_PERCENT = (100, 200)
USUAL_PT = 10
SETTLE_MS = 320
"""Longer than any of the window's animations at its start."""
README_SCENES: tuple[tuple[str, LookName], ...] = (
    ("lobby", "light"),
    ("waiting", "light"),
    ("call", "dark"),
    ("chat", "light"),
)


def draw_person(size_px: tuple[int, int], *, is_own: bool) -> DisplayPicture:
    """Draw somebody in a room."""
    image = QImage(1600, 900, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    wall = QLinearGradient(0, 0, 0, 900)
    wall.setColorAt(0, QColor("#8fa3b8" if is_own else "#cdb998"))
    wall.setColorAt(1, QColor("#66788c" if is_own else "#9a876a"))
    painter.fillRect(image.rect(), wall)
    painter.setPen(QPen(QColor("#7c7884"), 12))
    painter.setBrush(QColor("#cfe6f4"))
    painter.drawRect(QRectF(150, 110, 360, 470))
    painter.drawLine(QPointF(330, 110), QPointF(330, 580))
    painter.setPen(Qt.PenStyle.NoPen)
    for row in range(3):
        painter.setBrush(QColor("#7d5637"))
        painter.drawRect(QRectF(1150, 330 + 150 * row, 320, 12))
        for book in range(9):
            hue = (book * 53 + row * 97) % 360
            painter.setBrush(QColor.fromHsl(hue, 90, 120))
            high = 70 + (book * 31 + row * 17) % 45
            painter.drawRect(QRectF(1160 + 34 * book, 330 + 150 * row - high, 27, high))
    painter.setBrush(QColor("#7a3d52" if is_own else "#33578f"))
    painter.drawEllipse(QRectF(440, 640, 720, 640))
    painter.setBrush(QColor("#d7ab89"))
    painter.drawRect(QRectF(740, 560, 120, 120))
    painter.setBrush(QColor("#e6bb97"))
    painter.drawEllipse(QRectF(645, 230, 310, 390))
    painter.setBrush(QColor("#8a5a2b" if is_own else "#4b3526"))
    painter.drawChord(QRectF(625, 190, 350, 290), 0, 180 * 16)
    if is_own:
        painter.drawEllipse(QRectF(610, 300, 70, 260))
        painter.drawEllipse(QRectF(920, 300, 70, 260))
    painter.setBrush(QColor("#2b2b33"))
    for across in (735, 865):
        painter.drawEllipse(QPointF(across, 405), 13, 13)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor("#a8503f"), 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(QRectF(740, 440, 120, 80), 200 * 16, 140 * 16)
    painter.end()
    scaled = image.scaled(
        *size_px,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixels = np.frombuffer(scaled.constBits(), np.uint8).reshape(size_px[1], size_px[0], 4)
    return DisplayPicture(av.VideoFrame.from_ndarray(pixels.copy(), format="bgra"), *size_px, 0)


def draw(scene: Scene, size_px: tuple[int, int], look: LookName) -> QImage:
    """Return a picture of the window in a state."""
    remote: Mailbox[DisplayPicture] = Mailbox()
    own: Mailbox[DisplayPicture] = Mailbox()
    wanted = DisplaySizes()
    window = CallWindow(
        WindowSettings(look=look),
        WindowPictures(remote=remote, own=own, wanted=wanted, on_painted=lambda _: None),
        post=lambda _: None,
        level_dbfs=lambda: -25.0,
    )
    window.resize(*size_px)
    window.show()
    view = scene.view
    if view.lobby is not None:
        window.set_view(view)
    if view.figures is not None:
        window.set_view(replace(CALL, sharing=SHARING))
        remote.put(draw_person(_widest(size_px), is_own=False))
        window.take_remote()
        window.canvas.repaint()
    if view.lobby is not None or view.stage not in (Stage.WAITING, Stage.ENDED):
        own.put(draw_person(_widest(own_room(size_px)), is_own=True))
        window.take_own()
    window.set_view(view)
    if view.lobby is not None:
        settle()
        own.put(
            draw_person(_widest(wanted.own_px if any(wanted.own_px) else (64, 36)), is_own=True)
        )
        window.take_own()
    scene.then(window)
    window.set_view(view)
    settle()
    image = window.grab().toImage()
    window.leave()
    window.deleteLater()
    return image


def settle() -> None:
    """Let the window lay itself out and finish its animations."""
    loop = QEventLoop()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()


def _widest(room_px: tuple[int, int]) -> tuple[int, int]:
    width = min(room_px[0], room_px[1] * 16 // 9)
    return width, width * 9 // 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", metavar="DIR", type=Path, help="every state, into this folder")
    folder: Path | None = parser.parse_args().all
    application = QApplication(["pictures"])
    if folder is None:
        README_FOLDER.mkdir(parents=True, exist_ok=True)
        for name, look in README_SCENES:
            draw(SCENES[name], README_PX, look).save(str(README_FOLDER / f"{name}.png"))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for percent in TEXT_PERCENT:
        font = application.font()
        font.setPointSizeF(USUAL_PT * percent / 100)
        application.setFont(font)
        for size_px in SIZES_PX:
            for look in LOOKS:
                for name, scene in SCENES.items():
                    file = f"{name}-{size_px[0]}x{size_px[1]}-{look}-{percent}.png"
                    draw(scene, size_px, look).save(str(folder / file))


if __name__ == "__main__":
    main()
