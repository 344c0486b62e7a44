"""A JPEG with four inks, which no library at hand writes. Each block of 8x8 pixels has one colour.

inks = 255 - CMYK, as Adobe stores them, transform 0; without black
"""

import struct

import numpy as np

from tests.inputs.quadrants import Pixels

_DC_CATEGORIES = 12
_END_OF_BLOCK = "0"


def encode_cmyk(pixels: Pixels) -> bytes:
    """Return a JPEG of RGB pixels, whose sides are multiples of 8."""
    height, width, _ = pixels.shape
    inks = np.dstack([pixels, np.full((height, width), 255, np.uint8)])  # red is 255 - cyan
    segments = [
        b"\xff\xee" + _sized(b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 0)),
        b"\xff\xdb" + _sized(bytes([0]) + bytes([8]) * 64),
        b"\xff\xc0"
        + _sized(
            struct.pack(">BHHB", 8, height, width, 4)
            + b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3, 4))
        ),
        # All 12 categories of differences have codes of 4 bits; of the others, only "end of block".
        b"\xff\xc4" + _sized(bytes([0, 0, 0, 0, 12] + [0] * 12) + bytes(range(_DC_CATEGORIES))),
        b"\xff\xc4" + _sized(bytes([0x10, 1] + [0] * 15) + bytes([0])),
        b"\xff\xda"
        + _sized(bytes([4]) + b"".join(bytes([n, 0]) for n in (1, 2, 3, 4)) + bytes([0, 63, 0])),
    ]
    return b"\xff\xd8" + b"".join(segments) + _scan(inks) + b"\xff\xd9"


def _scan(inks: Pixels) -> bytes:
    bits, last = [], [0, 0, 0, 0]
    for row in range(4, inks.shape[0], 8):
        for column in range(4, inks.shape[1], 8):
            for ink in range(4):
                level = int(inks[row, column, ink]) - 128  # times 8, divided by 8
                bits.append(_difference(level - last[ink]) + _END_OF_BLOCK)
                last[ink] = level
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    coded = int(text, 2).to_bytes(len(text) // 8, "big")
    return coded.replace(b"\xff", b"\xff\x00")


def _difference(value: int) -> str:
    category = abs(value).bit_length()
    if not category:
        return f"{0:04b}"
    offset = value if value > 0 else value + (1 << category) - 1
    return f"{category:04b}{offset:0{category}b}"


def _sized(body: bytes) -> bytes:
    return struct.pack(">H", len(body) + 2) + body
