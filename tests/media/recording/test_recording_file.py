"""media/recording/recording_file.py: names that are free, and parts that are complete."""

import resource
from pathlib import Path

import pytest

from media.errors import MediaError
from media.recording.recording_file import RecordingFile


def test_file_that_has_content_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "call.mkv"
    names = []
    for _ in range(3):
        file = RecordingFile(path)
        file.append(b"part")
        file.close()
        names.append(file.path.name)
    assert names == ["call.mkv", "call 2.mkv", "call 3.mkv"]
    assert path.read_bytes() == b"part"


def test_empty_file_is_used(tmp_path: Path) -> None:
    path = tmp_path / "call.mkv"
    path.touch()
    file = RecordingFile(path)
    file.append(b"part")
    file.close()
    assert (file.path, path.read_bytes()) == (path, b"part")


def test_missing_folder_is_made(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "Videos" / "call.mkv")
    file.append(b"part")
    file.close()
    assert (tmp_path / "Videos" / "call.mkv").read_bytes() == b"part"


def test_bytes_can_be_replaced_in_place(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "call.mkv")
    file.append(b"0123")
    file.overwrite(1, b"ab")
    file.append(b"45")
    file.close()
    assert file.path.read_bytes() == b"0ab345"


def test_part_that_does_not_fit_leaves_no_trace(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "call.mkv")
    file.append(b"start")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))
    try:
        with pytest.raises(MediaError, match="has stopped") as caught:
            file.append(b"too long a part")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    file.overwrite(0, b"S")
    file.close()
    assert file.path.read_bytes() == b"Start"
    assert "the call goes on" in caught.value.sentence


def test_file_without_content_is_removed(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "call.mkv")
    file.close()
    assert list(tmp_path.iterdir()) == []
