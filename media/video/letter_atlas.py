"""The letters of placeholders and the test pattern, as pictures. Reads one file of the program.

    +---+-------------+
    | w | one cell of |   95 cells, one below the other: the characters of ASCII from the space on,
    +---+  letters    |   white on black; the top left pixel w of each is how far the character
    |       .png      |   moves on, in pixels
    +-----------------+

The strokes are OpenCV's. Drawing with it would load its 27 MB into each peer that shows a
placeholder; `scripts/letters.py` does it once.
"""

from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("letters.png")
CHARACTERS = "".join(map(chr, range(32, 127)))
CELL_ROWS = 80
BASELINE = 56
"""The row on which letters stand."""
CAP = 42
"""The height of a capital."""
LEFT = 4
"""The column at which a character begins."""

Cells = NDArray[np.uint8]


@cache
def _whole() -> tuple[Cells, tuple[int, ...]]:
    """Return all cells, and how far each character moves on."""
    with av.open(str(FILE)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="gray")
    cells = picture.astype(np.uint8).reshape(len(CHARACTERS), CELL_ROWS, -1)
    advances = tuple(int(cell[0, 0]) for cell in cells)
    cells[:, 0, 0] = 0
    return cells, advances


@cache
def scaled_cells(height_px: float) -> Cells:
    """Return the cells, characters x rows x columns, such that capitals have this height."""
    cells, _ = _whole()
    rows, columns = (scaled(length, height_px) for length in cells.shape[1:])
    return np.stack(
        [
            av.VideoFrame.from_ndarray(cell, format="gray")
            .reformat(columns, rows, "gray", interpolation="AREA")
            .to_ndarray()
            for cell in cells
        ]
    )


def advance(text: str) -> int:
    """Return how far a text of these characters moves on, in pixels of the atlas."""
    _, advances = _whole()
    return sum(advances[ord(character) - ord(" ")] for character in text)


def scaled(length: float, height_px: float) -> int:
    """Return a length of the atlas where capitals have this height; at least 1."""
    return max(1, round(length * height_px / CAP))
