"""doctor/disk.py: a place that cannot be written or is too small is named."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.disk import RECORD_TO, check_disk
from doctor.finding import Finding, Mark
from tests.support.deadline import DEADLINE_S
from tests.support.remedy import as_another_user, commands_of, follow

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="needs root, on Linux"
)
CHECK = (
    "import sys; from pathlib import Path; from doctor.disk import check_disk; "
    "[f] = check_disk('Recordings', Path(sys.argv[1]), 2_500_000, ''); print(f.mark, f.sentence)"
)


def check(folder: Path, bitrate_bps: int = 1000) -> Finding:
    [finding] = check_disk("Recordings", folder, bitrate_bps, RECORD_TO)
    return finding


def test_folder_with_room_is_fine_and_not_created(tmp_path: Path) -> None:
    finding = check(tmp_path / "a" / "b")
    assert finding.mark is Mark.OK
    assert not (tmp_path / "a").exists()


def test_disk_without_room_for_an_hour_is_a_warning(tmp_path: Path) -> None:
    bitrate_bps = shutil.disk_usage(tmp_path).total  # an hour of it needs 900 such disks
    finding = check(tmp_path, bitrate_bps)
    assert finding.mark is Mark.WARNING
    assert "free" in finding.sentence


def test_file_in_place_of_the_folder_is_named_until_the_remedy_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "Videos"
    folder.write_text("not a folder")
    finding = check(folder)
    assert finding.mark is Mark.WRONG
    follow(finding)
    finding = check(folder)
    assert finding.mark is Mark.OK


@as_root
def test_forbidden_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with as_another_user():
        finding = check(tmp_path)
    assert finding.mark is Mark.WRONG
    assert str(tmp_path) in commands_of(finding)[0]


@as_root
@pytest.mark.parametrize(
    ("options", "expected"), [("size=64k", "warning"), ("ro", "wrong Recordings go to")]
)
def test_small_disk_and_read_only_disk_are_named(
    tmp_path: Path, options: str, expected: str
) -> None:
    script = f"mount -t tmpfs -o {options} tmpfs '{tmp_path}' && exec \"$@\""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-c", CHECK, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.stdout.startswith(expected), done.stdout + done.stderr
