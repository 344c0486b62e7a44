"""Painting: from a picture to the canvas. Display thread; holds no state.

Qt is handed the pixels where they lie: `bgra` in memory is what Qt calls RGB32 on every machine
that we run on (little endian), so nothing is converted and nothing is copied before the blit.
"""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

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


def paint_own(
    painter: QPainter, picture: DisplayPicture, box: Box, *, is_mirrored: bool, corner_px: float
) -> None:
    """Paint our own picture into its box, with round corners, mirrored on request."""
    image = view_pixels(picture)
    if image.isNull():
        return
    across = box.width / image.width()
    down = box.height / image.height()
    onto_box = QTransform(
        -across if is_mirrored else across,
        0.0,
        0.0,
        down,
        float(box.x + box.width if is_mirrored else box.x),
        float(box.y),
    )
    brush = QBrush(image)
    brush.setTransform(onto_box)
    is_scaled = (image.width(), image.height()) != (box.width, box.height)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_scaled)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(brush)
    painter.setPen(QPen(QColor(palette.OWN_EDGE), max(1.0, corner_px / 8)))
    painter.drawRoundedRect(QRectF(*box), corner_px, corner_px)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
