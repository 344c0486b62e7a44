"""The rules of nftables, read as JSON by `nft`, which root alone may. Any thread.

A new connection to the port is followed through every chain at the input hook. What an expression
cannot decide (addresses, rates, extensions of iptables) counts as "may match": the outcome is then
unknown, unless both ways agree.
"""

import json
import re
from enum import Enum
from pathlib import Path
from typing import Any

from doctor.finding import Finding, warning, wrong
from doctor.system_command import run_system_command

MAX_DEPTH = 16
_FAMILIES = ("inet", "ip")
_TRANSPORTS = ("tcp", "udp", "icmp", "icmpv6", "sctp", "dccp", "igmp")
_SETTINGS = "etc/nftables.conf"


class Fate(Enum):
    """The fate of a new connection."""

    ACCEPTED = "accepted"
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    CONTINUES = "continues"
    """The chain ends without a decision."""


class _Match(Enum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


def check_nftables(port: int, root: Path) -> list[Finding]:
    """Return what nftables does with calls to a port; nothing if there are no rules to read."""
    ruleset = _read_ruleset()
    fate, table = find_fate(ruleset, port)
    if fate is Fate.ACCEPTED:
        return []
    allow = _word_rule(table, port, "tcp")
    keep = _keep_step(table, allow, root)
    family, name, _ = table
    if fate is Fate.UNKNOWN:
        return [
            warning(
                "firewall",
                f"nftables (table {family} {name}) lets only some calls to port {port} in",
                f"If nobody reaches you: `sudo nft {allow}`{keep}",
            )
        ]
    sentence = f"nftables (table {family} {name}) keeps calls to port {port} out"
    return [wrong("firewall", sentence, f"Enter `sudo nft {allow}`{keep}")]


def allow_udp_command(port: int) -> str | None:
    """Return the command that lets a UDP port in, if rules of nftables keep it out; else None."""
    fate, table = find_fate(_read_ruleset(), port, "udp")
    return None if fate is Fate.ACCEPTED else f"`sudo nft {_word_rule(table, port, 'udp')}`"


def _read_ruleset() -> str:
    listed = run_system_command("nft", "--json", "list", "ruleset")
    return "" if listed is None or listed.status else listed.output


def _word_rule(table: tuple[str, str, str], port: int, protocol: str) -> str:
    return f"insert rule {' '.join(table)} {protocol} dport {port} accept"


def _keep_step(table: tuple[str, str, str], rule: str, root: Path) -> str:
    """Return how to keep a rule over the next start of the system, or "".

    Only if the table is from the system's own file: if a rule there names a table of another
    program, none of the file is loaded.
    """
    path = root / _SETTINGS
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return ""
    family, name, _ = table
    if not re.search(rf"^\s*(add\s+)?table\s+{family}\s+{re.escape(name)}\b", text, re.MULTILINE):
        return ""
    return f". To keep it: `echo '{rule}' | sudo tee -a {path}`"


def find_fate(ruleset: str, port: int, protocol: str = "tcp") -> tuple[Fate, tuple[str, str, str]]:
    """Return the fate of a new connection, and the family, table and chain that decide it.

    Args:
        ruleset: the JSON of `nft --json list ruleset`.
        protocol: `tcp` or `udp`.
    """
    try:
        entries = json.loads(ruleset)["nftables"]
        chains = [entry["chain"] for entry in entries if "chain" in entry]
        rules: dict[tuple[str, str, str], list[Any]] = {}
        for entry in entries:
            if "rule" in entry:
                rule = entry["rule"]
                key = rule["family"], rule["table"], rule["chain"]
                rules.setdefault(key, []).append(rule["expr"])
        worst, decider = Fate.ACCEPTED, ("", "", "")
        for chain in chains:
            if chain.get("hook") != "input" or chain["family"] not in _FAMILIES:
                continue
            key = chain["family"], chain["table"], chain["name"]
            fate = _Walk(rules, port, protocol).follow(key, 0)
            if fate is Fate.CONTINUES:
                fate = Fate.DROPPED if chain.get("policy") == "drop" else Fate.ACCEPTED
            if fate is Fate.DROPPED or (fate is Fate.UNKNOWN and worst is Fate.ACCEPTED):
                worst, decider = fate, key
        return worst, decider
    except (ValueError, KeyError, TypeError, AttributeError):
        return Fate.ACCEPTED, ("", "", "")


class _Walk:
    """One new connection on its way through the rules."""

    def __init__(
        self, rules: dict[tuple[str, str, str], list[Any]], port: int, protocol: str
    ) -> None:
        self._rules = rules
        self._port = port
        self._protocol = protocol

    def follow(self, key: tuple[str, str, str], depth: int) -> Fate:
        """Return the fate that a chain decides."""
        if depth > MAX_DEPTH:
            return Fate.UNKNOWN
        possible: set[Fate] = set()
        """The fates that rules before might have decided."""
        for expressions in self._rules.get(key, []):
            match, fate = self._try_rule(key, expressions, depth)
            if match is _Match.NO or fate is Fate.CONTINUES:
                continue
            possible.add(fate)
            if match is _Match.YES:
                return possible.pop() if len(possible) == 1 else Fate.UNKNOWN
        return Fate.UNKNOWN if possible else Fate.CONTINUES

    def _try_rule(
        self, key: tuple[str, str, str], expressions: list[Any], depth: int
    ) -> tuple[_Match, Fate]:
        match = _Match.YES
        for expression in expressions:
            (kind, value), *_ = expression.items()
            if kind == "match":
                one = self._match(value)
                if one is _Match.NO:
                    return one, Fate.CONTINUES
                match = one if one is _Match.MAYBE else match
            elif kind == "accept":
                return match, Fate.ACCEPTED
            elif kind in ("drop", "reject"):
                return match, Fate.DROPPED
            elif kind in ("jump", "goto"):
                inner = (key[0], key[1], value["target"])
                return match, self.follow(inner, depth + 1)
            elif kind == "return":
                return _Match.NO, Fate.CONTINUES
            elif kind in ("limit", "xt", "vmap"):
                match = _Match.MAYBE
        return match, Fate.CONTINUES

    def _match(self, value: dict[str, Any]) -> _Match:
        """Return whether a new connection from another computer matches."""
        left, right, is_equal = value["left"], value["right"], value["op"] != "!="
        if "payload" in left:
            header, field = left["payload"].get("protocol"), left["payload"].get("field")
            if field == "dport" and header in (self._protocol, "th"):
                return _decide(_holds(right, self._port) is is_equal)
            if header in _TRANSPORTS and header != self._protocol:
                return _Match.NO
            if header == "ip" and field == "protocol":
                return _decide(_holds(right, self._protocol) is is_equal)
        elif "meta" in left:
            kind = left["meta"].get("key")
            if kind in ("iif", "iifname"):
                is_loopback = right == "lo"
                return _decide(not is_equal) if is_loopback else _Match.MAYBE
            if kind in ("l4proto", "nfproto"):
                names = self._protocol if kind == "l4proto" else "ipv4"
                return _decide(_holds(right, names) is is_equal)
        elif left.get("ct", {}).get("key") == "state":
            return _decide(_holds(right, "new") is (is_equal or value["op"] == "in"))
        return _Match.MAYBE


def _decide(does_match: bool) -> _Match:
    return _Match.YES if does_match else _Match.NO


def _holds(right: object, wanted: object) -> bool:
    """Return whether a value, a set, a list or a range holds what is looked for."""
    if isinstance(right, list):
        return any(_holds(one, wanted) for one in right)
    if isinstance(right, dict):
        if "set" in right:
            return _holds(right["set"], wanted)
        if "range" in right and isinstance(wanted, int):
            first, last = right["range"]
            return bool(first <= wanted <= last)
        return False
    return bool(right == wanted)
