"""Fitted text: a sentence with the path of a file, in a few lines of a width. Pure: no I/O, no Qt.

A line breaks at a space, else behind a separator of the path, else anywhere. Where the lines do not
suffice, the middle of the path gives way: its beginning says which folder, its end which file.
"""

import html
import re
from collections.abc import Callable

ELLIPSIS = "…"
ZERO_WIDTH_SPACE = "\u200b"
"""Text may break here."""
LONG_WORD_CHARACTERS = 24
"""A shorter word fits into any label."""
BREAKS = "/\\_-."
TAIL_SHARE = 0.65
"""How much of a shortened path is its end."""
_LONG_WORD = re.compile(rf"\S{{{LONG_WORD_CHARACTERS},}}")
_PIECE = re.compile(r"[^/\\_.\-]{1,12}[/\\_.\-]?|[/\\_.\-]")


def fit_lines(
    sentence: str, path: str, *, advance: Callable[[str], float], room_px: float, most_lines: int
) -> tuple[str, ...]:
    """Return a sentence in lines, its path shortened if it needs more than `most_lines`.

    Args:
        path: a part of the sentence, or "".
        advance: returns the width of a text, in the unit of `room_px`.
    """
    lines = _wrap(sentence, advance, room_px)
    if len(lines) <= most_lines or not path or path not in sentence:
        return lines
    fewest, most = 0, len(path) - 1
    while fewest < most:
        kept = (fewest + most + 1) // 2
        shortened = sentence.replace(path, _shorten(path, kept), 1)
        if len(_wrap(shortened, advance, room_px)) <= most_lines:
            fewest = kept
        else:
            most = kept - 1
    return _wrap(sentence.replace(path, _shorten(path, fewest), 1), advance, room_px)


def let_break(text: str) -> str:
    """Return a text whose long words, such as paths, may break within a label."""
    return _LONG_WORD.sub(lambda word: ZERO_WIDTH_SPACE.join(_PIECE.findall(word[0])), text)


def word_plain_tooltip(text: str) -> str:
    """Return a tooltip that shows a text as it is: Qt would read markup in it."""
    return f"<qt>{html.escape(text)}</qt>" if text else ""


def _shorten(path: str, kept: int) -> str:
    tail = round(kept * TAIL_SHARE)
    return f"{path[: kept - tail]}{ELLIPSIS}{path[len(path) - tail :]}"


def _wrap(text: str, advance: Callable[[str], float], room_px: float) -> tuple[str, ...]:
    lines, rest = [], text
    while rest:
        end = _find_end(rest, advance, room_px)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(lines)


def _find_end(text: str, advance: Callable[[str], float], room_px: float) -> int:
    """Return where the first line ends; at least one character fits."""
    fewest, most = 1, len(text)
    while fewest < most:
        middle = (fewest + most + 1) // 2
        if advance(text[:middle].rstrip()) <= room_px:
            fewest = middle
        else:
            most = middle - 1
    if fewest == len(text):
        return fewest
    space = text.rfind(" ", 0, fewest + 1)
    separator = max(text.rfind(each, 0, fewest) for each in BREAKS) + 1
    # A name with spaces breaks at them only where that does not waste half of the line.
    for end in (space, separator):
        if end > fewest // 2:
            return end
    return space if space > 0 else fewest
