"""A picture saved as a PNG file. Blocks for some tens of milliseconds."""

import contextlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from media.errors import MediaError

if TYPE_CHECKING:
    from av import VideoFrame


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
