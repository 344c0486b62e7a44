"""Own image: our own picture as it lies on the canvas, kept as pixels. Display thread.

It is drawn once for each picture, 15 times a second; each paint of the window copies it. The round
corners are a mask: a rounded rectangle that is filled with the picture takes four times as long,
and Qt starts threads for it.
"""

from math import ceil

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from media.video.display_picture import DisplayPicture
from ui.window import palette
from ui.window.geometry import Box
from ui.window.painting import view_pixels


class OwnImage:
    """Our own picture with round corners.

    Args:
        is_mirrored: whether a picture is shown as in a mirror, unless it may not be mirrored.
    """

    def __init__(self, *, is_mirrored: bool) -> None:
        self._is_mirrored = is_mirrored
        self._picture: DisplayPicture | None = None
        self._shape = (0, 0, 0.0)
        self._edge_px = 0
        """The margin around the picture; the line around it lies half outside its box."""
        self._image = QImage()
        self._mask = QImage()
        self._corners: list[QRect] = []
        """The parts of the mask that are not all opaque."""
        self._line = QImage()

    def paint(
        self, painter: QPainter, picture: DisplayPicture, box: Box, *, corner_px: float
    ) -> None:
        """Paint a picture into its box.

        Args:
            painter: draws in device pixels.
            corner_px: the radius of its corners, device pixels.
        """
        shape = box.width, box.height, corner_px
        if shape != self._shape:
            self._draw_shape(*shape)
        if picture is not self._picture or shape != self._shape:
            self._draw_picture(picture, box.width, box.height)
        self._picture, self._shape = picture, shape
        painter.drawImage(box.x - self._edge_px, box.y - self._edge_px, self._image)

    def _draw_shape(self, width: int, height: int, corner_px: float) -> None:
        line_px = max(1.0, corner_px / 8)
        self._edge_px = edge_px = ceil(line_px)
        self._image, self._mask, self._line = (
            QImage(
                width + 2 * edge_px,
                height + 2 * edge_px,
                QImage.Format.Format_ARGB32_Premultiplied,
            )
            for _ in range(3)
        )
        outline = QRectF(edge_px, edge_px, width, height)
        side_px = edge_px + ceil(corner_px)
        right, bottom = (size + 2 * edge_px - side_px for size in (width, height))
        self._corners = [QRect(x, y, side_px, side_px) for x in (0, right) for y in (0, bottom)]
        pen, nothing = QPen(QColor(palette.OWN_EDGE), line_px), Qt.GlobalColor.transparent
        for image, brush, edge in (
            (self._mask, Qt.GlobalColor.black, Qt.PenStyle.NoPen),
            (self._line, nothing, pen),
        ):
            image.fill(nothing)
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setBrush(brush)
            painter.setPen(edge)
            painter.drawRoundedRect(outline, corner_px, corner_px)
            painter.end()

    def _draw_picture(self, picture: DisplayPicture, width: int, height: int) -> None:
        # Converted, since the fourth byte of a screen's pixels may be anything.
        pixels = view_pixels(picture).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        if self._is_mirrored and picture.is_mirrorable:
            pixels = pixels.flipped(Qt.Orientation.Horizontal)
        self._image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        if (pixels.width(), pixels.height()) == (width, height):
            painter.drawImage(self._edge_px, self._edge_px, pixels)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(QRect(self._edge_px, self._edge_px, width, height), pixels)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        for corner in self._corners:
            painter.drawImage(corner.topLeft(), self._mask, corner)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.drawImage(0, 0, self._line)
        painter.end()
