"""Claims about net/trust/discovery_secret.py."""

import os
import stat
from pathlib import Path

import pytest

from net.trust.discovery_secret import (
    DISCOVERY_SECRET_FILE,
    SECRET_BYTES,
    change_secret,
    load_or_make_secret,
)


def test_secret_stays_the_same_until_it_is_changed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    secret = load_or_make_secret(folder)
    assert len(secret) == SECRET_BYTES
    assert load_or_make_secret(folder) == secret
    change_secret(folder)
    assert load_or_make_secret(folder) != secret


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_only_the_owner_can_read_the_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_or_make_secret(tmp_path)
    path = tmp_path / DISCOVERY_SECRET_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    load_or_make_secret(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Others could read" in caplog.text


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_damaged_secret_is_moved_aside_with_a_warning(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / DISCOVERY_SECRET_FILE).write_bytes(content)
    secret = load_or_make_secret(tmp_path)
    assert len(secret) == SECRET_BYTES
    assert (tmp_path / f"{DISCOVERY_SECRET_FILE}.damaged-1").read_bytes() == content
    assert "is damaged" in caplog.text
    assert load_or_make_secret(tmp_path) == secret
