import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video.lettering import draw_text, glyphs, plain_ascii, shorten, text_width, wrap


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zoë Ångström", "Zoe Angstrom"),
        ("Łódź straße Øre", "Lodz strasse Ore"),
        ("“Vis-à-vis” – now…", '"Vis-a-vis" - now...'),
        ("日本", "??"),
        ("a\tb\u00a0c", "a b c"),
    ],
)
def test_accents_go_and_other_scripts_become_question_marks(text: str, written: str) -> None:
    assert plain_ascii(text) == written


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    assert all(" " <= character <= "~" for character in plain_ascii(text))


@given(st.text(max_size=80), st.integers(20, 300))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    assert all(text_width(line, 10) <= width or line == ".." for line in wrap(text, 10, width))


def test_wrapping_keeps_the_words() -> None:
    text = "Camera 0 cannot be opened because another program uses it"
    assert " ".join(wrap(text, 10, 150)).split() == text.split()
    assert shorten("short", 10, 1000) == "short"


def test_text_is_drawn_within_its_width() -> None:
    luma = np.zeros((40, 400), np.uint8)
    draw_text(luma, "HELLO", left=10, baseline=30, height_px=20, value=255)
    columns = np.flatnonzero(luma.any(axis=0))
    rows = np.flatnonzero(luma.any(axis=1))
    assert columns[0] >= 8
    assert columns[-1] <= 12 + text_width("HELLO", 20)
    assert 18 <= rows[-1] - rows[0] <= 24


def test_glyphs_have_one_size() -> None:
    drawn = glyphs("0123456789:", 20, value=235, background=16)
    assert len({image.shape for image in drawn.values()}) == 1
    assert all(image.max() > 180 for image in drawn.values())
