"""Animated WebP files, which FFmpeg does not decode, through OpenCV. Capture thread.

    RIFF | size 4 | WEBP | chunk | chunk ...      chunk: name 4 | size 4 | bytes, padded to two
    VP8X: flags 1 (2 means animated), reserved 3, width - 1 in 3, height - 1 in 3
    ANMF: one picture                             all numbers little endian

OpenCV decodes all pictures at once, so their number and size are checked first.
Source: WebP Container Specification, https://developers.google.com/speed/webp/docs/riff_container
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from media.errors import SourceError

MAX_PIXELS_TOGETHER = 50_000_000
"""200 MB decoded: some 50 pictures of 1280x720, or 500 of 320x320."""
_IS_ANIMATED = 0x02
_HEAD_BYTES = 30
_MS = Fraction(1, 1000)
_DEFAULT_DURATION_MS = 100
"""For pictures without a duration, as browsers do."""


def is_webp_animation(path: Path) -> bool:
    """Return whether a file begins as an animated WebP; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    is_extended = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) == _HEAD_BYTES
    return is_extended and bool(head[20] & _IS_ANIMATED)


def read_webp_animation(path: Path) -> list[VideoFrame]:
    """Return the pictures of an animated WebP with their times. Raises SourceError."""
    import cv2  # Imported here: it takes 27 MB, and most calls do without it.

    cannot = SourceError(f"{path.name} cannot be decoded", "Convert it to MP4")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read") from error
    width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    count = sum(1 for name in _chunk_names(data) if name == b"ANMF")
    if width * height * count > MAX_PIXELS_TOGETHER:
        raise SourceError(f"{path.name} has too many or too large pictures", "Convert it to MP4")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        is_read, animation = cv2.imdecodeanimation(np.frombuffer(data, np.uint8).reshape(1, -1))
    except cv2.error as error:
        raise cannot from error
    if not is_read or not animation.frames:
        raise cannot
    pictures = [np.asarray(pixels, np.uint8) for pixels in animation.frames]
    return list(_timed(pictures, animation.durations))


def _timed(
    pictures: Sequence[NDArray[np.uint8]], durations_ms: Sequence[int]
) -> Iterator[VideoFrame]:
    time_ms = 0
    for pixels, duration_ms in zip(pictures, durations_ms, strict=True):
        pixel_format = "bgra" if pixels.shape[2] == 4 else "bgr24"
        picture = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), pixel_format)
        picture.pts, picture.time_base = time_ms, _MS
        yield picture
        time_ms += int(duration_ms) or _DEFAULT_DURATION_MS


def _chunk_names(data: bytes) -> Iterator[bytes]:
    at = 12
    while at + 8 <= len(data):
        yield data[at : at + 4]
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
