"""A machine-readable number in a picture that survives compression. Pure: no I/O, no clock.

32 blocks in one row near the top, white for 1, black for 0, highest bit first:

    | 24 bits: number of the picture, modulo 2^24 | 8 bits: checksum of the three bytes |

The row covers the same part of a picture of any size, so that it is also found after scaling.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.video.lettering import Luma

_BLOCKS = 32
_NUMBER_BITS = 24
_CHECK_BITS = _BLOCKS - _NUMBER_BITS
_LEFT = 0.1
_RIGHT = 0.9
_TOP = 1 / 36
_BOTTOM = 3 / 36
_BLACK = 16
_WHITE = 235
_MIN_CONTRAST = 60
_CHECK_SEED = 0x5A
_WEIGHTS = 1 << np.arange(_BLOCKS - 1, -1, -1, dtype=np.uint64)
_SHIFTS = np.arange(_BLOCKS - 1, -1, -1, dtype=np.uint64)


def draw_stamp(luma: Luma, number: int) -> None:
    """Draw the number into a luma plane of at least 64x64 pixels."""
    height, width = luma.shape
    edges = _edges(width)
    word = _word(number % (1 << _NUMBER_BITS))
    bits = (np.uint64(word) >> _SHIFTS) & np.uint64(1)
    row = np.repeat(np.where(bits, _WHITE, _BLACK).astype(np.uint8), np.diff(edges))
    luma[round(height * _TOP) : round(height * _BOTTOM), edges[0] : edges[-1]] = row


def read_stamp(luma: NDArray[Any]) -> int | None:
    """Read the stamped number in a luma plane of any size; return None without a valid stamp.

    Args:
        luma: rows of pixels, limited or full range.
    """
    height, width = luma.shape
    if width < 2 * _BLOCKS or height < 2 * _BLOCKS:
        return None
    top, bottom = height * _TOP, height * _BOTTOM
    quarter = (bottom - top) / 4
    band = luma[round(top + quarter) : max(round(bottom - quarter), round(top + quarter) + 1)]
    columns = band.mean(axis=0)
    edges = _edges(width)
    thirds = np.diff(edges) // 3
    means = np.array(
        [
            columns[left + third : right - third].mean()
            for left, right, third in zip(edges[:-1], edges[1:], thirds, strict=True)
        ]
    )
    darkest, brightest = float(means.min()), float(means.max())
    if brightest - darkest < _MIN_CONTRAST:
        return None
    word = int(_WEIGHTS[means > (darkest + brightest) / 2].sum())
    number = word >> _CHECK_BITS
    return number if _word(number) == word else None


def _word(number: int) -> int:
    check = _CHECK_SEED
    for byte in number.to_bytes(_NUMBER_BITS // 8, "big"):
        check = (check * 167 + byte) & 0xFF
    return number << _CHECK_BITS | check


def _edges(width: int) -> NDArray[np.int64]:
    return np.rint(np.linspace(width * _LEFT, width * _RIGHT, _BLOCKS + 1)).astype(np.int64)
