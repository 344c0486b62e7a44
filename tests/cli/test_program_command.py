"""cli/program_command.py: a line that can be copied as it stands."""

import sys
from pathlib import Path

import pytest

from cli.program_command import program_command

ROOT = Path(__file__).resolve().parents[2]


def test_in_readme_s_environment_its_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(ROOT / ".venv"))
    assert program_command() in (".venv/bin/python peer.py", r".venv\Scripts\python peer.py")


def test_elsewhere_any_python_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert program_command() == "python peer.py"
