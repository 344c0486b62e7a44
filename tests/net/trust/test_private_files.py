"""Claims about net/trust/private_files.py, on a real disk."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from net.trust import private_files
from tests.support.deadline import DEADLINE_S


def refuse_links(monkeypatch: pytest.MonkeyPatch, number: int = errno.EPERM) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


@pytest.mark.parametrize("has_links", [True, False])
def test_publish_never_overwrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_links: bool
) -> None:
    if not has_links:
        refuse_links(monkeypatch)
    path = tmp_path / "file"
    assert private_files.publish(path, b"first")
    assert not private_files.publish(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_disk_error_is_not_mistaken_for_missing_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name != "posix":
        pytest.skip("no links are made here")
    refuse_links(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        private_files.publish(tmp_path / "file", b"first")
    assert list(tmp_path.iterdir()) == []


def test_replace_leaves_neither_content_nor_mode_of_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old and long")
    path.chmod(0o666)
    private_files.replace(path, b"new")
    assert path.read_bytes() == b"new"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_failed_replace_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        private_files.replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_read_stops_one_byte_past_the_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert private_files.read_bounded(path, 10) is None
    path.write_bytes(bytes(1000))
    assert private_files.read_bounded(path, 10) == bytes(11)


def test_only_one_process_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "file"
    entered = threading.Event()
    order: list[str] = []

    def wait_for_it() -> None:
        entered.wait(DEADLINE_S)
        with private_files.locked(path):
            order.append("second")

    thread = threading.Thread(target=wait_for_it, daemon=True)
    thread.start()
    with private_files.locked(path):
        entered.set()
        thread.join(0.05)
        order.append("first")
    thread.join(DEADLINE_S)
    assert order == ["first", "second"]


def test_move_aside_uses_the_first_free_number(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for number in (1, 2, 3):
        path.write_bytes(b"x")
        assert private_files.move_aside(path).name == f"file.damaged-{number}"
