"""Fonts that ship with the program, and the characters that each draws. Reads files of the program.

A computer may have no fonts, and a peer without a window has no library that finds them. The files
in `font_files` are written by `scripts/fonts.py` and compressed with xz, which makes them a quarter
smaller than the wheel's own compression does. Their licenses lie beside them.
"""

import lzma
from pathlib import Path

import msgspec

FOLDER = Path(__file__).with_name("font_files")


class FontFile(msgspec.Struct, frozen=True):
    """A font of the program.

    Attributes:
        family: its name, also the one under which Qt knows it.
        file: its name in `font_files`.
        ranges: first and last code point of each range that it is to draw; it may have gaps.
    """

    family: str
    file: str
    ranges: tuple[tuple[int, int], ...]

    def is_for(self, code: int) -> bool:
        """Return whether a code point lies in the ranges of this font."""
        return any(first <= code <= last for first, last in self.ranges)

    def read(self) -> bytes:
        """Return the font itself, TrueType or OpenType. Unpacking the largest takes 0.2 s."""
        return lzma.decompress((FOLDER / self.file).read_bytes())


def _noto(script: str, *ranges: tuple[int, int]) -> FontFile:
    family = f"Noto Sans {script}".rstrip()
    return FontFile(family, f"{family.replace(' ', '')}.ttf.xz", ranges)


LATIN = _noto(
    "",
    *((0x20, 0x7E), (0xA0, 0x36F), (0x370, 0x52F)),
    *((0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x214F)),
)
"""Latin, Greek and Cyrillic, and what other scripts share with them."""
HAN = FontFile(
    "Droid Sans Fallback",
    "DroidSansFallback.ttf.xz",
    (
        *((0x1100, 0x11FF), (0x3000, 0x33FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7AF)),
        (0xFF00, 0xFFEF),
    ),
)
"""Chinese, Japanese and Korean."""
UNIFONT = FontFile(
    "Unifont",
    "Unifont.otf.xz",
    ((0x20, 0x7E), (0x1200, 0x1399), (0x13A0, 0x167F), (0x1800, 0x18AF), (0x2000, 0x2BFF)),
)
EMOJI = FontFile("Unifont Upper", "UnifontUpper.otf.xz", ((0x1F000, 0x1FAFF),))
"""These two are drawn on a grid of 16 pixels, for what no other font here has."""

FONTS = (
    LATIN,
    _noto("Armenian", (0x530, 0x58F), (0xFB13, 0xFB17)),
    _noto("Hebrew", (0x590, 0x5FF), (0xFB1D, 0xFB4F)),
    _noto("Arabic", (0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF)),
    _noto("Devanagari", (0x900, 0x97F), (0xA8E0, 0xA8FF)),
    _noto("Bengali", (0x980, 0x9FF)),
    _noto("Gurmukhi", (0xA00, 0xA7F)),
    _noto("Gujarati", (0xA80, 0xAFF)),
    _noto("Oriya", (0xB00, 0xB7F)),
    _noto("Tamil", (0xB80, 0xBFF)),
    _noto("Telugu", (0xC00, 0xC7F)),
    _noto("Kannada", (0xC80, 0xCFF)),
    _noto("Malayalam", (0xD00, 0xD7F)),
    _noto("Sinhala", (0xD80, 0xDFF)),
    _noto("Thai", (0xE00, 0xE7F)),
    _noto("Lao", (0xE80, 0xEFF)),
    _noto("Myanmar", (0x1000, 0x109F)),
    _noto("Georgian", (0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)),
    _noto("Khmer", (0x1780, 0x17FF), (0x19E0, 0x19FF)),
    HAN,
    EMOJI,
    UNIFONT,
)
"""In the order in which they are asked for a character."""
