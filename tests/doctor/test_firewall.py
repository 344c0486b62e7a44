"""doctor/firewall.py and the firewalls that are asked by a command or through the registry."""

from pathlib import Path

import pytest

from doctor.finding import Mark
from doctor.firewall import check_firewall
from doctor.firewall_other import check_mac_firewall, judge_windows_rules
from doctor.firewalld import check_firewalld
from tests.support.fake_command import put_command
from tests.support.remedy import commands_of

PYTHON = r"C:\Users\ann\.venv\Scripts\python.exe"
RULE = "v2.31|Action={}|Active=TRUE|Dir=In|Protocol=6|Profile=Private|{}|Name=x|"


def put_firewalld(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ports: str, *, zone: str = "public"
) -> None:
    """Put a `firewall-cmd` first on the path, whose first zone has these ports."""
    put_command(
        folder,
        "firewall-cmd",
        f"case $1 in --state) echo running;; --get-default-zone) echo {zone};;"
        f" --list-ports) {ports};; esac",
    )
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_firewalld_that_does_not_run_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_command(tmp_path, "firewall-cmd", "echo not running; exit 252")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert check_firewalld(5000, tmp_path) == []


def test_firewalld_with_a_closed_port_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_firewalld(tmp_path, monkeypatch, "echo 22/tcp 5000/udp")
    [finding] = check_firewall(5000, "linux", tmp_path)
    assert finding.mark is Mark.WRONG
    assert "zone public" in finding.sentence
    assert commands_of(finding)[0].startswith("sudo firewall-cmd --permanent --add-port=5000/tcp")


@pytest.mark.parametrize("ports", ["echo 22/tcp 5000/tcp", "echo 1025-65535/tcp"])
def test_firewalld_with_an_open_port_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ports: str
) -> None:
    put_firewalld(tmp_path, monkeypatch, ports)
    [finding] = check_firewalld(5000, tmp_path)
    assert finding.mark is Mark.OK


def test_firewalld_with_a_trusted_zone_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_firewalld(tmp_path, monkeypatch, "echo", zone="trusted")
    [finding] = check_firewalld(5000, tmp_path)
    assert finding.mark is Mark.OK


def test_firewalld_that_does_not_tell_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_firewalld(tmp_path, monkeypatch, "exit 253")
    [finding] = check_firewalld(5000, tmp_path)
    assert finding.mark is Mark.WARNING


def test_any_free_port_is_not_checked(tmp_path: Path) -> None:
    [finding] = check_firewall(0, "linux", tmp_path)
    assert finding.mark is Mark.OK


@pytest.mark.parametrize(
    ("rules", "mark"),
    [
        ([], Mark.WARNING),
        ([RULE.format("Allow", f"App={PYTHON}")], Mark.OK),
        ([RULE.format("Allow", f"App={PYTHON.upper()}")], Mark.OK),
        (
            [RULE.format("Allow", f"App={PYTHON}"), RULE.format("Block", f"App={PYTHON}")],
            Mark.WRONG,
        ),
        ([RULE.format("Block", "App=C:\\game.exe")], Mark.WARNING),
        ([RULE.format("Allow", "LPort=5000")], Mark.OK),
        ([RULE.format("Allow", "LPort=80|LPort=5000")], Mark.OK),
        ([RULE.format("Allow", "LPort=81")], Mark.WARNING),
        ([RULE.format("Allow", f"App={PYTHON}").replace("=TRUE", "=FALSE")], Mark.WARNING),
        ([RULE.format("Allow", f"App={PYTHON}").replace("=In", "=Out")], Mark.WARNING),
        ([RULE.format("Allow", f"App={PYTHON}").replace("=6", "=17")], Mark.WARNING),
        (["", "v2.31", "v2.31|Action=Allow"], Mark.WARNING),
    ],
)
def test_windows_rules_for_this_program_decide(rules: list[str], mark: Mark) -> None:
    [finding] = judge_windows_rules(rules, PYTHON, 5000)
    assert finding.mark is mark
    assert bool(finding.next_step) is (mark is not Mark.OK)


@pytest.mark.parametrize(
    ("state", "block_all", "blocked", "mark"),
    [
        ("Firewall is disabled. (State = 0)", "", "", Mark.OK),
        ("Firewall is enabled. (State = 1)", "Block all ENABLED!", "", Mark.WRONG),
        (
            "Firewall is enabled. (State = 1)",
            "Block all DISABLED!",
            "The application is blocked",
            Mark.WRONG,
        ),
        (
            "Firewall is enabled. (State = 1)",
            "Block all DISABLED!",
            "The application is permitted",
            Mark.OK,
        ),
    ],
)
def test_mac_firewall_is_asked_by_its_own_command(
    tmp_path: Path, state: str, block_all: str, blocked: str, mark: Mark
) -> None:
    command = put_command(
        tmp_path,
        "socketfilterfw",
        f"case $1 in --getglobalstate) echo '{state}';; --getblockall) echo '{block_all}';;"
        f" --getappblocked) echo '{blocked}';; esac",
    )
    [finding] = check_mac_firewall(str(command), "/usr/bin/python3")
    assert finding.mark is mark
    assert bool(finding.next_step) is (mark is not Mark.OK)


def test_mac_firewall_that_does_not_answer_is_fine(tmp_path: Path) -> None:
    [finding] = check_mac_firewall(str(tmp_path / "missing"))
    assert finding.mark is Mark.OK
