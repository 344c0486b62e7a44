"""Text into a luma plane, from the letters of `letter_atlas`.

They are ASCII only. Letters with accents lose them ("Zoë" becomes "Zoe"), a few others are written
out ("ß" as "ss"), and what has no Latin form at all becomes "?".
"""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from media.video.letter_atlas import BASELINE, CAP, LEFT, advance, scaled, scaled_cells

Luma = NDArray[np.uint8]

_WRITTEN_OUT = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d",
        "Đ": "D", "ł": "l", "Ł": "L", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i",
        "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...",
        "\N{NO-BREAK SPACE}": " ", "€": "EUR", "×": "x",
    }
)  # fmt: skip


def plain_ascii(text: str) -> str:
    """Return the text as the strokes can write it."""
    apart = unicodedata.normalize("NFKD", text.translate(_WRITTEN_OUT))
    letters = (c for c in apart if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else " " if c.isspace() else "?" for c in letters)


def text_width(text: str, height_px: float) -> int:
    """Return how wide a text with capitals of this height becomes, in pixels."""
    return scaled(advance(plain_ascii(text)), height_px)


def draw_text(
    luma: Luma, text: str, *, left: int, baseline: int, height_px: float, value: int
) -> None:
    """Write one line into the plane, smoothed; what lies outside is cut."""
    cells = scaled_cells(height_px)
    top = baseline - scaled(BASELINE, height_px)
    plain = plain_ascii(text)
    for index, character in enumerate(plain):
        moved = round((advance(plain[:index]) - LEFT) * height_px / CAP)
        _blend(luma, cells[ord(character) - ord(" ")], left + moved, top, value)


def _blend(luma: Luma, cell: Luma, x: int, y: int, value: int) -> None:
    """Mix a value into the plane as far as the cell says, 255 being all of it."""
    rows, columns = cell.shape
    height, width = luma.shape
    top, bottom = max(0, -y), min(rows, height - y)
    left, right = max(0, -x), min(columns, width - x)
    if top >= bottom or left >= right:
        return
    place = luma[y + top : y + bottom, x + left : x + right]
    share = cell[top:bottom, left:right].astype(np.int32)
    place[:] = (place * (255 - share) + value * share + 127) // 255


def wrap(text: str, height_px: float, width_px: int) -> list[str]:
    """Break a text between words so that no line is wider; a word that is, is cut."""
    lines: list[str] = []
    line = ""
    for word in plain_ascii(text).split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, height_px) <= width_px:
            line = longer
            continue
        if line:
            lines.append(line)
        line = shorten(word, height_px, width_px)
    return [*lines, line] if line else lines


def shorten(text: str, height_px: float, width_px: int) -> str:
    """Return the text, or as much of its beginning as fits together with two dots."""
    if text_width(text, height_px) <= width_px:
        return text
    fits = len(text)
    while fits > 0 and text_width(text[:fits] + "..", height_px) > width_px:
        fits -= 1
    return text[:fits] + ".."


def glyphs(
    characters: Sequence[str], height_px: int, *, value: int, background: int
) -> dict[str, Luma]:
    """Return each character drawn in a cell of the same size, to be copied into a picture."""
    cell = max(text_width(c, height_px) for c in characters) + max(1, height_px // 12)
    rows = height_px + 2 * max(2, height_px // 4)
    drawn: dict[str, Luma] = {}
    for character in characters:
        image = np.full((rows, cell), background, np.uint8)
        draw_text(
            image,
            character,
            left=(cell - text_width(character, height_px)) // 2,
            baseline=rows - max(2, height_px // 4),
            height_px=height_px,
            value=value,
        )
        drawn[character] = image
    return drawn
