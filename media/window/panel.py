"""A few lines of text on a translucent ground, kept as one image. Display thread.

Text is laid out when it changes, about once a second; at each picture it costs one blit.
"""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPainter, QPixmap

from media.window import palette


def monospace_font() -> QFont:
    """Return the font of this machine in which every letter has the same width."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


class TextPanel:
    """Lines of text that lie on a picture."""

    def __init__(self, *, is_monospace: bool = False, is_bare: bool = False) -> None:
        """Make an empty panel.

        Args:
            is_monospace: for columns of figures.
            is_bare: muted text without a ground of its own.
        """
        self._is_monospace = is_monospace
        self._is_bare = is_bare
        self._key: tuple[tuple[str, ...], float, int] | None = None
        self._pixmap = QPixmap()

    def paint(
        self,
        painter: QPainter,
        lines: tuple[str, ...],
        *,
        font_px: float,
        canvas_px: tuple[int, int],
        across: float,
        down: float,
        margin_px: int,
    ) -> None:
        """Paint the lines.

        Args:
            painter: draws in device pixels.
            lines: what to say; no lines, no panel.
            font_px: height of the font, device pixels.
            canvas_px: the size of the canvas, device pixels.
            across: where in the canvas, from 0 at the left to 1 at the right.
            down: where in the canvas, from 0 at the top to 1 at the bottom.
            margin_px: how far it stays from the edges, device pixels.
        """
        if not lines:
            return
        room_px = canvas_px[0] - 2 * margin_px
        key = (lines, font_px, room_px)
        if key != self._key:
            self._pixmap = self._draw(lines, font_px, room_px)
            self._key = key
        x = margin_px + (room_px - self._pixmap.width()) * across
        y = margin_px + (canvas_px[1] - 2 * margin_px - self._pixmap.height()) * down
        painter.drawPixmap(round(x), round(y), self._pixmap)

    def _draw(self, lines: tuple[str, ...], font_px: float, room_px: int) -> QPixmap:
        font = monospace_font() if self._is_monospace else QFont()
        font.setPixelSize(max(1, round(font_px)))
        metrics = QFontMetrics(font)
        padding = 0 if self._is_bare else round(font_px * 0.7)
        inner = min(
            max(metrics.horizontalAdvance(line) for line in lines), max(1, room_px - 2 * padding)
        )
        line_px = round(metrics.height() * 1.15)
        pixmap = QPixmap(inner + 2 * padding + 1, line_px * len(lines) + 2 * padding)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if not self._is_bare:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.PANEL))
            painter.drawRoundedRect(QRectF(pixmap.rect()), font_px * 0.6, font_px * 0.6)
        painter.setFont(font)
        painter.setPen(QColor(palette.MUTED if self._is_bare else palette.TEXT))
        for index, line in enumerate(lines):
            text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, inner + 1)
            baseline = padding + index * line_px + (line_px - metrics.height()) // 2
            painter.drawText(padding, baseline + metrics.ascent(), text)
        painter.end()
        return pixmap
