"""cli/remembered_settings.py: choices are found at the next start, and no file is damaged."""

import logging
import os
import stat
from pathlib import Path

import pytest

from call.errors import SettingsError
from cli.remembered_settings import RememberedSettings, store_settings
from cli.settings import load_settings
from core.threads import Threads
from tests.support.deadline import DEADLINE_S


def test_choice_is_found_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "vis-a-vis" / "config.yaml"
    store_settings(path, {"video.camera": "HD Webcam", "audio.speaker": "yes"})
    store_settings(path, {"video.camera": "none", "name": "Ann"})
    settings = load_settings(None, [], {}, user_path=path)
    assert (settings.video.camera, settings.audio.speaker) == ("none", "yes")
    assert settings.name == "Ann"


def test_named_option_and_given_file_win_over_the_choice(tmp_path: Path) -> None:
    path, given = tmp_path / "own.yaml", tmp_path / "given.yaml"
    store_settings(path, {"video.camera": "Own", "audio.speaker": "Own"})
    given.write_text("audio:\n  speaker: Given\n")
    settings = load_settings(given, [], {"video.camera": "test"}, user_path=path)
    assert (settings.video.camera, settings.audio.speaker) == ("test", "Given")


@pytest.mark.parametrize("content", [b"video: [", b"\xff\xfe", b"video: {camera: test}\n"])
def test_file_that_cannot_be_changed_is_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        store_settings(path, {"video.camera": "X"})
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["config.yaml"]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have these links and modes")
def test_link_stays_a_link_to_the_changed_file(tmp_path: Path) -> None:
    target, path = tmp_path / "dotfiles.yaml", tmp_path / "config.yaml"
    target.write_text("# mine\n")
    path.symlink_to(target)
    store_settings(path, {"video.camera": "X"})
    assert path.is_symlink()
    assert "# mine" in target.read_text()
    assert "camera" in target.read_text()


def test_folder_that_cannot_be_written_is_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("")
    threads = Threads()
    remembered = RememberedSettings(tmp_path / "taken", threads.start)
    with caplog.at_level(logging.WARNING):
        remembered.store({"video.camera": "X"})
        assert threads.join(DEADLINE_S) == []
    assert len(caplog.records) == 1
    assert "not remembered" in caplog.text


def test_choices_in_quick_succession_are_all_stored(tmp_path: Path) -> None:
    threads = Threads()
    remembered = RememberedSettings(tmp_path, threads.start)
    for number in range(20):
        remembered.store({"video.camera": f"Camera {number}"})
    remembered.store({"audio.speaker": "none"})
    assert threads.join(DEADLINE_S) == []
    settings = load_settings(None, [], {}, user_path=tmp_path / "config.yaml")
    assert (settings.video.camera, settings.audio.speaker) == ("Camera 19", "none")
    assert stat.S_ISREG((tmp_path / "config.yaml").stat().st_mode)
