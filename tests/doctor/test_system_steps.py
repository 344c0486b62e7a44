"""doctor/system_steps.py and places.py: the words of the next steps on each system."""

import re
import sys
from pathlib import Path

import pytest

from doctor.places import move_command, own_command
from doctor.system_steps import (
    install_packages,
    lower_mtu,
    open_udp_port,
    set_clock,
    unset_variable,
)

FILE = Path("my files") / "key.pem"
SYSTEMS = ("linux", "darwin", "win32")
OTHERS = {
    "linux": r"PowerShell|icacls|netsh|takeown|System Settings",
    "darwin": r"PowerShell|icacls|netsh|takeown|ufw|timedatectl|\bip link",
    "win32": r"sudo|chown|chmod|ufw|timedatectl|\bmake\b|\./visavis|unset|\bmv\b|ifconfig",
}
"""The words that belong to another system."""


def steps(platform: str) -> list[str]:
    """Return every next step that differs between systems."""
    return [
        open_udp_port(5353, platform),
        lower_mtu(1280, platform),
        set_clock(platform),
        install_packages(FILE, is_own_python=False, platform=platform),
        unset_variable("QT_QPA_PLATFORM", platform),
        move_command(FILE, ".old", platform),
        own_command(FILE, platform),
    ]


@pytest.mark.parametrize("platform", SYSTEMS)
def test_next_steps_name_nothing_of_another_system(platform: str) -> None:
    for step in steps(platform):
        assert not re.search(OTHERS[platform], step), step


@pytest.mark.parametrize("platform", SYSTEMS)
def test_next_steps_keep_their_values_and_quote_paths(platform: str) -> None:
    port, mtu, _, packages, variable, *moves = steps(platform)
    assert "5353" in port
    assert "1280" in mtu
    assert f"{sys.executable}" in packages
    assert "QT_QPA_PLATFORM" in variable
    for step in moves:
        assert re.search(rf"['\"]{re.escape(str(FILE))}['\"]", step), step


def test_packages_are_installed_by_make_and_started_by_its_python() -> None:
    own, other = (
        install_packages(FILE, is_own_python=is_own, platform="linux") for is_own in (True, False)
    )
    assert "make setup" in own
    assert "./visavis" in other
    assert "./visavis" not in own
