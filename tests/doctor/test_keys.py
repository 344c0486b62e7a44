"""doctor/keys.py: exposed, foreign and damaged keys are named, and nothing is changed."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from doctor.finding import Finding, Mark
from doctor.keys import check_keys
from net.trust.discovery_secret import load_or_make_secret
from net.trust.identity import IDENTITY_FILE, load_or_make_identity
from tests.support.remedy import NOBODY, as_another_user, commands_of, follow

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder with a key and a secret."""
    folder = tmp_path / "vis-a-vis"
    load_or_make_identity(folder)
    load_or_make_secret(folder)
    return folder


def check(folder: Path) -> Finding:
    [finding] = check_keys(folder)
    return finding


def test_own_key_is_fine(folder: Path) -> None:
    assert check(folder).mark is Mark.OK


def test_missing_folder_is_fine_because_the_first_call_makes_it(tmp_path: Path) -> None:
    assert check(tmp_path / "a" / "b").mark is Mark.OK
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", [IDENTITY_FILE, "discovery_secret"])
def test_file_that_others_can_read_is_named_until_the_remedy_is_followed(
    folder: Path, name: str
) -> None:
    (folder / name).chmod(0o644)
    finding = check(folder)
    assert finding.mark is Mark.WRONG
    assert str(folder / name) in finding.sentence
    assert (folder / name).stat().st_mode & 0o044, "the check changed it"
    follow(finding)
    assert check(folder).mark is Mark.OK


def test_folder_that_others_can_write_is_named_until_the_remedy_is_followed(folder: Path) -> None:
    folder.chmod(0o777)
    finding = check(folder)
    assert finding.mark is Mark.WRONG
    follow(finding)
    assert check(folder).mark is Mark.OK


@as_root
def test_key_of_another_user_is_named_with_the_command_that_returns_it() -> None:
    # Not in pytest's own folder, which other users may not enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load_or_make_identity(folder)
        folder.chmod(0o755)
        os.chown(folder, NOBODY, -1)
        with as_another_user():
            finding = check(folder)
    assert finding.mark is Mark.WRONG
    assert "chown" in commands_of(finding)[0]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_place_that_takes_no_files_is_wrong() -> None:
    finding = check(Path("/proc/visavis"))
    assert finding.mark is Mark.WRONG
    assert "/proc" in finding.sentence


def test_damaged_key_is_named_until_the_remedy_is_followed(folder: Path) -> None:
    path = folder / IDENTITY_FILE
    path.write_bytes(path.read_bytes()[:-80])
    finding = check(folder)
    assert finding.mark is Mark.WRONG
    assert "damaged" in finding.sentence
    follow(finding)
    assert check(folder).mark is Mark.OK


def test_file_in_place_of_the_folder_is_named_until_the_remedy_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "it's" / "vis-a-vis"
    folder.parent.mkdir()
    folder.write_text("not a folder")
    finding = check(folder)
    assert finding.mark is Mark.WRONG
    follow(finding)
    assert check(folder).mark is Mark.OK
