"""ui/window/fitted_text.py: long paths in few lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.window.fitted_text import ELLIPSIS, ZERO_WIDTH_SPACE, fit_lines, let_break

PATH = "/home/ann/Videos/" + "very-long-folder-name/" * 8 + "Bob 2026-11-30 17.48.05.mkv"
SENTENCE = f"The recording is saved in {PATH} (1 min)"


def fit(sentence: str, path: str, room_px: float, most_lines: int = 2) -> tuple[str, ...]:
    """Return the lines in a font whose letters are all one pixel wide."""
    return fit_lines(sentence, path, advance=len, room_px=room_px, most_lines=most_lines)


def test_sentence_that_fits_is_one_line() -> None:
    assert fit("The picture is saved in /tmp/a.png", "/tmp/a.png", 80) == (
        "The picture is saved in /tmp/a.png",
    )


def test_long_path_gives_way_in_its_middle() -> None:
    lines = fit(SENTENCE, PATH, 50)
    assert len(lines) == 2
    text = "".join(lines)
    assert text.startswith("The recording is saved in")
    assert text.endswith(".mkv (1 min)")
    assert text.count(ELLIPSIS) == 1
    assert "17.48.05.mkv" in text


def test_path_that_fits_in_two_lines_stays_whole() -> None:
    lines = fit(
        "The picture is saved in /home/ann/Pictures/Bob.png", "/home/ann/Pictures/Bob.png", 30
    )
    assert "".join(lines).replace(" ", "") == "Thepictureissavedin/home/ann/Pictures/Bob.png"


@given(st.text(max_size=120), st.integers(1, 60))
def test_no_line_is_wider_than_the_room(text: str, room_px: int) -> None:
    lines = fit(f"Saved in {text}.", text, room_px)
    assert all(len(line) <= room_px for line in lines)


@pytest.mark.parametrize("text", ["", "A short sentence about Bob", "/tmp/a.png"])
def test_short_words_do_not_break(text: str) -> None:
    assert let_break(text) == text


def test_long_word_breaks_behind_separators_and_stays_the_same_text() -> None:
    broken = let_break(SENTENCE)
    assert broken.replace(ZERO_WIDTH_SPACE, "") == SENTENCE
    assert f"home/{ZERO_WIDTH_SPACE}ann/" in broken
    assert max(map(len, let_break("x" * 500).split(ZERO_WIDTH_SPACE))) <= 13
