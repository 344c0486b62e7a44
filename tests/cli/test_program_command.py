"""cli/program_command.py: a command that can be copied unchanged."""

import sys
from pathlib import Path

import pytest

from cli.program_command import program_command

ROOT = Path(__file__).resolve().parents[2]


def test_command_is_the_script_that_uses_readmes_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "prefix", str(ROOT / ".venv"))
    assert program_command() in ("./visavis", r".venv\Scripts\python peer.py")


def test_command_outside_of_that_environment_is_plain_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert program_command() == "python peer.py"
