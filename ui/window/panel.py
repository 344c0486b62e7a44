"""Text panel: a few lines on a translucent ground, cached as one image. Display thread.

Text is laid out when it changes, about once a second; each picture costs one blit.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPainter, QPixmap

from ui.window import palette
from ui.window.fonts import provide_fonts
from ui.window.icons import Icon, paint_icon


def monospace_font() -> QFont:
    """Return this machine's monospace font."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


class PanelStyle(msgspec.Struct, frozen=True):
    """The look of a panel.

    Attributes:
        is_monospace: for columns of figures.
        is_wrapped: whether a long line is wrapped; otherwise its end is cut.
        icon: what precedes the text, or None.
        is_struck: whether the icon is struck through.
        icon_colour: the colour of the icon; "" for that of the text.
        text: the colour of the text.
        ground: the colour behind it; "" for none.
    """

    is_monospace: bool = False
    is_wrapped: bool = False
    icon: Icon | None = None
    is_struck: bool = False
    icon_colour: str = ""
    text: str = palette.TEXT
    ground: str = palette.PANEL


PLAIN = PanelStyle()


class Placed(NamedTuple):
    """An image, and its left upper corner on the canvas, device pixels."""

    x: int
    y: int
    image: QPixmap

    def paint(self, painter: QPainter) -> None:
        """Paint it. The painter draws in device pixels."""
        painter.drawPixmap(self.x, self.y, self.image)


class TextPanel:
    """Lines of text that lie on a picture."""

    def __init__(self, style: PanelStyle = PLAIN) -> None:
        self._style = style
        self._key: tuple[tuple[str, ...], float, int] | None = None
        self._pixmap = QPixmap()

    def lay_out(self, lines: tuple[str, ...], *, font_px: float, room_px: int) -> QPixmap:
        """Return the panel as an image.

        Args:
            lines: the text; without lines the image is empty.
            font_px: height of the font, device pixels.
            room_px: how wide it may become, device pixels.
        """
        key = (lines, font_px, room_px)
        if key != self._key:
            self._pixmap = self._draw(lines, font_px, room_px) if lines else QPixmap()
            self._key = key
        return self._pixmap

    def place(
        self,
        lines: tuple[str, ...],
        *,
        font_px: float,
        canvas_px: tuple[int, int],
        across: float,
        down: float,
        margin_px: int,
        above_px: int = 0,
    ) -> Placed | None:
        """Return the panel and where it goes, or None without lines.

        Args:
            lines: what to say; no lines, no panel.
            font_px: height of the font, device pixels.
            canvas_px: the size of the canvas, device pixels.
            across: where in the canvas, from 0 at the left to 1 at the right.
            down: where in the canvas, from 0 at the top to 1 at the bottom.
            margin_px: how far it stays from the edges, device pixels.
            above_px: how much of the canvas above it is taken, device pixels.
        """
        if not lines:
            return None
        room_px = canvas_px[0] - 2 * margin_px
        pixmap = self.lay_out(lines, font_px=font_px, room_px=room_px)
        x = margin_px + (room_px - pixmap.width()) * across
        free_px = canvas_px[1] - above_px - 2 * margin_px - pixmap.height()
        y = above_px + margin_px + free_px * down
        return Placed(round(x), round(y), pixmap)

    def _draw(self, lines: tuple[str, ...], font_px: float, room_px: int) -> QPixmap:
        provide_fonts("\n".join(lines))
        style = self._style
        font = monospace_font() if style.is_monospace else QFont()
        font.setPixelSize(max(1, round(font_px)))
        metrics = QFontMetrics(font)
        padding = round(font_px * 0.7) if style.ground else 0
        sign_px = round(font_px * 1.15) if style.icon is not None else 0
        before = padding + (sign_px + round(font_px * 0.45) if sign_px else 0)
        most = max(1, room_px - before - padding)
        if style.is_wrapped:
            lines = tuple(part for line in lines for part in _wrap(line, metrics, most))
        inner = min(max(metrics.horizontalAdvance(line) for line in lines), most)
        line_px = round(metrics.height() * 1.15)
        pixmap = QPixmap(inner + before + padding + 1, line_px * len(lines) + 2 * padding)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if style.ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(style.ground))
            painter.drawRoundedRect(QRectF(pixmap.rect()), font_px * 0.6, font_px * 0.6)
        if style.icon is not None:
            down = padding + (line_px - sign_px) / 2
            paint_icon(
                painter,
                style.icon,
                QRectF(padding, down, sign_px, sign_px),
                colour=QColor(style.icon_colour or style.text),
                struck_on=_opaque(style.ground) if style.is_struck else None,
            )
        painter.setFont(font)
        painter.setPen(QColor(style.text))
        # Else a line that begins with an Arabic name runs from right to left.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        for index, line in enumerate(lines):
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, inner + 1)
            baseline = padding + index * line_px + (line_px - metrics.height()) // 2
            painter.drawText(before, baseline + metrics.ascent(), text)
        painter.end()
        return pixmap


def _wrap(line: str, metrics: QFontMetrics, most_px: int) -> Iterator[str]:
    """Yield a line in parts that fit; a single word that does not fit is cut later."""
    part = ""
    for word in line.split():
        longer = f"{part} {word}" if part else word
        if part and metrics.horizontalAdvance(longer) > most_px:
            yield part
            part = word
        else:
            part = longer
    yield part


def _opaque(colour: str) -> QColor:
    opaque = QColor(colour)
    opaque.setAlpha(255)
    return opaque
