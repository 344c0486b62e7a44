"""doctor/limits.py: too few files and too little memory are named, and the remedies work."""

import subprocess
import sys
from pathlib import Path

import pytest

from doctor.finding import Mark
from doctor.limits import check_limits
from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parents[2]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
CHECK = "from doctor.limits import check_limits; [f] = check_limits(); print(f.mark, f.next_step)"


def check_after(commands: str) -> str:
    """Return what the check finds in a shell that has run some commands."""
    return subprocess.run(
        ["sh", "-c", f'{commands}; exec "$@"', "sh", sys.executable, "-c", CHECK],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    ).stdout


def test_usual_limits_are_fine() -> None:
    [finding] = check_limits()
    assert finding.mark is Mark.OK, finding


@posix_only
@pytest.mark.parametrize("limit", ["ulimit -S -n 20", "ulimit -S -v 900000"])
def test_low_limit_is_named_until_the_remedy_is_followed(limit: str) -> None:
    found = check_after(limit)
    assert found.startswith("wrong"), found
    remedy = found.split("`")[1]
    assert check_after(f"{limit}; {remedy}").startswith("ok")


@posix_only
@pytest.mark.parametrize("limit", ["ulimit -n 20", "ulimit -v 900000"])
def test_limit_that_cannot_be_raised_asks_for_another_terminal(limit: str) -> None:
    assert check_after(limit).startswith("wrong Start the program from a new terminal")
