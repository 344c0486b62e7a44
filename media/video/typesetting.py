"""Text of any script as placed glyphs, and glyphs as pixels. Reads the fonts of the program.

    text --> fonts, one for each character --> runs of one font and one direction, left to right
         --> HarfBuzz: glyphs, joined and reordered as their script wants --> pixels

A character that no font has becomes a box, the Latin font's sign for a missing glyph.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby

import msgspec
import numpy as np
import uharfbuzz as hb
from numpy.typing import NDArray

from core.safe_text import cut_controls
from media.video.fonts import FONTS, LATIN, FontFile

CAP_EM = 0.714
"""The height of a capital of the Latin font, in parts of its size."""
ASCENT_EM = 1.1
DESCENT_EM = 0.5
"""The reach of pixels above and below the baseline; what marks upon marks add to it is cut."""
MAX_CHARACTERS = 300
"""Of a line; the rest is cut. A name has 64."""
MAX_MARKS = 4
"""Upon one character; more are left out. Hebrew's and Thai's spelling needs three."""

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""They choose between a coloured and a plain emoji, or between forms of one ideograph."""
_RIGHT_TO_LEFT = ("R", "AL")

Coverage = NDArray[np.uint8]


class Glyph(msgspec.Struct, frozen=True):
    """A glyph in its place.

    Attributes:
        font: has it.
        number: of the glyph in the font; 0 is a missing one.
        x: of its origin, in parts of the size of the text, from the line's left end.
        y: the same, upwards from the baseline.
    """

    font: FontFile
    number: int
    x: float
    y: float


class Line(msgspec.Struct, frozen=True):
    """A line of text, ready to be drawn at any size.

    Attributes:
        glyphs: from left to right.
        width: in parts of the size of the text.
    """

    glyphs: tuple[Glyph, ...]
    width: float

    def draw(self, size_px: float) -> tuple[Coverage, int, int]:
        """Return how far each pixel is covered, rows from the top, 255 being all of it.

        Also returned: the column of the origin and the row of the baseline therein.
        """
        left, right = round(size_px), round(size_px * (self.width + 1))
        up, down = round(size_px * ASCENT_EM), round(size_px * DESCENT_EM)
        raster = hb.RasterDraw()
        raster.extents = hb.RasterExtents(-left, -down, left + right, up + down, 0)
        for glyph in self.glyphs:
            face = _load(glyph.font)
            scale = size_px / face.scale[0]
            raster.transform = (scale, 0.0, 0.0, scale, glyph.x * size_px, glyph.y * size_px)
            raster.draw_glyph(face, glyph.number)
        image = raster.render()
        extents = image.extents
        if not extents.width:  # nothing was drawn
            return np.zeros((up + down, left + right), np.uint8), left, up
        pixels = np.frombuffer(image.buffer, np.uint8).reshape(extents.height, extents.stride)
        return pixels[::-1, : extents.width], left, up


@lru_cache(maxsize=512)
def set_line(text: str) -> Line:
    """Return one line of text, set from left to right as it is to be seen."""
    glyphs: list[Glyph] = []
    x = 0.0
    for font, part, is_rtl in _runs(clean_line(text)):
        face = _load(font)
        buffer = hb.Buffer()
        buffer.add_str(part)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if is_rtl else "ltr"
        buffer.language = "und"  # else the user's own: the picture would differ by computer
        hb.shape(face, buffer)
        units = face.scale[0]
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            at = x + place.x_offset / units
            glyphs.append(Glyph(font, info.codepoint, at, place.y_offset / units))
            x += place.x_advance / units
    return Line(tuple(glyphs), x)


def clean_line(text: str) -> str:
    """Return a text as it can be set: composed, on one line, and of bounded length."""
    on_one_line = re.sub(r"\s", " ", text[: 4 * MAX_CHARACTERS])
    visible = _SELECTORS.sub("", cut_controls(on_one_line))
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", " ".join(visible.split())):
        marks = marks + 1 if is_mark(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept[:MAX_CHARACTERS]).rstrip()


def is_mark(character: str) -> bool:
    """Return whether a character is drawn onto the one before it."""
    return unicodedata.category(character).startswith("M")


def _runs(text: str) -> Iterator[tuple[FontFile, str, bool]]:
    """Yield parts of one font and one direction, from the left; each in the order of reading."""
    fonts: list[FontFile] = []
    for character in text:
        fonts.append(_choose_font(character, fonts[-1] if fonts else None))
    for level, together in groupby(_reorder(text), key=lambda place: place[1]):
        places = [index for index, _ in together]
        is_rtl = level % 2 == 1
        for font, run in groupby(places, key=fonts.__getitem__):
            indices = sorted(run)
            yield font, "".join(text[index] for index in indices), is_rtl


def _reorder(text: str) -> list[tuple[int, int]]:
    """Return index and level of each character, from the left; odd levels run right to left."""
    if all(unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT for character in text):
        return [(index, 0) for index in range(len(text))]
    from bidi import algorithm

    storage = algorithm.get_empty_storage()
    storage["base_level"] = algorithm.get_base_level(text)
    storage["base_dir"] = ("L", "R")[storage["base_level"]]
    algorithm.get_embedding_levels(text, storage)
    for index, character in enumerate(storage["chars"]):
        character["index"] = index
        if character["type"] in ("", "BN"):  # not a character: the library would fail
            character["type"] = character["orig"] = "ON"
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    algorithm.reorder_resolved_levels(storage, debug=False)
    return [(character["index"], character["level"]) for character in storage["chars"]]


def _choose_font(character: str, before: FontFile | None) -> FontFile:
    code = ord(character)
    if before is not None and is_mark(character) and _has(before, code):
        return before
    return next((font for font in FONTS if font.is_for(code) and _has(font, code)), LATIN)


def _has(font: FontFile, code: int) -> bool:
    return _load(font).get_nominal_glyph(code) is not None


@cache
def _load(font: FontFile) -> hb.Font:
    return hb.Font(hb.Face(hb.Blob(font.read())))
