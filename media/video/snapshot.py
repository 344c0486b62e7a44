"""A picture saved as a PNG file, or encoded as a photo. Blocks for some tens of milliseconds."""

import contextlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from media.errors import MediaError

if TYPE_CHECKING:
    from av import VideoFrame


PHOTO_QUALITY = 95
"""OpenCV's quality of JPEG for which nobody sees a difference; a PNG is four times as large."""


def encode_photo(picture: "VideoFrame") -> bytes:
    """Return a picture as a JPEG file, with a colour for each pixel."""
    parameters = (
        *(cv2.IMWRITE_JPEG_QUALITY, PHOTO_QUALITY),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    )
    _, jpeg = cv2.imencode(".jpg", picture.to_ndarray(format="bgr24"), parameters)
    return jpeg.tobytes()


def save_snapshot(picture: "VideoFrame", path: Path) -> None:
    """Write a picture as PNG, atomically: the file is the old one or the new one, never half.

    Raises:
        MediaError: the file cannot be written.
    """
    _, png = cv2.imencode(".png", picture.to_ndarray(format="bgr24"))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(png.tobytes())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise MediaError(
            f"The picture could not be written to {path}: {error.strerror or error}",
            "Choose another folder, such as with --snapshot",
        ) from error
