"""Qt's own messages, sent to our log instead of standard error. Any thread of Qt's."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_log = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.DEBUG,
    QtMsgType.QtCriticalMsg: logging.WARNING,
    QtMsgType.QtFatalMsg: logging.ERROR,
}
"""A user can do nothing about most of Qt's warnings, such as a theme without an icon."""


def log_message(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    """Write one message of Qt to the log."""
    _log.log(_LEVELS.get(kind, logging.WARNING), "%s", message)


@contextmanager
def qt_messages_logged() -> Iterator[None]:
    """Send Qt's messages to the log, and restore their former receiver at the end."""
    former = qInstallMessageHandler(log_message)
    try:
        yield
    finally:
        qInstallMessageHandler(former)
