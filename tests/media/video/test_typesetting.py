import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video.fonts import EMOJI, FONTS, HAN, LATIN
from media.video.typesetting import MAX_CHARACTERS, Glyph, Line, clean_line, set_line
from tests.support.names import NAMES


def missing(line: Line) -> list[Glyph]:
    return [glyph for glyph in line.glyphs if glyph.number == 0]


def ink(line: Line, left: float, right: float) -> int:
    """Return how much is drawn between two places, in parts of the size."""
    pixels, origin, _ = line.draw(100.0)
    return int(pixels[:, origin + round(100 * left) : origin + round(100 * right)].sum())


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_name_has_all_its_letters(name: str) -> None:
    line = set_line(name)
    assert missing(line) == []
    assert line.draw(50.0)[0].max() == 255


@pytest.mark.parametrize("text", ["\u0378", "\ue000", "\U0010fffd", "𒀀"])
def test_character_without_a_font_is_a_box(text: str) -> None:
    line = set_line(text)
    (box,) = missing(line)
    assert box.font is LATIN
    assert ink(line, 0.0, line.width) > 0


def test_each_font_draws_a_letter_of_its_ranges() -> None:
    for font in FONTS:
        letters = (
            chr(code)
            for first, last in reversed(font.ranges)
            for code in range(first, last + 1)
            if unicodedata.category(chr(code)) in ("Lo", "Lu", "So")
        )
        assert any({g.font for g in set_line(letter).glyphs} == {font} for letter in letters)


def test_arabic_runs_from_right_to_left() -> None:
    # Meem, the first letter, is the rightmost; dal, the last, the leftmost.
    whole, last = set_line("محمد"), set_line("مد").glyphs[0]
    assert whole.glyphs[0].number == last.number
    assert [glyph.x for glyph in whole.glyphs] == sorted(glyph.x for glyph in whole.glyphs)


def test_arabic_letters_are_joined() -> None:
    line = set_line("محم")
    apart = [set_line(letter).glyphs[0].number for letter in "محم"]
    assert all(glyph.number not in apart for glyph in line.glyphs)
    pixels, _, _ = line.draw(100.0)
    inked = np.flatnonzero(pixels.any(axis=0))
    assert (np.diff(inked) == 1).all()


def test_latin_word_in_an_arabic_name_runs_from_left_to_right() -> None:
    glyphs = set_line("محمد on laptop").glyphs
    latin = [glyph.number for glyph in set_line("on laptop").glyphs]
    assert [glyph.number for glyph in glyphs[: len(latin)]] == latin
    assert glyphs[-1].font is not LATIN


def test_hebrew_is_mirrored_with_its_brackets() -> None:
    left = set_line("(א)").glyphs[0]
    assert left.number == set_line("(").glyphs[0].number


def test_devanagari_vowel_sign_moves_before_its_consonant() -> None:
    ka, sign_first = set_line("क").glyphs[0], set_line("कि").glyphs
    assert len(sign_first) == 2
    assert sign_first[1].number == ka.number


def test_thai_mark_stands_upon_its_letter() -> None:
    assert set_line("น้").width == pytest.approx(set_line("น").width)


def test_composed_and_a_decomposed_name_are_the_same() -> None:
    for name in ("김민수", "Zoë Ångström", "Ελένη"):
        assert set_line(unicodedata.normalize("NFD", name)) == set_line(name)


def test_chinese_and_emoji_have_their_own_fonts() -> None:
    assert {glyph.font for glyph in set_line("王明").glyphs} == {HAN}
    assert {glyph.font for glyph in set_line("😀").glyphs} == {EMOJI}


@given(st.text())
def test_any_text_becomes_one_bounded_line(text: str) -> None:
    shown = clean_line(text)
    assert len(shown) <= MAX_CHARACTERS
    line = set_line(text)
    assert 0 <= line.width < 20 * MAX_CHARACTERS


@given(st.text(st.sampled_from("אבגab1-(%,. \ufffe\u0378\u2028"), max_size=30))
def test_text_of_two_directions_loses_no_character(text: str) -> None:
    assert len(set_line(text).glyphs) == len(clean_line(text))


@given(st.text(max_size=40))
def test_any_text_after_arabic_can_be_set(text: str) -> None:
    assert set_line(f"م {text}").width > 0
