import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media.video.lettering import ELLIPSIS, Luma, draw_text, glyphs, shorten, text_width, wrap


def draw(text: str) -> Luma:
    luma = np.zeros((120, 800), np.uint8)
    draw_text(luma, text, left=40, baseline=70, height_px=30, value=255)
    return luma


@given(st.text(max_size=80), st.integers(20, 300))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    lines = wrap(text, 10, width)
    assert all(text_width(line, 10) <= width or line == ELLIPSIS for line in lines)


@given(st.text(max_size=40))
def test_any_text_can_be_drawn(text: str) -> None:
    assert draw(text).shape == (120, 800)


def test_wrapping_keeps_the_words() -> None:
    text = "Camera 0 cannot be opened because another program uses it"
    assert " ".join(wrap(text, 10, 150)).split() == text.split()
    assert shorten("short", 10, 1000) == "short"


def test_wide_name_ends_in_an_ellipsis() -> None:
    for name in ("W" * 64, "王" * 64, "م" * 64, "हि" * 32):
        shown = shorten(name, 20, 300)
        assert shown.endswith(ELLIPSIS)
        assert name.startswith(shown.removesuffix(ELLIPSIS))
        assert 250 <= text_width(shown, 20) <= 300


def test_text_is_drawn_within_its_width() -> None:
    luma = np.zeros((40, 400), np.uint8)
    draw_text(luma, "HELLO", left=10, baseline=30, height_px=20, value=255)
    columns = np.flatnonzero(luma.any(axis=0))
    rows = np.flatnonzero(luma.any(axis=1))
    assert columns[0] >= 8
    assert columns[-1] <= 12 + text_width("HELLO", 20)
    assert 18 <= rows[-1] - rows[0] <= 24
    assert 28 <= rows[-1] <= 31


def test_many_marks_upon_a_letter_stay_near_their_line() -> None:
    rows = np.flatnonzero(draw("e" + "\u0301" * 63 + "\u0323" * 63).any(axis=1))
    assert rows[0] >= 70 - 50
    assert rows[-1] <= 70 + 25


def test_invisible_characters_change_nothing() -> None:
    invisible = "\u200b\u202e\u2066\u200d\ufeff\ufe0f\x07\n"
    assert np.array_equal(draw(f"A{invisible[:-1]}b"), draw("Ab"))
    assert np.array_equal(draw(f"A{invisible}b"), draw("A b"))


def test_glyphs_have_one_size() -> None:
    drawn = glyphs("0123456789:", 20, value=235, background=16)
    assert len({image.shape for image in drawn.values()}) == 1
    assert all(image.max() > 180 for image in drawn.values())
