"""call/local_name.py: the default name."""

import getpass
import socket

import pytest

from call.local_name import local_name


def test_user_without_login_name_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", fail)
    monkeypatch.setattr(socket, "gethostname", lambda: "box")
    assert local_name() == "somebody on box"
    assert local_name("Alice") == "Alice"
