"""Icons of the controls, drawn from lines so that they are sharp at any size. Holds no state."""

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ui.window.microphone_icon import paint_microphone


class Icon(Enum):
    """The subject of an icon."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    CHAT = "chat"
    RECORD = "record"
    STOP = "stop"
    FULL_SCREEN = "full screen"
    LEAVE_FULL_SCREEN = "leave full screen"
    MORE = "more"
    HANG_UP = "hang up"
    DO_NOT_DISTURB = "do not disturb"
    WARNING = "warning"
    WEAK_LINK = "weak link"
    CLOSE = "close"
    ATTACH = "attach"
    SEND = "send"
    FILE = "file"


def paint_icon(
    painter: QPainter,
    icon: Icon,
    box: QRectF,
    *,
    colour: QColor,
    struck_on: QColor | None = None,
) -> None:
    """Paint an icon into a square.

    Args:
        box: where it goes.
        colour: of its lines.
        struck_on: the ground behind it, where it is to be struck through.
    """
    if icon is Icon.MICROPHONE:
        paint_microphone(painter, box, colour=colour, struck_on=struck_on)
        return
    side = box.width()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.translate(box.topLeft())
    painter.scale(side, side)
    painter.setPen(_line(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAWN[icon](painter, colour)
    if struck_on is not None:
        for line_colour, width in ((struck_on, 0.26), (colour, 0.1)):
            painter.setPen(_line(line_colour, width))
            painter.drawLine(QLineF(0.08, 0.06, 0.92, 0.94))
    painter.restore()


def _line(colour: QColor, width: float = 0.09) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _fill(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)


def _polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _draw_lines(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(_polygon(*points))


def _camera(painter: QPainter, colour: QColor) -> None:
    _fill(painter, colour)
    painter.drawRoundedRect(QRectF(0.04, 0.22, 0.6, 0.56), 0.12, 0.12)
    painter.setPen(_line(colour, 0.06))
    painter.drawPolygon(_polygon((0.72, 0.44), (0.94, 0.28), (0.94, 0.72), (0.72, 0.56)))


def _screen(painter: QPainter, _: QColor) -> None:
    painter.drawRoundedRect(QRectF(0.06, 0.14, 0.88, 0.6), 0.08, 0.08)
    painter.drawLine(QLineF(0.32, 0.9, 0.68, 0.9))
    painter.drawLine(QLineF(0.5, 0.58, 0.5, 0.3))
    _draw_lines(painter, (0.37, 0.42), (0.5, 0.29), (0.63, 0.42))


def _chat(painter: QPainter, _: QColor) -> None:
    bubble = QPainterPath()
    bubble.moveTo(0.2, 0.12)
    bubble.lineTo(0.8, 0.12)
    bubble.quadTo(0.94, 0.12, 0.94, 0.26)
    bubble.lineTo(0.94, 0.58)
    bubble.quadTo(0.94, 0.72, 0.8, 0.72)
    bubble.lineTo(0.48, 0.72)
    bubble.lineTo(0.26, 0.92)
    bubble.lineTo(0.26, 0.72)
    bubble.lineTo(0.2, 0.72)
    bubble.quadTo(0.06, 0.72, 0.06, 0.58)
    bubble.lineTo(0.06, 0.26)
    bubble.quadTo(0.06, 0.12, 0.2, 0.12)
    painter.drawPath(bubble)
    painter.drawLine(QLineF(0.28, 0.33, 0.72, 0.33))
    painter.drawLine(QLineF(0.28, 0.51, 0.56, 0.51))


def _record(painter: QPainter, colour: QColor) -> None:
    painter.drawEllipse(QRectF(0.07, 0.07, 0.86, 0.86))
    _fill(painter, colour)
    painter.drawEllipse(QRectF(0.27, 0.27, 0.46, 0.46))


def _stop(painter: QPainter, colour: QColor) -> None:
    painter.drawEllipse(QRectF(0.07, 0.07, 0.86, 0.86))
    _fill(painter, colour)
    painter.drawRoundedRect(QRectF(0.32, 0.32, 0.36, 0.36), 0.05, 0.05)


def _full_screen(painter: QPainter, _: QColor) -> None:
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        near, far = 0.1, 0.36
        across = (near, far) if x == 0 else (1 - near, 1 - far)
        down = (near, far) if y == 0 else (1 - near, 1 - far)
        _draw_lines(painter, (across[1], down[0]), (across[0], down[0]), (across[0], down[1]))


def _leave_full_screen(painter: QPainter, _: QColor) -> None:
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        near, far = 0.08, 0.36
        across = (near, far) if x == 0 else (1 - near, 1 - far)
        down = (near, far) if y == 0 else (1 - near, 1 - far)
        _draw_lines(painter, (across[0], down[1]), (across[1], down[1]), (across[1], down[0]))


def _more(painter: QPainter, colour: QColor) -> None:
    _fill(painter, colour)
    for across in (0.16, 0.5, 0.84):
        painter.drawEllipse(QPointF(across, 0.5), 0.09, 0.09)


def _hang_up(painter: QPainter, colour: QColor) -> None:
    _fill(painter, colour)
    handset = QPainterPath()
    handset.moveTo(0.03, 0.58)
    handset.cubicTo(0.16, 0.26, 0.84, 0.26, 0.97, 0.58)
    handset.lineTo(0.95, 0.68)
    handset.quadTo(0.93, 0.73, 0.87, 0.72)
    handset.lineTo(0.72, 0.68)
    handset.quadTo(0.67, 0.66, 0.67, 0.6)
    handset.lineTo(0.67, 0.52)
    handset.quadTo(0.5, 0.46, 0.33, 0.52)
    handset.lineTo(0.33, 0.6)
    handset.quadTo(0.33, 0.66, 0.28, 0.68)
    handset.lineTo(0.13, 0.72)
    handset.quadTo(0.07, 0.73, 0.05, 0.68)
    handset.closeSubpath()
    painter.drawPath(handset)


def _do_not_disturb(painter: QPainter, colour: QColor) -> None:
    _fill(painter, colour)
    # A hundred times as large, because Qt turns curves into lines before it subtracts.
    painter.scale(0.01, 0.01)
    moon, shadow = QPainterPath(), QPainterPath()
    moon.addEllipse(QRectF(10, 8, 82, 82))
    shadow.addEllipse(QRectF(36, -4, 70, 70))
    painter.drawPath(moon.subtracted(shadow))


def _warning(painter: QPainter, colour: QColor) -> None:
    painter.drawPolygon(_polygon((0.5, 0.1), (0.95, 0.88), (0.05, 0.88)))
    painter.drawLine(QLineF(0.5, 0.4, 0.5, 0.6))
    _fill(painter, colour)
    painter.drawEllipse(QPointF(0.5, 0.74), 0.055, 0.055)


def _weak_link(painter: QPainter, colour: QColor) -> None:
    _fill(painter, colour)
    painter.drawRoundedRect(QRectF(0.06, 0.62, 0.2, 0.3), 0.05, 0.05)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_line(colour, 0.06))
    painter.drawRoundedRect(QRectF(0.41, 0.39, 0.17, 0.5), 0.05, 0.05)
    painter.drawRoundedRect(QRectF(0.75, 0.12, 0.17, 0.77), 0.05, 0.05)


def _close(painter: QPainter, _: QColor) -> None:
    painter.drawLine(QLineF(0.2, 0.2, 0.8, 0.8))
    painter.drawLine(QLineF(0.8, 0.2, 0.2, 0.8))


def _attach(painter: QPainter, _: QColor) -> None:
    clip = QPainterPath()
    clip.moveTo(0.7, 0.3)
    clip.lineTo(0.7, 0.7)
    clip.arcTo(QRectF(0.3, 0.52, 0.4, 0.4), 0, -180)
    clip.lineTo(0.3, 0.24)
    clip.arcTo(QRectF(0.3, 0.08, 0.28, 0.28), 180, -180)
    clip.lineTo(0.58, 0.66)
    clip.arcTo(QRectF(0.44, 0.6, 0.14, 0.14), 0, -180)
    clip.lineTo(0.44, 0.34)
    painter.drawPath(clip)


def _send(painter: QPainter, colour: QColor) -> None:
    _fill(painter, colour)
    painter.drawPolygon(_polygon((0.08, 0.12), (0.95, 0.5), (0.08, 0.88), (0.2, 0.54), (0.2, 0.46)))


def _file(painter: QPainter, _: QColor) -> None:
    painter.drawPolygon(_polygon((0.2, 0.06), (0.6, 0.06), (0.82, 0.28), (0.82, 0.94), (0.2, 0.94)))
    _draw_lines(painter, (0.6, 0.06), (0.6, 0.28), (0.82, 0.28))


_DRAWN: dict[Icon, Callable[[QPainter, QColor], None]] = {
    Icon.CAMERA: _camera,
    Icon.SCREEN: _screen,
    Icon.CHAT: _chat,
    Icon.RECORD: _record,
    Icon.STOP: _stop,
    Icon.FULL_SCREEN: _full_screen,
    Icon.LEAVE_FULL_SCREEN: _leave_full_screen,
    Icon.MORE: _more,
    Icon.HANG_UP: _hang_up,
    Icon.DO_NOT_DISTURB: _do_not_disturb,
    Icon.WARNING: _warning,
    Icon.WEAK_LINK: _weak_link,
    Icon.CLOSE: _close,
    Icon.ATTACH: _attach,
    Icon.SEND: _send,
    Icon.FILE: _file,
}
