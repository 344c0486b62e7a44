"""The file of a page: written whole or not at all, over nothing but an older page. Any thread."""

import os
from contextlib import suppress
from pathlib import Path

from report.errors import UnwritablePage
from report.page import GENERATOR, IMAGE_MARK, Page, to_html
from report.source import shown_path

_HEAD_BYTES = 2048
NAME_ANOTHER = "Name another file with --output"


def write_page(page: Page, path: Path, *, is_private: bool = False) -> None:
    """Write a page as HTML; see `write_report`."""
    write_report(to_html(page).encode(), path, is_private=is_private)


def write_report(data: bytes, path: Path, *, is_private: bool = False) -> None:
    """Write a page, or its picture; an older one at the same place is replaced.

    Args:
        is_private: whether only this user may read it, whatever the system's default is.
    Raises:
        UnwritablePage: it cannot be written, or another file is there, which is kept.
    """
    try:
        if path.exists() and not _is_report(path):
            raise UnwritablePage(
                f"{shown_path(path)} exists and is not a report, so it is kept", NAME_ANOTHER
            )
        replace_file(path, data, is_private=is_private)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UnwritablePage(
            f"The report cannot be written to {shown_path(path)}: {why}",
            "Name a file with --output, in a folder that exists and that you can write to",
        ) from error


def replace_file(path: Path, data: bytes, *, is_private: bool = False) -> None:
    """Write a file, whole or not at all. Raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(beside, flags, 0o600 if is_private else 0o666), "wb") as file:
            file.write(data)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def _is_report(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return any(mark.encode() in head for mark in (GENERATOR, IMAGE_MARK))
