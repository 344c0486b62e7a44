"""doctor/ufw.py: what ufw's files say about the port."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from doctor.finding import Finding, Mark
from doctor.ufw import check_ufw, find_rule

TUPLE = "### tuple ### {} 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input ...\n"


def write(root: Path, *tuples: str, enabled: str = "yes", policy: str = "DROP") -> None:
    """Write ufw's files as its installation does."""
    for folder in ("etc/ufw", "etc/default"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc/ufw/ufw.conf").write_text(f"# /etc/ufw/ufw.conf\nENABLED={enabled}\n")
    (root / "etc/default/ufw").write_text(f'IPV6=yes\nDEFAULT_INPUT_POLICY="{policy}"\n')
    rules = "".join(TUPLE.format(each) for each in tuples)
    (root / "etc/ufw/user.rules").write_text(f"*filter\n### RULES ###\n{rules}### END RULES ###\n")
    (root / "etc/ufw/user6.rules").write_text("*filter\n")


def check(root: Path) -> Finding:
    [finding] = check_ufw(5000, root)
    return finding


def test_missing_ufw_says_nothing(tmp_path: Path) -> None:
    assert check_ufw(5000, tmp_path) == []


def test_ufw_that_is_off_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, enabled="no")
    assert check_ufw(5000, tmp_path) == []


def test_closed_port_is_wrong_with_the_command_that_opens_it(tmp_path: Path) -> None:
    write(tmp_path, "allow tcp 22")
    finding = check(tmp_path)
    assert finding.mark is Mark.WRONG
    assert "`sudo ufw allow 5000/tcp`" in finding.next_step
    # What that command adds to the file.
    write(tmp_path, "allow tcp 22", "allow tcp 5000")
    assert check(tmp_path).mark is Mark.OK


def test_rule_that_denies_the_port_is_named(tmp_path: Path) -> None:
    write(tmp_path, "deny tcp 5000", "allow tcp 5000", policy="ACCEPT")
    finding = check(tmp_path)
    assert finding.mark is Mark.WRONG
    assert "`sudo ufw allow 5000/tcp`" in finding.next_step
    write(tmp_path, "deny any 5000", "allow tcp 5000")
    assert "sudo ufw prepend allow 5000/tcp`" in check(tmp_path).next_step


def test_rule_that_denies_some_callers_does_not_count() -> None:
    rule = "### tuple ### deny tcp 5000 0.0.0.0/0 any 10.0.0.5 in"
    assert find_rule(rule, 5000) is None


def test_rule_for_forwarded_connections_does_not_count() -> None:
    assert find_rule(TUPLE.format("route:deny tcp 5000"), 5000) is None


def test_policy_that_accepts_needs_no_rule(tmp_path: Path) -> None:
    write(tmp_path, policy="ACCEPT")
    assert check(tmp_path).mark is Mark.OK


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_rules_that_only_root_may_read_are_a_warning() -> None:
    # Not below pytest's folder, which only root may enter.
    with TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        write(root, "allow tcp 5000")
        (root / "etc/ufw/user.rules").chmod(0o600)
        os.seteuid(65_534)
        try:
            finding = check(root)
        finally:
            os.seteuid(0)
    assert finding.mark is Mark.WARNING
    assert "only root" in finding.sentence


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("allow tcp 5000", "allow"),
        ("allow any 5000", "allow"),
        ("limit tcp 5000", "limit"),
        ("allow tcp 4000:6000", "allow"),
        ("allow tcp 80,5000,90:91", "allow"),
        ("allow any any", "allow"),
        ("allow_log tcp 5000", "allow"),
        ("allow udp 5000", ""),
        ("allow tcp 5001", ""),
        ("allow tcp 5001:", ""),
        ("allow", ""),
    ],
)
def test_first_rule_for_the_port_decides(rule: str, expected: str) -> None:
    found = find_rule(TUPLE.format(rule), 5000)
    assert (found.action if found is not None else "") == expected


def test_rule_for_outgoing_connections_does_not_count() -> None:
    rule = "### tuple ### allow tcp 5000 0.0.0.0/0 any 0.0.0.0/0 out"
    assert find_rule(rule, 5000) is None
