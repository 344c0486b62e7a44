"""Checks of Python and of the packages. Any thread; imports no package that may be missing."""

import re
import sys
import tomllib
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

from core.program import IS_INSTALLED, ROOT, SETUP_STEP, SOUND_STEP
from doctor.finding import Finding, ok, warning, wrong
from doctor.system_steps import install_packages

OLDEST_PYTHON = (3, 11)
DISTRIBUTION = "visavis"
SOUND_PACKAGE = "pyaudio"
"""Not checked here: a call does without it, and the checks of sound name it."""
MAX_NAMED = 5

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*==\s*([^\s;]+)\s*(?:;\s*(.*))?")
_CONDITION = re.compile(r"(\w+)\s*(==|!=|<|>=)\s*['\"]([^'\"]*)['\"]")

VersionOf = Callable[[str], str]
"""Returns the version of an installed package; raises metadata.PackageNotFoundError."""


def check_python(version: tuple[int, int, int], folder: str = sys.prefix) -> list[Finding]:
    """Check that this Python is new enough.

    Args:
        folder: where it is installed.
    """
    number = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return [
            wrong(
                "python",
                f"Python {number} is too old: the program needs {oldest} or newer",
                f"Install Python {oldest} or newer, then {_lower(setup_step())}",
            )
        ]
    return [ok("python", f"Python {number} in {folder}")]


def check_packages(
    requirements: Iterable[str] | None = None, version_of: VersionOf = metadata.version
) -> list[Finding]:
    """Check that every package is installed, in the version that was tried.

    Args:
        requirements: such as `numpy==2.4.6`; by default those of the program.
    """
    missing, other, count = [], [], 0
    for requirement in read_requirements() if requirements is None else requirements:
        needed = parse_requirement(requirement)
        if needed is None or needed[0].lower() == SOUND_PACKAGE:
            continue
        count += 1
        name, wanted = needed
        try:
            found = version_of(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if found != wanted:
            other.append(f"{name} {found} instead of {wanted}")
    step = setup_step()
    if missing:
        return [wrong("packages", f"Not installed: {_join(missing)}", step)]
    if other:
        return [warning("packages", f"Another version than the tried one: {_join(other)}", step)]
    return [ok("packages", f"All {count} are installed")]


def read_requirements(root: Path = ROOT) -> list[str]:
    """Return the requirements of the program, from its checkout or its installation."""
    if IS_INSTALLED:
        return metadata.requires(DISTRIBUTION) or []
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    dependencies: list[str] = project["project"]["dependencies"]
    return dependencies


def parse_requirement(text: str) -> tuple[str, str] | None:
    """Return name and version; None if this computer does not need the package.

    Understands what our own requirements use: exact versions, and conditions joined by `and`.
    """
    match = _REQUIREMENT.match(text)
    if match is None:
        return None
    name, version, conditions = match.groups()
    for variable, comparison, value in _CONDITION.findall(conditions or ""):
        if not _holds(variable, comparison, value):
            return None
    return name, version


def _holds(variable: str, comparison: str, value: str) -> bool:
    if variable == "sys_platform":
        return (sys.platform == value) is (comparison == "==")
    if variable == "python_version":
        wanted = tuple(int(part) for part in value.split("."))
        is_older = sys.version_info[: len(wanted)] < wanted
        return is_older is (comparison == "<")
    return False  # An extra, which a call does without.


def setup_step() -> str:
    """Return how to install the program's packages."""
    if IS_INSTALLED:
        return SETUP_STEP
    is_own_python = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    return install_packages(ROOT, is_own_python=is_own_python)


def sound_step() -> str:
    """Return how to install PyAudio."""
    return SOUND_STEP if IS_INSTALLED else setup_step()


def _join(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
