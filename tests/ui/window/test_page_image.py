"""ui/window/page_image.py: the page as a picture, as tall as its content."""

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from report.page import IMAGE_MARK, Figure, Figures, Markup, Page, Plot, Section, Table, Text
from report.plot import Line, Point, TimeAxis, draw_lines
from report.style import LIGHT
from ui.window.page_image import LONGEST_PX, WIDTH_PX, paint_page

PLOT = draw_lines(TimeAxis(10), [Line("sound", (Point(0, 10, 5.0),))], "ms")
FIGURE = Figures((Figure("Length", "10 s", "of the call"),))
TABLE = Table(("Time", "What"), (("0:05", "The link was lost"),))


def paint(*blocks: Text | Figures | Table | Plot | Markup) -> QImage:
    page = Page(
        title="Your call", subtitle="", lead=("It was good.",), sections=(Section("All", blocks),)
    )
    return QImage.fromData(paint_page(page, 1.0))


def colours_of(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for y in range(image.height())
        for x in range(0, image.width(), 2)
    }


def test_picture_is_marked_as_ours(qtbot: QtBot) -> None:
    assert (
        IMAGE_MARK.encode()
        in paint_page(Page(title="T", subtitle="", lead=(), sections=()), 1.0)[:2048]
    )


@pytest.mark.parametrize("block", [Text("More of it."), FIGURE, TABLE, Plot(PLOT, "Latency")])
def test_every_block_makes_the_picture_taller(
    qtbot: QtBot, block: Text | Figures | Table | Plot
) -> None:
    plain, taller = paint(Text("x")), paint(Text("x"), block)
    assert plain.width() == taller.width() == WIDTH_PX
    assert taller.height() > plain.height()


def test_plot_has_the_colours_of_a_light_page(qtbot: QtBot) -> None:
    assert LIGHT["line-1"] in colours_of(paint(Plot(PLOT, "Latency")))


def test_scale_makes_more_pixels(qtbot: QtBot) -> None:
    page = Page(title="T", subtitle="", lead=(), sections=())
    image = QImage.fromData(paint_page(page, 2.0))
    assert image.width() == 2 * WIDTH_PX


def test_markup_is_left_out(qtbot: QtBot) -> None:
    text = Text("x")
    assert paint(text, Markup("<b>bold</b>")).height() == paint(text).height()


def test_very_long_page_is_cut(qtbot: QtBot) -> None:
    page = Page(
        title="T",
        subtitle="",
        lead=(),
        sections=tuple(Section(str(n), (Text("x"),)) for n in range(400)),
    )
    assert QImage.fromData(paint_page(page, 0.5)).height() < LONGEST_PX
