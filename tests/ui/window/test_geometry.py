"""The places and sizes of pictures and windows."""

from hypothesis import given
from hypothesis import strategies as st

from ui.window.geometry import (
    Box,
    fit_into,
    own_room,
    place_badge,
    place_own,
    place_remote,
    place_window,
)

sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
SCREEN = Box(0, 30, 1920, 1170)


@given(picture=sizes, room=sizes)
def test_fitted_picture_lies_within_its_room_and_touches_it(
    picture: tuple[int, int], room: tuple[int, int]
) -> None:
    width, height = fit_into(picture, room)
    assert width <= room[0]
    assert height <= room[1]
    assert room[0] - width <= 2 or room[1] - height <= 2


@given(picture=sizes, room=sizes)
def test_fitted_picture_keeps_its_shape_to_a_pixel(
    picture: tuple[int, int], room: tuple[int, int]
) -> None:
    width, height = fit_into(picture, room)
    height_off = abs(height - width * picture[1] / picture[0])
    width_off = abs(width - height * picture[0] / picture[1])
    assert min(height_off, width_off) <= 1


def test_picture_made_to_size_is_not_scaled_again() -> None:
    assert fit_into((958, 538), (959, 539)) == (958, 538)


def test_empty_room_holds_no_picture() -> None:
    assert fit_into((640, 480), (0, 0)) == (0, 0)


def test_narrow_picture_is_centred() -> None:
    assert place_remote((480, 640), (960, 540)) == Box(277, 0, 405, 540)


def test_self_view_lies_in_the_bottom_right_corner() -> None:
    box = place_own((640, 360), (1000, 600), 16)
    assert box.x + box.width == 984
    assert box.y + box.height == 584
    assert box.width == 220


def test_badge_lies_at_the_lower_left_of_the_self_view() -> None:
    own = Box(764, 460, 220, 124)
    assert place_badge((90, 20), own, (1000, 600), gap_px=6) == (770, 558)


def test_badge_wider_than_the_self_view_ends_at_its_right_edge() -> None:
    own = Box(944, 460, 40, 124)
    x, _ = place_badge((90, 20), own, (1000, 600), gap_px=6)
    assert x + 90 == 984 - 6


def test_badge_takes_the_corner_of_a_missing_self_view() -> None:
    assert place_badge((90, 20), None, (1000, 600), gap_px=16) == (894, 564)


def test_upright_self_view_stays_within_its_room() -> None:
    box = place_own((360, 640), (1000, 600), 16)
    assert (box.width, box.height) <= own_room((1000, 600))
    assert box.height == own_room((1000, 600))[1]


def test_window_is_centred_at_its_usual_size() -> None:
    assert place_window("auto", SCREEN) == Box(480, 345, 960, 540)


def test_windows_side_by_side_do_not_overlap() -> None:
    left, right = place_window("left", SCREEN), place_window("right", SCREEN)
    assert left.x + left.width <= 960 <= right.x
    assert right.x + right.width <= 1920
    assert left.y == right.y


def test_window_fits_onto_a_small_screen() -> None:
    box = place_window("auto", Box(0, 0, 800, 480))
    assert box.width <= 800
    assert box.height <= 480
    assert box.x >= 0
    assert box.y >= 0
