"""One picture as a PNG file. Blocks for some tens of milliseconds."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from media.errors import MediaError

if TYPE_CHECKING:
    from av import VideoFrame


def save_snapshot(picture: "VideoFrame", path: Path) -> None:
    """Write a picture as PNG, atomically: the file is the old one or the new one, never half.

    Raises:
        MediaError: it cannot be written.
    """
    bgr = picture.to_ndarray(format="bgr24")
    _, data = cv2.imencode(".png", bgr)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data.tobytes())
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise MediaError(
            f"The picture could not be written to {path}: {error.strerror}",
            "give another file with --snapshot",
        ) from error
