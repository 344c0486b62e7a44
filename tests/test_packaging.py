"""The wheel: its contents, and the program that pip installs from it, away from the checkout."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.program import VERSION
from media.video.fonts import FONTS
from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, without asking any package server."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)),
        ],
        check=True,
        timeout=DEADLINE_S,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module", name="installed")
def _installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new folder; its requirements come from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--target", str(folder), str(wheel)),
        ],
        check=True,
        timeout=DEADLINE_S,
    )
    return folder


def start(
    installed: Path, folder: Path, *words: str, python: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """Start `visavis` in a folder that is not the checkout, or a Python that finds its package."""
    folder.mkdir(exist_ok=True)
    script = shutil.which("visavis", path=installed / "bin")
    assert script is not None
    environment = {
        "PYTHONPATH": str(installed),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "configuration"),
    }
    return subprocess.Popen(
        [*(python or (script,)), *words],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_wheel_holds_the_program_and_its_data_in_one_folder(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"visavis", f"visavis-{VERSION}.dist-info"}
    for needed in ("__init__.py", "peer.py", "config.yaml"):
        assert f"visavis/{needed}" in names
    fonts = "visavis/media/video/font_files"
    for needed in (*(font.file for font in FONTS), "OFL-1.1.txt", "Apache-2.0.txt"):
        assert f"{fonts}/{needed}" in names
    for package in ("call", "cli", "core", "doctor", "media", "net", "report", "ui"):
        assert f"visavis/{package}/__init__.py" in names


def test_wheel_holds_no_tests_and_no_benchmarks(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        parts = {part for name in archive.namelist() for part in name.split("/")}
    assert not {"tests", "bench", "docs", "scripts", "__pycache__"} & parts


def test_installed_program_knows_its_version(installed: Path, tmp_path: Path) -> None:
    out, err = start(installed, tmp_path / "a", "--version").communicate(timeout=DEADLINE_S)
    assert (out.split()[-1], err) == (VERSION, "")


def test_newest_entry_of_the_changelog_has_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == VERSION


def test_installed_program_reads_the_users_own_settings(installed: Path, tmp_path: Path) -> None:
    own = tmp_path / "a" / "configuration" / "vis-a-vis" / "config.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("video: {width_px: wide}\n")
    program = start(installed, tmp_path / "a", "connect", "localhost")
    _, said = program.communicate(timeout=DEADLINE_S)
    assert program.returncode == 2
    assert f"Line 1 of {own}: video.width_px must be" in said


def test_missing_packages_cause_one_line_that_names_the_install(
    installed: Path, tmp_path: Path
) -> None:
    bare = (sys.executable, "-S", "-c", "from visavis import main; main()")
    program = start(installed, tmp_path / "a", "listen", python=bare)
    _, said = program.communicate(timeout=DEADLINE_S)
    assert program.returncode == 2
    assert "Install visavis again" in said
    assert "make setup" not in said
    assert said.count("\n") == 1


def test_installed_program_without_pyaudio_names_its_extra(installed: Path, tmp_path: Path) -> None:
    without = "import sys; sys.modules['pyaudio'] = None; from visavis import main; main()"
    program = start(installed, tmp_path / "a", "devices", python=(sys.executable, "-c", without))
    _, said = program.communicate(timeout=DEADLINE_S)
    assert program.returncode == 0
    assert "PyAudio is not installed. Install visavis with its extra [sound]" in said


def test_demo_of_the_installed_program_finds_its_children(installed: Path, tmp_path: Path) -> None:
    program = start(
        *(installed, tmp_path / "a", "demo", "--headless", "--duration=1", "--camera=test"),
        *("--set=audio.microphone=none", "--set=audio.speaker=none"),
    )
    out, said = program.communicate(timeout=DEADLINE_S)
    assert program.returncode == 0, said
    assert [line.partition(":")[0] for line in out.splitlines()] == ["caller", "listener"]


def test_two_installed_programs_hold_a_call(installed: Path, tmp_path: Path) -> None:
    light = ("--headless", "--camera=test", "--mic=none", "--speaker=none", "--duration=1")
    listener = start(
        *(installed, tmp_path / "a", "listen", "--port=0", "--open", "--accept", "--once"),
        *("--set=listen.announce=false", *light),
    )
    assert listener.stdout is not None
    port = listener.stdout.readline().strip().rpartition(":")[2]
    caller = start(installed, tmp_path / "b", "connect", f"127.0.0.1:{port}", *light)
    _, said_by_caller = caller.communicate(timeout=DEADLINE_S)
    _, said_by_listener = listener.communicate(timeout=DEADLINE_S)
    assert (caller.returncode, listener.returncode) == (0, 0), said_by_caller
    assert "visavis connect " in said_by_listener
