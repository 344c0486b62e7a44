"""requirements*.txt as `make lock` writes them: they fit pyproject.toml and name no server."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FILES = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-sound.txt",
    "requirements-report.txt",
    "requirements-bench.txt",
)
NAMES_A_SERVER = re.compile(r"[a-z+]+://|^-", re.MULTILINE)


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def asked_for(file: str) -> list[str]:
    """Return the requirements in pyproject.toml that a file is written from."""
    project = pyproject()["project"]
    run: list[str] = project["dependencies"]
    dev: list[str] = project["optional-dependencies"]["dev"]
    report: list[str] = project["optional-dependencies"]["report"]
    groups: dict[str, list[str]] = pyproject()["dependency-groups"]
    return {
        "requirements.txt": run,
        "requirements-dev.txt": run + dev + report,
        "requirements-report.txt": run + report,
        "requirements-sound.txt": groups["sound"],
        "requirements-bench.txt": groups["bench"],
    }[file]


def versions(lines: list[str]) -> dict[str, str]:
    """Return name and version of each requirement."""
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): str(one.specifier) for one in found}


def locked(file: str) -> dict[str, list[str]]:
    """Return each requirement of a file, without its hashes, and the hashes."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.partition(" --hash")[0]: re.findall(r"--hash=(\S+)", line) for line in lines}


@pytest.mark.parametrize("file", FILES)
def test_every_version_of_pyproject_is_locked(file: str) -> None:
    wanted, found = versions(asked_for(file)), versions(list(locked(file)))
    assert {name: found.get(name) for name in wanted} == wanted, "run `make lock`"


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_exact_and_has_hashes(file: str) -> None:
    for line, hashes in locked(file).items():
        assert str(Requirement(line).specifier).startswith("=="), line
        assert hashes, line
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in hashes), line


@pytest.mark.parametrize("file", FILES)
def test_no_requirements_file_names_a_package_server(file: str) -> None:
    assert not NAMES_A_SERVER.search((ROOT / file).read_text(encoding="utf-8"))


def test_tests_run_with_the_versions_of_the_program() -> None:
    run, report, dev = (locked(f"requirements{what}.txt") for what in ("", "-report", "-dev"))
    assert run.items() <= report.items() <= dev.items()


def test_plots_are_drawn_with_the_versions_of_the_tests() -> None:
    tests, plots = (versions(list(locked(f"requirements-{what}.txt"))) for what in ("dev", "bench"))
    assert {name: plots[name] for name in plots.keys() & tests.keys()}.items() <= tests.items()


def test_pyaudio_has_one_version() -> None:
    project = pyproject()["project"]
    lines = asked_for("requirements.txt") + project["optional-dependencies"]["sound"]
    lines += asked_for("requirements-sound.txt")
    found = [Requirement(line) for line in lines]
    assert len({str(one.specifier) for one in found if one.name == "pyaudio"}) == 1
