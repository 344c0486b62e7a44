"""The script `visavis`, which starts the program from a checkout."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.program import VERSION
from tests.support.deadline import DEADLINE_S

SCRIPT = Path(__file__).resolve().parent.parent / "visavis"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no shell for it")


def run(script: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )


def test_script_starts_the_program_from_any_folder_and_through_links(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "first").symlink_to(SCRIPT)
    second = tmp_path / "second"
    second.symlink_to("a b/first")
    for script in (SCRIPT, tmp_path / "a b" / "first", second):
        done = run(script, tmp_path, "--version")
        assert (done.returncode, done.stdout) == (0, f"Vis-à-vis {VERSION}\n"), done.stderr
    assert run(SCRIPT, tmp_path, "connect", "a", "b").returncode == 2


def test_script_names_make_setup_before_it_has_run(tmp_path: Path) -> None:
    copy = shutil.copy(SCRIPT, tmp_path / "visavis")
    done = run(Path(copy), tmp_path, "listen")
    assert (done.returncode, done.stdout) == (2, "")
    assert f'make -C "{tmp_path}" setup' in done.stderr
