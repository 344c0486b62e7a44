"""The picture that stands where a source gives none. Reads the fonts of the program; no clock."""

from collections.abc import Sequence

import numpy as np
from av import VideoFrame

from media.video.i420 import frame_from_i420
from media.video.lettering import Luma, draw_text, shorten, text_width, wrap

_TOP_LUMA = 46
_BOTTOM_LUMA = 28
_BLUE = 134
"""Chroma a little to the blue of grey, which is 128."""
_RED = 125
_FIRST_LUMA = 225
_OTHER_LUMA = 158
_MARGIN = 0.08
_FIRST_HEIGHT = 0.075
_OTHER_HEIGHT = 0.042
_LEADING = 1.9
_SMALLEST_PX = 4.0
_SHRINK = 0.88


def draw_placeholder(width: int, height: int, lines: Sequence[str]) -> VideoFrame:
    """Return a calm dark picture with the lines in its middle, the first one large.

    Lines are wrapped, and all made smaller until they fit. Format yuv420p, limited range.
    """
    frame = np.empty((height // 2 * 3, width), np.uint8)
    luma: Luma = frame[:height]
    shade = np.linspace(_TOP_LUMA, _BOTTOM_LUMA, height)
    luma[:] = np.rint(shade).astype(np.uint8)[:, np.newaxis]
    chroma = frame[height:].reshape(-1)
    chroma[: chroma.size // 2] = _BLUE
    chroma[chroma.size // 2 :] = _RED
    _write(luma, [line for line in lines if line.strip()])
    return frame_from_i420(frame)


def _write(luma: Luma, lines: Sequence[str]) -> None:
    height, width = luma.shape
    room = int(width * (1 - 2 * _MARGIN))
    scale = 1.0
    while True:
        rows = _lay_out(lines, height, scale, room)
        needed = sum(size * _LEADING for _, size, _ in rows)
        if needed <= height * (1 - _MARGIN) or height * _OTHER_HEIGHT * scale <= _SMALLEST_PX:
            break
        scale *= _SHRINK
    top = (height - needed) / 2
    for text, size, value in rows:
        shown = shorten(text, size, room)
        draw_text(
            luma,
            shown,
            left=(width - text_width(shown, size)) // 2,
            baseline=round(top + size * (_LEADING + 1) / 2),
            height_px=size,
            value=value,
        )
        top += size * _LEADING


def _lay_out(
    lines: Sequence[str], height: int, scale: float, room: int
) -> list[tuple[str, float, int]]:
    rows: list[tuple[str, float, int]] = []
    for number, line in enumerate(lines):
        size = height * scale * (_FIRST_HEIGHT if number == 0 else _OTHER_HEIGHT)
        value = _FIRST_LUMA if number == 0 else _OTHER_LUMA
        rows += [(row, size, value) for row in wrap(line, size, room)]
    return rows
