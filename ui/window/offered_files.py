"""Offered files: what was dropped on the window or pasted into it, as actions. Display thread."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter

from core.clock import local_now
from ui.actions import SendFile, SendImage, UserAction

MOST_FILES = 16
"""Of one drop; more are a mistake, such as a whole folder selected."""


def has_offer(data: QMimeData) -> bool:
    """Return whether there is something to send in what is dragged or pasted."""
    return data.hasImage() or any(url.isLocalFile() for url in data.urls())


def read_offer(data: QMimeData) -> tuple[UserAction, ...]:
    """Return what to send: the files, or else the picture."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if paths:
        return tuple(SendFile(path) for path in paths[:MOST_FILES])
    image = data.imageData()
    if isinstance(image, QImage) and not image.isNull():
        return (SendImage(name_image(local_now()), _encode(image)),)
    return ()


def name_image(at: datetime) -> str:
    """Return the name of a picture that was pasted at a time."""
    return f"Picture {at:%Y-%m-%d %H.%M.%S}.png"


def _encode(image: QImage) -> bytes:
    stored = QByteArray()
    buffer = QBuffer(stored)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(stored.data())
