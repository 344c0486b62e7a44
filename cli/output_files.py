"""Output files: tried before a run begins, so that no call ends without its file."""

import contextlib
import errno
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from call.errors import OutputFileError
from core.safe_text import cut_controls

STANDARD_OUTPUT = "-"


def open_output(what: str, file: str) -> TextIO:
    """Return a file of lines, open and empty; each line is flushed as it is written.

    It is opened once, so that it may be a pipe.

    Args:
        what: names its content in an error, such as "The statistics".
        file: its path, or `-` for standard output.
    Raises:
        OutputFileError: it cannot be written.
    """
    if file == STANDARD_OUTPUT:
        return sys.stdout
    try:
        return Path(file).open("w", encoding="utf-8", buffering=1, newline="\n")
    except (OSError, ValueError) as error:
        raise _refuse(what, file, error) from error


def check_snapshot(path: Path) -> None:
    """Check that a picture can be written to this path; leave an existing file unchanged.

    Raises:
        OutputFileError: its folder takes no file, or the path is not that of a PNG file.
    """
    if path.suffix.lower() != ".png":
        raise OutputFileError(
            f"A snapshot is a PNG file, and {cut_controls(str(path))} does not end in .png"
        )
    _check_new_file("The snapshot", path)


def check_recording(path: Path) -> None:
    """Check that a recording can be written to this path; leave an existing file unchanged.

    Raises:
        OutputFileError: its folder takes no file, or the path is not that of a Matroska file.
    """
    if path.suffix.lower() != ".mkv":
        raise OutputFileError(
            f"A recording is a Matroska file, and {cut_controls(str(path))} does not end in .mkv"
        )
    _check_new_file("The recording", path)


def _check_new_file(what: str, path: Path) -> None:
    try:
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISDIR(path.stat().st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except (OSError, ValueError) as error:
        raise _refuse(what, str(path), error) from error


def _refuse(what: str, file: str, error: OSError | ValueError) -> OutputFileError:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return OutputFileError(
        f"{what} cannot be written to {cut_controls(file)}: {why}",
        "Name a file in a folder that exists and that you can write to",
    )
