"""The section on licences in README.md: it covers every package."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PART_OF = {"pyside6-essentials": "PySide6", "shiboken6": "PySide6"}
"""Packages that the table lists under the name of another."""


def required() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    names = {line.partition("==")[0] for line in lines if re.match(r"[A-Za-z0-9]", line)}
    return sorted(names | {"pyaudio", "setuptools"})


def licences() -> str:
    return (ROOT / "README.md").read_text().partition("## Licences")[2].lower()


@pytest.mark.parametrize("package", required())
def test_licences_cover_every_installed_package(package: str) -> None:
    name = "pyobjc" if package.startswith("pyobjc") else PART_OF.get(package, package)
    assert re.search(rf"\b{re.escape(name.lower())}\b", licences()), package
