"""Qt's own messages, and the log that they go to."""

import logging

import pytest
from PySide6.QtCore import qWarning

from ui.window.qt_messages import qt_messages_logged


def test_qt_messages_go_to_the_log_and_not_to_standard_error(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), qt_messages_logged():
        qWarning("a theme without an icon")
    assert "a theme without an icon" in caplog.messages
    assert capfd.readouterr().err == ""
