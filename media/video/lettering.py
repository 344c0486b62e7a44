"""Text into a luma plane. Reads the fonts of the program.

The height of a text is that of its capitals.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from media.video.typesetting import CAP_EM, clean_line, is_mark, set_line

Luma = NDArray[np.uint8]

ELLIPSIS = "…"


def text_width(text: str, height_px: float) -> int:
    """Return how wide a text becomes, in pixels; at least 1."""
    return max(1, round(set_line(text).width * height_px / CAP_EM))


def draw_text(
    luma: Luma, text: str, *, left: int, baseline: int, height_px: float, value: int
) -> None:
    """Write one line into the plane, smoothed; what lies outside is cut."""
    pixels, origin, above = set_line(text).draw(height_px / CAP_EM)
    _blend(luma, pixels, left - origin, baseline - above, value)


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
    """Break a text between words so that no line is wider; a word that is, is shortened."""
    lines: list[str] = []
    line = ""
    for word in clean_line(text).split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, height_px) <= width_px:
            line = longer
            continue
        if line:
            lines.append(line)
        line = shorten(word, height_px, width_px)
    return [*lines, line] if line else lines


def shorten(text: str, height_px: float, width_px: int) -> str:
    """Return the text, or as much of its beginning as fits together with an ellipsis."""
    text = clean_line(text)
    if text_width(text, height_px) <= width_px:
        return text
    fits = len(text)
    while fits > 0 and (
        is_mark(text[fits : fits + 1] or " ")
        or text_width(text[:fits].rstrip() + ELLIPSIS, height_px) > width_px
    ):
        fits -= 1
    return text[:fits].rstrip() + ELLIPSIS


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
