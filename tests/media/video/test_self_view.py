import numpy as np
from av import VideoFrame

from media.frame import Frame, FrameKind
from media.video.colour_range import mark_rgb
from media.video.display_sizes import DisplaySizes
from media.video.pattern import TestCard
from media.video.self_view import SelfView

PICTURE = TestCard(640, 360, 30).draw(0, "0")


def make_view() -> tuple[SelfView, DisplaySizes]:
    sizes = DisplaySizes()
    return SelfView(sizes, lambda: None), sizes


def test_nothing_is_converted_without_a_requested_size() -> None:
    view, sizes = make_view()
    view.show(Frame(PICTURE, 0))
    sizes.own_px = (100, 100)
    sizes.own_px = (0, 0)
    view.show(Frame(PICTURE, 1_000_000))
    assert view.pictures.peek() == (0, None)


def test_picture_keeps_its_shape_and_the_source_keeps_its_marks() -> None:
    view, sizes = make_view()
    sizes.own_px = (160, 160)
    view.show(Frame(PICTURE, 77))
    _, shown = view.pictures.peek()
    assert shown is not None
    assert (shown.width, shown.height, shown.captured_us) == (160, 90, 77)
    assert shown.bgra.format.name == "bgra"
    assert (PICTURE.color_range, PICTURE.colorspace) == (1, 6)


def test_colours_are_right_from_limited_yuv_and_from_bgra() -> None:
    view, sizes = make_view()
    sizes.own_px = (64, 64)
    red = np.full((64, 64, 4), (20, 40, 200, 255), np.uint8)
    bgra = mark_rgb(VideoFrame.from_numpy_buffer(red, "bgra"))
    yuv = bgra.reformat(format="yuv420p", dst_colorspace=5, dst_color_range=1)
    for number, picture in enumerate((bgra, yuv)):
        view.show(Frame(picture, number * 1_000_000))
        _, shown = view.pictures.peek()
        assert shown is not None
        pixel = shown.bgra.to_ndarray()[32, 32].astype(int)
        assert np.abs(pixel[:3] - (20, 40, 200)).max() <= 3


def test_at_most_fifteen_pictures_a_second_are_converted() -> None:
    view, sizes = make_view()
    sizes.own_px = (64, 64)
    for number in range(60):
        view.show(Frame(PICTURE, number * 33_333))
    assert view.pictures.peek()[0] in (30, 31)


def test_standing_picture_is_converted_once_for_each_requested_size() -> None:
    view, sizes = make_view()
    view.show(Frame(PICTURE, 0, FrameKind.STILL))
    assert view.pictures.peek()[0] == 0
    sizes.own_px = (64, 64)
    for _ in range(3):
        view.refresh()
    assert view.pictures.peek()[0] == 1
    sizes.own_px = (128, 128)
    view.refresh()
    number, shown = view.pictures.peek()
    assert number == 2
    assert shown is not None
    assert shown.width == 128


def test_each_new_picture_notifies_the_window() -> None:
    notices: list[int] = []
    view = SelfView(DisplaySizes(own_px=(64, 64)), lambda: notices.append(1))
    for number in range(4):
        view.show(Frame(PICTURE, number * 1_000_000))
    assert len(notices) == 4
