"""Claims about cli/output_files.py."""

import sys
from pathlib import Path

import pytest

from call.errors import OutputFileError
from cli.output_files import check_recording, check_snapshot, open_output


def test_statistics_file_is_emptied_and_each_line_is_written_at_once(tmp_path: Path) -> None:
    path = tmp_path / "stats"
    path.write_text("old")
    with open_output("The statistics", str(path)) as stats:
        assert path.read_text() == ""
        stats.write("{}\n")
        assert path.read_text() == "{}\n"


def test_dash_is_standard_output() -> None:
    assert open_output("The statistics", "-") is sys.stdout


@pytest.mark.parametrize("file", ["", ".", "gone/stats", "a\0b"])
def test_unwritable_statistics_file_is_an_error(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputFileError, match="statistics cannot be written"):
        open_output("The statistics", file)


def test_checking_a_snapshot_path_changes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "last.PNG"
    path.write_bytes(b"old")
    check_snapshot(path)
    check_snapshot(tmp_path / "new.png")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [
        ("last.PNG", b"old")
    ]


@pytest.mark.parametrize("name", ["a.jpg", "png", ".png", "gone/a.png", "folder.png", "a\0.png"])
def test_unwritable_snapshot_is_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputFileError):
        check_snapshot(tmp_path / name)


def test_checking_a_recording_path_changes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "call.MKV"
    path.write_bytes(b"old")
    check_recording(path)
    check_recording(tmp_path / "new.mkv")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [
        ("call.MKV", b"old")
    ]


@pytest.mark.parametrize("name", ["a.mp4", "mkv", "gone/a.mkv", "folder.mkv", "a\0.mkv"])
def test_unwritable_recording_is_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.mkv").mkdir()
    with pytest.raises(OutputFileError):
        check_recording(tmp_path / name)
