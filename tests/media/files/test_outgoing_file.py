"""Claims about media/files/outgoing_file.py: what is read, and what is noticed."""

import hashlib
import os
from pathlib import Path

import pytest

from media.files.errors import FileError, FileProblem
from media.files.outgoing_file import open_bytes, open_file

DATA = bytes(range(256)) * 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)
    return path


def test_parts_are_the_file_and_the_checksum_is_its_own(path: Path) -> None:
    file = open_file(path)
    parts = [file.read(at, 1_000) for at in range(0, len(DATA), 1_000)]
    assert b"".join(parts) == DATA
    assert file.finish() == hashlib.sha256(DATA).digest()
    file.close()


def test_part_that_is_read_again_counts_once(path: Path) -> None:
    file = open_file(path)
    file.read(0, 6_000)
    assert file.read(2_000, 6_000) == DATA[2_000:8_000]
    file.read(7_999, 10_000)
    assert file.finish() == hashlib.sha256(DATA).digest()
    file.close()


def test_bytes_in_memory_are_a_file() -> None:
    file = open_bytes("../pasted.png", DATA)
    assert (file.name, file.size_bytes) == ("pasted.png", len(DATA))
    assert file.read(0, len(DATA)) == DATA
    assert file.finish() == hashlib.sha256(DATA).digest()


@pytest.mark.parametrize("change", ["grows", "shrinks", "is written"])
def test_changed_file_is_noticed(path: Path, change: str) -> None:
    file = open_file(path)
    file.read(0, 100)
    if change == "grows":
        path.write_bytes(DATA + b"more")
    elif change == "shrinks":
        os.truncate(path, 200)
    else:
        os.utime(path, ns=(1, 1))
    with pytest.raises(FileError) as caught:  # noqa: PT012 - whichever comes first
        for at in range(100, len(DATA), 4_000):
            file.read(at, 4_000)
        file.finish()
    assert caught.value.problem is FileProblem.CHANGED
    file.close()


def test_file_of_5_gb_is_read_beyond_the_reach_of_32_bits(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(5_000_000_000)
        file.write(b"end")
    large = open_file(path)
    assert large.size_bytes == 5_000_000_003
    assert large.read(4_999_999_999, 100) == b"\0end"
    large.close()


def test_closed_file_reads_nothing(path: Path) -> None:
    file = open_file(path)
    file.close()
    assert file.read(0, 10) == b""


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, problem in (
        (tmp_path, FileProblem.FOLDER),
        (tmp_path / "none", FileProblem.MISSING),
        (tmp_path / "a\0b", FileProblem.MISSING),
        (pipe, FileProblem.NOT_REGULAR),
        (Path("/dev/null"), FileProblem.NOT_REGULAR),
    ):
        with pytest.raises(FileError) as caught:
            open_file(path)
        assert caught.value.problem is problem
