"""Claims about core/user_folders.py, with folders set in the environment."""

from pathlib import Path

import pytest

from core.user_folders import config_folder, data_folder


def test_data_and_settings_have_folders_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for folder in (data_folder(), config_folder()):
        assert folder.name == "vis-a-vis"
        assert tmp_path in folder.parents
    assert data_folder() != config_folder()
