"""Microphone icon, struck through where nothing is heard. Imports Qt; holds no state."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen


def paint_microphone(
    painter: QPainter, box: QRectF, *, colour: QColor, struck_on: QColor | None = None
) -> None:
    """Paint a microphone into a square.

    Args:
        painter: draws in device pixels.
        box: where it goes.
        colour: of its lines.
        struck_on: the ground behind it, where it is to be struck through; the stroke has an edge of
            this colour, so that it can be told from the lines below.
    """
    side = box.width()

    def at(across: float, down: float) -> QPointF:
        return QPointF(box.x() + side * across, box.y() + side * down)

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    capsule = QRectF(at(0.34, 0.02), at(0.66, 0.62))
    painter.drawRoundedRect(capsule, side * 0.16, side * 0.16)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = QPen(colour, max(1.0, side * 0.09))
    line.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(line)
    painter.drawArc(QRectF(at(0.18, 0.12), at(0.82, 0.78)), 180 * 16, 180 * 16)
    painter.drawLine(at(0.5, 0.78), at(0.5, 0.95))
    painter.drawLine(at(0.3, 0.95), at(0.7, 0.95))
    if struck_on is not None:
        line.setColor(struck_on)
        line.setWidthF(max(2.5, side * 0.26))
        painter.setPen(line)
        painter.drawLine(at(0.08, 0.06), at(0.92, 0.94))
        line.setColor(colour)
        line.setWidthF(max(1.2, side * 0.1))
        painter.setPen(line)
        painter.drawLine(at(0.08, 0.06), at(0.92, 0.94))
    painter.restore()
