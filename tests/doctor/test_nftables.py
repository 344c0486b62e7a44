"""doctor/nftables.py: what happens to a new connection, in rules that the real `nft` has printed.

Each file of `rulesets/` is the output of `nft --json list ruleset` (version 1.0.6) for a table like

    table inet filter { chain input { type filter hook input priority 0; policy drop; ... } }
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.finding import Mark
from doctor.nftables import Fate, check_nftables, find_fate
from tests.support.fake_command import put_command
from tests.support.remedy import commands_of

RULESETS = Path(__file__).parent / "rulesets"


def read(name: str) -> str:
    return (RULESETS / f"{name}.json").read_text()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("empty", Fate.ACCEPTED),
        ("accepting", Fate.ACCEPTED),  # drops other ports, UDP, and what is forwarded
        ("opened", Fate.ACCEPTED),  # by a range in a set
        ("jumping", Fate.ACCEPTED),  # by a chain that another one jumps to
        ("dropping", Fate.DROPPED),  # by the policy
        ("rejecting", Fate.DROPPED),  # by the last rule
        ("partial", Fate.UNKNOWN),  # some addresses are let in
    ],
)
def test_fate_of_a_new_connection_follows_the_rules(name: str, expected: Fate) -> None:
    assert find_fate(read(name), 5000)[0] is expected


def test_other_port_has_another_fate() -> None:
    assert find_fate(read("dropping"), 22)[0] is Fate.ACCEPTED
    assert find_fate(read("accepting"), 5001)[0] is Fate.DROPPED


@pytest.mark.parametrize(
    ("name", "mark"), [("dropping", Mark.WRONG), ("partial", Mark.WARNING), ("opened", None)]
)
def test_finding_names_the_table_and_the_rule_to_insert(
    name: str, mark: Mark | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_command(tmp_path, "nft", f"cat '{RULESETS / name}.json'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    findings = check_nftables(5000, tmp_path)
    if mark is None:
        assert findings == []
        return
    [finding] = findings
    assert finding.mark is mark
    assert commands_of(finding)[0] == "sudo nft insert rule inet filter input tcp dport 5000 accept"


def test_rules_that_only_root_may_read_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_command(tmp_path, "nft", "echo Operation not permitted >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert check_nftables(5000, tmp_path) == []


@given(st.text(max_size=200))
def test_output_that_is_no_ruleset_counts_as_no_rules(text: str) -> None:
    assert find_fate(text, 5000)[0] is Fate.ACCEPTED


@pytest.mark.parametrize("broken", [[], {}, {"nftables": [{"chain": {}}]}, {"nftables": [1]}, 3])
def test_json_of_another_shape_counts_as_no_rules(broken: object) -> None:
    assert find_fate(json.dumps(broken), 5000)[0] is Fate.ACCEPTED


def test_chains_that_jump_in_a_circle_end() -> None:
    rule = {"family": "ip", "table": "t", "chain": "a", "expr": [{"jump": {"target": "a"}}]}
    jump = {"rule": rule}
    chain = {"chain": {"family": "ip", "table": "t", "name": "a", "hook": "input"}}
    assert find_fate(json.dumps({"nftables": [chain, jump]}), 5000)[0] is Fate.UNKNOWN
