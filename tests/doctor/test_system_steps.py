"""doctor/system_steps.py and places.py: the words of the next steps on each system."""

import re
from pathlib import Path

import pytest

from doctor.places import move_command, permit_step, show_step
from doctor.system_steps import (
    install_packages,
    lower_mtu,
    open_udp_port,
    set_clock,
    unset_variable,
)

SYSTEMS = ("linux", "darwin", "win32")
OTHERS = {
    "linux": r"PowerShell|icacls|netsh|takeown|System Settings",
    "darwin": r"PowerShell|icacls|netsh|takeown|ufw|timedatectl|\bip link",
    "win32": r"sudo|chown|chmod|ufw|timedatectl|\bmake\b|\./visavis|unset|\bmv\b|ifconfig",
}
"""The words that belong to another system."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file whose path needs quotes."""
    file = tmp_path / "my files" / "key.pem"
    file.parent.mkdir()
    file.touch()
    return file


def moves(file: Path, platform: str) -> list[str]:
    return [
        move_command(file, ".old", platform),
        permit_step(file, platform),
        show_step(file, platform),
    ]


def steps(file: Path, platform: str) -> list[str]:
    """Return every next step that differs between systems."""
    return [
        lower_mtu("Ethernet 2", 1280, platform),
        set_clock(platform, has_systemd=True),
        install_packages(file.parent, is_own_python=False, platform=platform),
        unset_variable("QT_QPA_PLATFORM", platform),
        *([open_udp_port(5353, platform)] if platform != "linux" else []),
        *moves(file, platform),
    ]


@pytest.mark.parametrize("platform", SYSTEMS)
def test_next_steps_name_nothing_of_another_system(file: Path, platform: str) -> None:
    for step in steps(file, platform):
        assert not re.search(OTHERS[platform], step), step


@pytest.mark.parametrize("platform", SYSTEMS)
def test_next_steps_keep_their_values_and_quote_paths(file: Path, platform: str) -> None:
    mtu, _, packages, variable, *_ = steps(file, platform)
    assert "1280" in mtu
    assert re.search("['\"]Ethernet 2['\"]", mtu), mtu
    assert str(file.parent) in packages
    assert "QT_QPA_PLATFORM" in variable
    for step in moves(file, platform):
        assert re.search(rf"['\"]{re.escape(str(file))}['\"]", step), step


def test_udp_port_of_the_firewall_is_named() -> None:
    for platform in ("darwin", "win32"):
        assert "5353" in open_udp_port(5353, platform)


def test_packages_are_installed_by_make_and_started_by_its_python(file: Path) -> None:
    own, other = (
        install_packages(file.parent, is_own_python=is_own, platform="linux")
        for is_own in (True, False)
    )
    assert f"make -C '{file.parent}' setup" in own
    assert f"'{file.parent}/visavis'" in other
    assert "visavis`" not in own


def test_clock_without_systemd_is_set_by_date() -> None:
    assert "sudo date" in set_clock("linux", has_systemd=False)
    assert "timedatectl" in set_clock("linux", has_systemd=True)
