"""doctor/packages.py: an old Python and missing packages are named, with what installs them."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from doctor.finding import Mark
from doctor.packages import (
    check_packages,
    check_python,
    parse_requirement,
    read_requirements,
)
from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parents[2]


def test_old_python_is_named_with_the_one_that_is_needed() -> None:
    [finding] = check_python((3, 10, 4))
    assert finding.mark is Mark.WRONG
    assert "3.10.4" in finding.sentence
    assert "Python 3.11" in finding.next_step


def test_this_python_is_new_enough() -> None:
    [finding] = check_python(sys.version_info[:3])
    assert finding.mark is Mark.OK


def test_all_packages_of_the_program_are_installed_here() -> None:
    assert "zeroconf" in {requirement.partition("==")[0] for requirement in read_requirements()}
    [finding] = check_packages()
    assert finding.mark is Mark.OK


def test_missing_package_is_named() -> None:
    [finding] = check_packages(["numpy==2.4.6", "not-there==1.0"])
    assert finding.mark is Mark.WRONG
    assert finding.sentence == "Not installed: not-there"
    assert "`make -C " in finding.next_step


def test_package_in_another_version_is_a_warning() -> None:
    own = metadata.version("psutil")
    [finding] = check_packages(["psutil==0.1"])
    assert finding.mark is Mark.WARNING
    assert f"psutil {own} instead of 0.1" in finding.sentence


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("PyYAML==6.0.3", ("PyYAML", "6.0.3")),
        (f'a==1; sys_platform == "{sys.platform}"', ("a", "1")),
        (f"a==1; sys_platform != '{sys.platform}'", None),
        ("a==1; python_version < '3.11'", None),
        ("a==1; python_version >= '3.11'", ("a", "1")),
        (f"a==1; sys_platform == '{sys.platform}' and python_version < '3.0'", None),
        ("a==1; extra == 'sound'", None),
    ],
)
def test_requirement_counts_only_where_it_is_needed(
    requirement: str, expected: tuple[str, str] | None
) -> None:
    assert parse_requirement(requirement) == expected


def test_doctor_runs_without_any_package_and_names_them() -> None:
    # Isolated from its folder of packages, Python finds only its own library.
    done = subprocess.run(
        [sys.executable, "-S", str(ROOT / "peer.py"), "doctor"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", "python"], ["wrong", "packages"]]
    assert "numpy" in lines[1]
    assert "1 thing is wrong here" in done.stderr
