"""Painting: from a picture to the canvas. Display thread; holds no state.

Qt is handed the pixels where they lie: `bgra` in memory is what Qt calls RGB32 on every machine
that we run on (little endian), so nothing is converted and nothing is copied before the blit.
"""

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from media.video.display_picture import DisplayPicture
from ui.window import palette
from ui.window.geometry import Box


def view_pixels(picture: DisplayPicture) -> QImage:
    """Return an image over the pixels of a picture, without a copy.

    The caller keeps `picture` alive for as long as the image is used.
    """
    frame = picture.bgra
    plane = frame.planes[0]
    return QImage(
        memoryview(plane), frame.width, frame.height, plane.line_size, QImage.Format.Format_RGB32
    )


def paint_remote(painter: QPainter, picture: DisplayPicture, box: Box, canvas: QRect) -> None:
    """Paint the other side's picture into its box, and the canvas beside it near black."""
    if box.height < canvas.height():
        painter.fillRect(0, 0, canvas.width(), box.y, QColor(palette.GROUND))
        below = box.y + box.height
        painter.fillRect(0, below, canvas.width(), canvas.height() - below, QColor(palette.GROUND))
    if box.width < canvas.width():
        painter.fillRect(0, box.y, box.x, box.height, QColor(palette.GROUND))
        right = box.x + box.width
        painter.fillRect(right, box.y, canvas.width() - right, box.height, QColor(palette.GROUND))
    image = view_pixels(picture)
    if (image.width(), image.height()) == (box.width, box.height):
        painter.drawImage(box.x, box.y, image)
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.drawImage(QRect(*box), image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
