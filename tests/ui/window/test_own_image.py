"""ui/window/own_image.py: mirrored, with round corners, in every size."""

from collections.abc import Callable

import av
import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from media.video.display_picture import DisplayPicture
from ui.window.geometry import Box
from ui.window.own_image import OwnImage

RED, BLUE, GROUND = (220, 30, 30), (30, 30, 220), (10, 200, 10)
BOX = Box(40, 30, 210, 118)

MakePicture = Callable[..., DisplayPicture]
Colour = tuple[int, int, int]


def paint(own: OwnImage, picture: DisplayPicture, box: Box = BOX) -> Callable[[int, int], Colour]:
    """Paint a picture on a ground; return a function from a place to its colour."""
    ground = QImage(300, 200, QImage.Format.Format_RGB32)
    ground.fill(QColor(*GROUND))
    painter = QPainter(ground)
    own.paint(painter, picture, box, corner_px=8.0)
    painter.end()

    def colour_at(x: int, y: int) -> Colour:
        at = QColor(ground.pixel(x, y))
        return at.red(), at.green(), at.blue()

    return colour_at


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("size", [(210, 118), (105, 59), (420, 236)])
def test_picture_fills_its_box_and_is_mirrored_on_request(
    qtbot: QtBot, make_picture: MakePicture, size: tuple[int, int], *, is_mirrored: bool
) -> None:
    colour_at = paint(OwnImage(is_mirrored=is_mirrored), make_picture(*size, RED, BLUE))
    left, right = (BLUE, RED) if is_mirrored else (RED, BLUE)
    for y in (BOX.y + 10, BOX.y + BOX.height - 10):
        assert colour_at(BOX.x + 2, y) == left
        assert colour_at(BOX.x + BOX.width - 3, y) == right
    assert colour_at(BOX.x - 2, BOX.y + 50) == GROUND
    assert colour_at(BOX.x + BOX.width + 2, BOX.y + 50) == GROUND


def test_text_is_never_mirrored(qtbot: QtBot, make_picture: MakePicture) -> None:
    text = replace(make_picture(210, 118, RED, BLUE), is_mirrorable=False)
    assert paint(OwnImage(is_mirrored=True), text)(BOX.x + 2, BOX.y + 10) == RED


def test_corners_show_the_ground(qtbot: QtBot, make_picture: MakePicture) -> None:
    colour_at = paint(OwnImage(is_mirrored=True), make_picture(210, 118, RED))
    for x in (BOX.x + 1, BOX.x + BOX.width - 2):
        for y in (BOX.y + 1, BOX.y + BOX.height - 2):
            assert colour_at(x, y) == GROUND


def test_next_picture_and_another_size_are_painted(qtbot: QtBot, make_picture: MakePicture) -> None:
    own = OwnImage(is_mirrored=True)
    middle = BOX.x + BOX.width // 2, BOX.y + BOX.height // 2
    assert paint(own, make_picture(210, 118, RED))(*middle) == RED
    blue = make_picture(210, 118, BLUE)
    assert paint(own, blue)(*middle) == BLUE
    smaller = Box(BOX.x, BOX.y, 105, 59)
    colour_at = paint(own, blue, smaller)
    assert colour_at(smaller.x + 50, smaller.y + 30) == BLUE
    assert colour_at(*middle) == GROUND


def test_fourth_byte_of_a_pixel_means_nothing(qtbot: QtBot) -> None:
    pixels = np.zeros((118, 210, 4), np.uint8)
    pixels[..., :3] = RED[::-1]
    picture = DisplayPicture(av.VideoFrame.from_ndarray(pixels, format="bgra"), 210, 118, 0)
    assert paint(OwnImage(is_mirrored=True), picture)(BOX.x + 100, BOX.y + 50) == RED
