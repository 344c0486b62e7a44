"""Claims about media/files/origin_mark.py and downloads_folder.py."""

import os
import sys
from pathlib import Path

import pytest

from media.files.downloads_folder import downloads_folder
from media.files.origin_mark import ORIGIN_ATTRIBUTE, mark_origin


@pytest.mark.skipif(sys.platform != "linux", reason="each system has another mark")
def test_mark_names_the_peer(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("")
    try:
        os.setxattr(path, "user.test", b"1")
    except OSError:
        pytest.skip("this disk has no extended attributes")
    mark_origin(path, "Zoë at home")
    assert os.getxattr(path, ORIGIN_ATTRIBUTE) == b"visavis:Zo%C3%AB%20at%20home"


def test_missing_file_is_no_error(tmp_path: Path) -> None:
    mark_origin(tmp_path / "gone", "Bob")


def test_setting_wins_over_the_downloads_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert downloads_folder(str(tmp_path)) == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    assert downloads_folder("~/in") == tmp_path / "in"


@pytest.mark.skipif(sys.platform != "linux", reason="Linux has xdg-user-dir")
def test_downloads_folder_is_the_one_of_the_desktop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_DOWNLOAD_DIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/Töltések"\n')
    assert downloads_folder("") == tmp_path / "Töltések"
