"""Fixtures for tests of our own sound."""

import logging
from collections.abc import Callable

import pytest

from call.live import local_audio
from tests.support.local_user import FakeDevices


@pytest.fixture
def fake_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `LocalAudio` open fake devices."""
    FakeDevices.opened.clear()
    monkeypatch.setattr(local_audio, "SoundDevices", FakeDevices)


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return a function that returns the warnings logged so far."""

    def logged() -> list[str]:
        return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]

    return logged
