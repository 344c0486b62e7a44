"""A picture whose four quadrants have four colours, so that a test sees how a file is shown."""

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

WHITE, RED, GREEN, BLUE = (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255)
UPRIGHT = (WHITE, RED, GREEN, BLUE)
"""The colours of the upper left, upper right, lower left and lower right quadrant."""
TOLERANCE = 40
"""Coding and the conversion between YUV and RGB change each sample by less."""

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]


def quadrants(width: int = 64, height: int = 48) -> Pixels:
    """Return RGB pixels, (height, width, 3)."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2], pixels[: height // 2, width // 2 :] = WHITE, RED
    pixels[height // 2 :, : width // 2], pixels[height // 2 :, width // 2 :] = GREEN, BLUE
    return pixels


def seen_colours(picture: VideoFrame) -> tuple[Colour, ...]:
    """Return the colour in the middle of each quadrant, in the order of `UPRIGHT`."""
    pixels = picture.to_ndarray(format="rgb24")
    height, width, _ = pixels.shape
    places = ((1, 1), (1, 3), (3, 1), (3, 3))
    colours = (pixels[height * row // 4, width * column // 4] for row, column in places)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in colours)


def assert_shows(picture: VideoFrame, expected: tuple[Colour, ...] = UPRIGHT) -> None:
    """Fail unless each quadrant of a picture has about the expected colour."""
    seen = seen_colours(picture)
    differences = np.abs(np.subtract(seen, expected, dtype=int))
    assert int(differences.max()) <= TOLERANCE, f"{seen} instead of {expected}"
