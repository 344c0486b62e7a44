# /// script
# dependencies = ["fonttools==4.68.0"]
# ///
"""Writes media/video/font_files: Debian's fonts, reduced to the characters that we draw.

    apt-get download fonts-noto-core=20201225-1 fonts-droid-fallback=1:6.0.1r16-1.1
    apt-get download fonts-unifont=1:15.0.01-2 unicode-data=15.0.0-1
    for package in *.deb; do dpkg-deb -x "$package" upstream; done
    uv run scripts/fonts.py upstream

media/video/fonts.py lists the characters of each font. Hinting and the tables for vertical text are
left out, because nothing here uses them.
"""

import bz2
import io
import lzma
import sys
import unicodedata
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from media.video.fonts import FOLDER, FONTS, HAN, UNIFONT, FontFile

UPSTREAM = {
    "Droid Sans Fallback": "fonts-droid-fallback/truetype/DroidSansFallback.ttf",
    "Unifont": "fonts/opentype/unifont/unifont.otf",
    "Unifont Upper": "fonts/opentype/unifont/unifont_upper.otf",
}
NOTO = "fonts/truetype/noto/{}-Regular.ttf"
HAN_UNITS_PER_EM = 128
"""Half of upstream's: an eighth smaller, and up to 1080 lines no difference can be seen."""
HAN_STANDARDS = ("gb2312", "big5", "shift_jis", "euc_kr")
"""A Chinese character is kept if it is in the usual set of China, Taiwan, Japan or Korea, or in
China's list of 2013, which has the rare characters that are allowed in names."""
UNIHAN = "unicode/Unihan_OtherMappings.txt.bz2"
NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]
"""Copyright, names, version and licence."""
VERTICAL_TABLES = ["VORG", "vhea", "vmtx"]
VERTICAL_FEATURES = {"chws", "valt", "vchw", "vert", "vhal", "vkna", "vkrn", "vpal", "vrt2"}


def reduce(upstream: Path, wanted: FontFile, listed: set[int]) -> bytes:
    """Return the font with the characters that it is to keep.

    Args:
        upstream: where the packages are unpacked.
        wanted: the font.
        listed: China's list of 2013.
    """
    name = UPSTREAM.get(wanted.family) or NOTO.format(wanted.family.replace(" ", ""))
    font = TTFont(upstream / "usr/share" / name)
    options = Options()
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = NAMES
    options.drop_tables += [*VERTICAL_TABLES, "DSIG", "gasp"]
    options.layout_features = sorted({*options.layout_features} - VERTICAL_FEATURES)
    subsetter = Subsetter(options)
    kept = [code for code in font.getBestCmap() if keeps(wanted, code, listed)]
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    if wanted is HAN:
        scale_upem(font, HAN_UNITS_PER_EM)
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def keeps(font: FontFile, code: int, listed: set[int]) -> bool:
    """Return whether a font is to have this character."""
    if font is HAN and 0x4E00 <= code <= 0x9FFF and code not in listed:
        return any(is_in(code, standard) for standard in HAN_STANDARDS)
    if font is UNIFONT and code > 0x7F and any(f.is_for(code) for f in FONTS if f is not UNIFONT):
        return False
    return font.is_for(code) and unicodedata.category(chr(code)) not in ("Cc", "Cf", "Cn", "Co")


def is_in(code: int, standard: str) -> bool:
    """Return whether a national set of characters has this one."""
    return bool(chr(code).encode(standard, errors="ignore"))


def read_list(upstream: Path) -> set[int]:
    """Return the Table of General Standard Chinese Characters of 2013 (Unihan's kTGH)."""
    text = bz2.decompress((upstream / "usr/share" / UNIHAN).read_bytes()).decode()
    lines = (line.split("\t") for line in text.splitlines() if "\tkTGH\t" in line)
    return {int(code.removeprefix("U+"), 16) for code, *_ in lines}


def main(upstream: Path) -> None:
    """Write all files."""
    listed = read_list(upstream)
    for font in FONTS:
        data = lzma.compress(reduce(upstream, font, listed), preset=9 | lzma.PRESET_EXTREME)
        (FOLDER / font.file).write_bytes(data)
        print(f"{font.file:32} {len(data):8} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
