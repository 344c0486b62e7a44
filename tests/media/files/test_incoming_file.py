"""Claims about media/files/incoming_file.py: the final name is taken last, and from nobody."""

import errno
import hashlib
import os
from pathlib import Path
from unittest.mock import patch

import pytest

from media.files.errors import FileError, FileProblem
from media.files.incoming_file import ABANDONED_S, IncomingFile

DATA = b"some bytes"
SHA256 = hashlib.sha256(DATA).digest()


def incoming(folder: Path, name: str = "a.txt") -> IncomingFile:
    return IncomingFile(folder, name, len(DATA), "Bob")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_file_has_a_hidden_name_until_it_is_finished(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    file = incoming(folder)
    file.write(DATA[:4])
    file.write(DATA[4:])
    (part,) = names(folder)
    assert part.startswith(".")
    assert file.finish(SHA256) == folder / "a.txt"
    assert names(folder) == {"a.txt"}
    assert (folder / "a.txt").read_bytes() == DATA


@pytest.mark.parametrize("has_hard_links", [True, False])
def test_file_takes_the_name_of_no_other(tmp_path: Path, has_hard_links: bool) -> None:
    (tmp_path / "a.txt").write_text("mine")
    (tmp_path / "a (2).txt").symlink_to(tmp_path / "nowhere")
    file = incoming(tmp_path)
    file.write(DATA)
    refusal = OSError(errno.EPERM, "no hard links")
    with patch("os.link", wraps=os.link, side_effect=None if has_hard_links else refusal):
        assert file.finish(SHA256).name == "a (3).txt"
    assert (tmp_path / "a.txt").read_text() == "mine"
    assert names(tmp_path) == {"a.txt", "a (2).txt", "a (3).txt"}


def test_wrong_checksum_leaves_nothing(tmp_path: Path) -> None:
    file = incoming(tmp_path)
    file.write(b"other byte")
    with pytest.raises(FileError) as caught:
        file.finish(SHA256)
    assert caught.value.problem is FileProblem.CHECKSUM
    file.discard()
    assert not names(tmp_path)


def test_discarded_file_leaves_nothing(tmp_path: Path) -> None:
    file = incoming(tmp_path)
    file.write(DATA)
    file.discard()
    assert not names(tmp_path)


def test_part_that_was_taken_away_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    file = incoming(tmp_path)
    file.write(DATA)
    for part in tmp_path.iterdir():
        part.unlink()
    with pytest.raises(FileError) as caught:
        file.finish(SHA256)
    assert caught.value.problem is FileProblem.NOT_WRITABLE
    assert not names(tmp_path)


def test_file_larger_than_the_free_disk_is_refused_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        IncomingFile(tmp_path, "a.txt", 2**62, "Bob")
    assert caught.value.problem is FileProblem.DISK_FULL
    assert not names(tmp_path)


def test_full_disk_is_named_while_writing() -> None:
    folder = Path("/dev/shm") if Path("/dev/full").exists() else None
    if folder is None:
        pytest.skip("needs /dev/full, which Linux has")
    with patch("pathlib.Path.open", lambda path, mode, buffering: open("/dev/full", "wb", 0)):  # noqa: PTH123 - closed by discard
        file = IncomingFile(folder, "a.txt", len(DATA), "Bob")
    with pytest.raises(FileError) as caught:
        file.write(DATA)
    assert caught.value.problem is FileProblem.DISK_FULL
    file.discard()


@pytest.mark.parametrize("name", ["file", "file/below", "zero\0byte"])
def test_folder_that_is_none_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError) as caught:
        incoming(tmp_path / name)
    assert caught.value.problem is FileProblem.NOT_WRITABLE
    assert caught.value.detail


def test_abandoned_parts_are_removed_and_others_kept(tmp_path: Path) -> None:
    old, new = tmp_path / ".vis-a-vis-old.part", tmp_path / ".vis-a-vis-new.part"
    other = tmp_path / ".other.part"
    for path in (old, new, other):
        path.write_text("x")
    for path in (old, other):
        at_s = path.stat().st_mtime - ABANDONED_S - 60
        os.utime(path, (at_s, at_s))
    incoming(tmp_path).discard()
    assert names(tmp_path) == {new.name, other.name}
