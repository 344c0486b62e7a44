"""Draws media/video/letters.png anew: `python scripts/letters.py`, with the requirements installed.

The letters are OpenCV's strokes (FONT_HERSHEY_DUPLEX), one ASCII character below the other, white
on black. The top left pixel of each cell says how far its character moves on. The sizes stand in
media/video/letter_atlas.py.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from media.video.letter_atlas import BASELINE, CAP, CELL_ROWS, CHARACTERS, FILE, LEFT

FONT = cv2.FONT_HERSHEY_DUPLEX
CAP_AT_SCALE_1 = 21
"""The height of this font's capitals, measured by getTextSize."""
MARGIN = 12


def main() -> None:
    """Draw and write the file."""
    scale, thickness = CAP / CAP_AT_SCALE_1, round(CAP / 16)

    def width(text: str) -> int:
        return int(cv2.getTextSize(text, FONT, scale, thickness)[0][0])

    columns = max(map(width, CHARACTERS)) + MARGIN
    atlas = np.zeros((len(CHARACTERS) * CELL_ROWS, columns), np.uint8)
    for number, character in enumerate(CHARACTERS):
        cell = atlas[number * CELL_ROWS : (number + 1) * CELL_ROWS]
        cv2.putText(cell, character, (LEFT, BASELINE), FONT, scale, (255,), thickness, cv2.LINE_AA)
        # Of two, less one: getTextSize adds the thickness once.
        cell[0, 0] = width(character * 2) - width(character)
    cv2.imwrite(str(FILE), atlas, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
