"""Fonts for text in scripts for which this computer has none. Display thread.

A computer may have no fonts at all, or none for the other peer's name. The fonts of placeholders
then serve the window too; each is loaded when a text first needs it, and stays.
"""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QTextLayout

from media.video.fonts import EMOJI, FONTS, HAN, LATIN, UNIFONT, FontFile

_Writing = QFontDatabase.WritingSystem

_WRITINGS = {
    LATIN.family: (_Writing.Latin, _Writing.Greek, _Writing.Cyrillic),
    HAN.family: (
        _Writing.SimplifiedChinese,
        _Writing.TraditionalChinese,
        _Writing.Japanese,
        _Writing.Korean,
    ),
}
"""The writing systems of each font that is not named after the only one it has."""


def provide_fonts(text: str) -> None:
    """Load fonts for the scripts of a text that no font of this computer has.

    Call it before the text is laid out. The first Chinese text may take 0.3 s; what has been looked
    at before costs nothing.
    """
    _provide(LATIN)
    if not text.isascii():
        for code in set(map(ord, text)):
            font = next((font for font in FONTS if font.is_for(code)), None)
            if font is UNIFONT:
                _provide_letter(code)
            elif font is not None:
                _provide(font)


@cache
def _provide(font: FontFile) -> None:
    if not _is_covered(font):
        _load(font)


@cache
def _provide_letter(code: int) -> None:
    """Load the font of all scripts for a letter that no font has; Qt does not list its script."""
    if UNIFONT in _loaded:
        return
    layout = QTextLayout(chr(code), QFont())
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    if any(0 in run.glyphIndexes() for run in layout.glyphRuns()):
        _load(UNIFONT)


_loaded: set[FontFile] = set()


def _load(font: FontFile) -> None:
    if font not in _loaded:
        _loaded.add(font)
        QFontDatabase.addApplicationFontFromData(font.read())


def _is_covered(font: FontFile) -> bool:
    """Return whether this computer has fonts for all that a font is for."""
    if font is EMOJI:
        return any("emoji" in family.lower() for family in QFontDatabase.families())
    script = font.family.removeprefix("Noto Sans ")
    writings = _WRITINGS.get(font.family) or (getattr(QFontDatabase.WritingSystem, script),)
    return all(QFontDatabase.families(writing) for writing in writings)
