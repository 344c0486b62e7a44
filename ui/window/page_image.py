"""A page of a report as a picture, in its light colours. Main thread; needs no screen.

It shows the same parts as the HTML document, except `Markup`, such as a transcript.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgRenderer

from report.page import IMAGE_MARK, Figures, Page, Plot, Section, Table, Text
from report.style import LIGHT, plot_style
from ui.window.fonts import provide_fonts

WIDTH_PX = 960
MARGIN_PX, INNER_PX = 36, 20
GAP_PX = 12
FIGURE_PX = 212
LONGEST_PX = 12_000
"""The rest of a longer page is left out: no viewer shows it at once."""
CUT = "The page goes on; its HTML document has all of it."

LONGEST_WORD = 40
"""A longer word, such as a path, may be broken anywhere."""

_WRAP = Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the picture: its height, and what paints it below a height."""

    height_px: float
    paint: Callable[[QPainter, float], None]


def paint_page(page: Page, scale: float = 1.5) -> bytes:
    """Return the page as a PNG file.

    Args:
        scale: pixels of the picture for each pixel of the layout.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication.instance() or QGuiApplication(["vis-a-vis"])
    pieces = list(_cut(_all_pieces(page)))
    height_px = 2 * MARGIN_PX + sum(piece.height_px for piece in pieces)
    image = QImage(round(WIDTH_PX * scale), round(height_px * scale), QImage.Format.Format_RGB888)
    image.fill(QColor(LIGHT["ground"]))
    image.setText("Software", IMAGE_MARK)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    top_px: float = MARGIN_PX
    for piece in pieces:
        piece.paint(painter, top_px)
        top_px += piece.height_px
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # PySide's stub wants text as bytes
    del application
    return bytes(data.data())


def _all_pieces(page: Page) -> Iterator[_Piece]:
    width_px = WIDTH_PX - 2 * MARGIN_PX
    yield _text(page.title, 27, width_px, MARGIN_PX, is_bold=True, below_px=4)
    yield _text(page.subtitle, 14, width_px, MARGIN_PX, colour="muted", below_px=GAP_PX)
    for paragraph in page.lead:
        yield _text(paragraph, 18, width_px, MARGIN_PX, below_px=GAP_PX)
    for section in page.sections:
        pieces = list(_section_pieces(section))
        if pieces:
            yield _card(pieces)


def _cut(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    height_px = 0.0
    for piece in pieces:
        height_px += piece.height_px
        if height_px > LONGEST_PX:
            yield _text(CUT, 14, WIDTH_PX - 2 * MARGIN_PX, MARGIN_PX, colour="muted")
            return
        yield piece


def _section_pieces(section: Section) -> Iterator[_Piece]:
    left_px, width_px = MARGIN_PX + INNER_PX, WIDTH_PX - 2 * (MARGIN_PX + INNER_PX)
    blocks: list[_Piece] = []
    for block in section.blocks:
        match block:
            case Text():
                colour, size_px = ("muted", 14) if block.is_muted else ("text", 16)
                blocks.append(_text(block.text, size_px, width_px, left_px, colour=colour))
            case Figures():
                blocks += _figures(block, width_px, left_px)
            case Table():
                blocks += _table(block, width_px, left_px)
            case Plot():
                blocks.append(_text(block.caption, 16, width_px, left_px, is_bold=True, below_px=2))
                blocks.append(_plot(block, width_px, left_px))
    if blocks and section.heading:
        yield _text(section.heading, 18, width_px, left_px, is_bold=True)
    yield from blocks


def _card(pieces: list[_Piece]) -> _Piece:
    """Return the pieces of a section on a card."""
    height_px = sum(piece.height_px for piece in pieces) + 2 * INNER_PX

    def paint(painter: QPainter, top_px: float) -> None:
        painter.setPen(QPen(QColor(LIGHT["edge"]), 1))
        painter.setBrush(QColor(LIGHT["card"]))
        box = QRectF(MARGIN_PX, top_px + GAP_PX, WIDTH_PX - 2 * MARGIN_PX, height_px)
        painter.drawRoundedRect(box, 12, 12)
        at_px = top_px + GAP_PX + INNER_PX
        for piece in pieces:
            piece.paint(painter, at_px)
            at_px += piece.height_px

    return _Piece(height_px + 2 * GAP_PX, paint)


def _font(size_px: int, *, is_bold: bool = False) -> QFont:
    font = QFont("sans-serif")
    font.setPixelSize(size_px)
    font.setBold(is_bold)
    return font


def _text(
    text: str,
    size_px: int,
    width_px: float,
    left_px: float,
    *,
    colour: str = "text",
    is_bold: bool = False,
    below_px: float = GAP_PX,
) -> _Piece:
    """Return a paragraph, in lines as long as fit."""
    text = _breakable(text)
    provide_fonts(text)
    font = _font(size_px, is_bold=is_bold)
    bounds = QFontMetricsF(font).boundingRect(QRectF(0, 0, width_px, 1e6), _WRAP, text)

    def paint(painter: QPainter, top_px: float) -> None:
        painter.setFont(font)
        painter.setPen(QColor(LIGHT[colour]))
        painter.drawText(QRectF(left_px, top_px, width_px, bounds.height()), _WRAP, text)

    return _Piece(bounds.height() + below_px, paint)


def _breakable(text: str) -> str:
    """Return a text whose long words may be broken, at zero-width spaces."""
    return re.sub(rf"(\S{{{LONGEST_WORD}}})(?=\S)", "\\1\u200b", text)


def _row(cells: list[_Piece], below_px: float) -> _Piece:
    """Return pieces that stand side by side."""

    def paint(painter: QPainter, top_px: float) -> None:
        for cell in cells:
            cell.paint(painter, top_px)

    return _Piece(max(cell.height_px for cell in cells) + below_px, paint)


def _figures(block: Figures, width_px: float, left_px: float) -> Iterator[_Piece]:
    columns = max(1, int(width_px // FIGURE_PX))
    cell_px = width_px / columns
    for first in range(0, len(block.figures), columns):
        row = []
        for place, figure in enumerate(block.figures[first : first + columns]):
            at_px, inner_px = left_px + place * cell_px, cell_px - GAP_PX
            row.append(
                _stack(
                    [
                        _text(figure.name, 13, inner_px, at_px, colour="muted", below_px=0),
                        _text(figure.value, 20, inner_px, at_px, below_px=0),
                        _text(figure.remark, 13, inner_px, at_px, colour="muted", below_px=0),
                    ]
                )
            )
        yield _row(row, GAP_PX)


def _stack(pieces: list[_Piece]) -> _Piece:
    def paint(painter: QPainter, top_px: float) -> None:
        for piece in pieces:
            piece.paint(painter, top_px)
            top_px += piece.height_px

    return _Piece(sum(piece.height_px for piece in pieces), paint)


def _table(block: Table, width_px: float, left_px: float) -> Iterator[_Piece]:
    widths_px = _column_widths(block, width_px)
    for place, cells in enumerate((block.heading, *block.rows)):
        row, at_px = [], left_px
        for cell, cell_px in zip(cells, widths_px, strict=True):
            colour = "text" if place else "muted"
            row.append(_text(cell, 14, cell_px - GAP_PX, at_px, colour=colour, below_px=6))
            at_px += cell_px
        yield _row(row, 0)


def _column_widths(block: Table, width_px: float) -> list[float]:
    """Return the width of each column: as its longest cell needs, the widest gets the rest."""
    metrics = QFontMetricsF(_font(14))
    needed_px = [
        max(metrics.horizontalAdvance(row[place]) for row in (block.heading, *block.rows))
        + 2 * GAP_PX
        for place in range(len(block.heading))
    ]
    widest = needed_px.index(max(needed_px))
    others_px = sum(needed_px) - needed_px[widest]
    needed_px[widest] = max(width_px / (len(needed_px) + 1), width_px - others_px)
    if sum(needed_px) > width_px:
        needed_px = [each_px * width_px / sum(needed_px) for each_px in needed_px]
    return needed_px


def _plot(block: Plot, width_px: float, left_px: float) -> _Piece:
    """Return a drawing, in the light colours instead of those of the page."""
    head, mark, body = block.svg.partition(">")
    svg = f"{head}{mark}<style>{plot_style(LIGHT)}</style>{body}"
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    box = renderer.viewBoxF()
    height_px = width_px * box.height() / box.width() if box.width() > 0 else 0.0

    def paint(painter: QPainter, top_px: float) -> None:
        renderer.render(painter, QRectF(left_px, top_px, width_px, height_px))

    return _Piece(height_px + GAP_PX, paint)
