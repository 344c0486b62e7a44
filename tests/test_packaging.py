"""The wheel: what it holds, and that the program runs from it, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.program import VERSION
from tests.support.peer_process import LIMIT_S

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
        timeout=LIMIT_S,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module", name="installed")
def _installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel into a folder, as an installer does."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def start(installed: Path, folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start the installed program in a folder that is not the checkout."""
    folder.mkdir(exist_ok=True)
    environment = {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(folder / "data")}
    return subprocess.Popen(
        [sys.executable, "-c", "from visavis import main; main()", *words],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_wheel_holds_the_program_and_its_data_in_one_folder(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"visavis", f"visavis-{VERSION}.dist-info"}
    for needed in ("__init__.py", "peer.py", "config.yaml", "media/video/letters.png"):
        assert f"visavis/{needed}" in names
    for package in ("call", "cli", "core", "media", "net", "ui"):
        assert f"visavis/{package}/__init__.py" in names


def test_the_wheel_holds_no_tests_and_no_benchmarks(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        parts = {part for name in archive.namelist() for part in name.split("/")}
    assert not {"tests", "bench", "docs", "scripts", "__pycache__"} & parts


def test_the_installed_program_knows_its_version(installed: Path, tmp_path: Path) -> None:
    out, err = start(installed, tmp_path / "a", "--version").communicate(timeout=LIMIT_S)
    assert (out.split()[-1], err) == (VERSION, "")


def test_two_installed_programs_hold_a_call(installed: Path, tmp_path: Path) -> None:
    light = ("--headless", "--camera=test", "--mic=none", "--speaker=none", "--duration=1")
    listener = start(
        *(installed, tmp_path / "a", "listen", "--port=0", "--open", "--accept", "--once"),
        *("--set=listen.announce=false", *light),
    )
    assert listener.stdout is not None
    port = listener.stdout.readline().strip().rpartition(":")[2]
    caller = start(installed, tmp_path / "b", "connect", f"127.0.0.1:{port}", *light)
    _, said_by_caller = caller.communicate(timeout=LIMIT_S)
    _, said_by_listener = listener.communicate(timeout=LIMIT_S)
    assert (caller.returncode, listener.returncode) == (0, 0), said_by_caller
    assert "visavis connect " in said_by_listener
