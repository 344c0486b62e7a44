"""ufw, the firewall of Ubuntu, read from its files. Any thread.

    /etc/ufw/ufw.conf       ENABLED=yes                      everybody may read it
    /etc/default/ufw        DEFAULT_INPUT_POLICY="DROP"      everybody may read it
    /etc/ufw/user.rules     ### tuple ### allow tcp 5000 0.0.0.0/0 any 0.0.0.0/0 in      root alone

A rule counts from wherever it lets callers in. The first rule for the port decides.
"""

from dataclasses import dataclass
from pathlib import Path

from doctor.finding import Finding, ok, warning, wrong

_TUPLE = "### tuple ###"
_FORWARDED = "route:"
_OPENING = ("allow", "limit")
_EVERYWHERE = {"0.0.0.0/0", "::/0"}
_RULES = ("etc/ufw/user.rules", "etc/ufw/user6.rules")


@dataclass(frozen=True, slots=True)
class UfwRule:
    """A rule of ufw.

    Attributes:
        action: `allow`, `limit`, `deny` or `reject`.
        is_own: True if it concerns the TCP port alone.
    """

    action: str
    is_own: bool


def check_ufw(port: int, root: Path) -> list[Finding]:
    """Return what ufw does with calls to a port; nothing if it is off."""
    if not is_ufw_on(root):
        return []
    policy = _read_value(root / "etc/default/ufw", "DEFAULT_INPUT_POLICY").upper()
    allow = f"`sudo ufw allow {port}/tcp`"
    try:
        rules = "\n".join((root / name).read_text("utf-8", "replace") for name in _RULES)
    except PermissionError:
        if policy == "ACCEPT":
            return [ok("firewall", "ufw is on, and lets calls in unless a rule forbids it")]
        return [
            warning(
                "firewall",
                "ufw is on, and only root can read whether it lets calls in",
                f"If nobody reaches you: {allow}",
            )
        ]
    except OSError:
        rules = ""
    rule = find_rule(rules, port)
    action = rule.action if rule is not None else ""
    if action in _OPENING or (not action and policy == "ACCEPT"):
        return [ok("firewall", f"ufw is on, and lets calls to port {port} in")]
    if rule is not None:
        sentence = f"A rule of ufw keeps calls to port {port} out"
        return [wrong("firewall", sentence, f"Enter {_word_opening(rule, port)}")]
    sentence = f"ufw keeps calls to port {port} out"
    return [wrong("firewall", sentence, f"Enter {allow}")]


def _word_opening(rule: UfwRule, port: int) -> str:
    """Return the command that makes a rule first which opens the port."""
    what = f"allow {port}/tcp"
    if rule.is_own:  # ufw then changes its action.
        return f"`sudo ufw {what}`"
    # A rule for the port alone stays where it is, with its action, unless it is deleted as `allow`.
    return f"`sudo ufw {what}; sudo ufw delete {what}; sudo ufw prepend {what}`"


def is_ufw_on(root: Path) -> bool:
    """Return whether ufw is on.

    Args:
        root: the folder of the system's files.
    """
    return _read_value(root / "etc/ufw/ufw.conf", "ENABLED") == "yes"


def find_rule(rules: str, port: int) -> UfwRule | None:
    """Return the first rule for incoming connections to a port from everywhere, or None."""
    for line in rules.splitlines():
        if not line.startswith(_TUPLE):
            continue
        words = line.removeprefix(_TUPLE).split()
        if len(words) < 4 or "out" in words[6:] or words[0].startswith(_FORWARDED):
            continue
        action, protocol, ports = words[0].partition("_")[0], words[1], words[2]
        if action not in _OPENING and not {words[3], *words[5:6]} <= _EVERYWHERE:
            continue  # It keeps some callers out, not all.
        if protocol in ("tcp", "any") and has_port(ports, port, range_mark=":"):
            return UfwRule(action, protocol == "tcp" and ports == str(port))
    return None


def has_port(ports: str, port: int, *, range_mark: str) -> bool:
    """Return whether a list such as `80,5000:5010` names a port; `any` names all."""
    if ports == "any":
        return True
    for part in ports.split(","):
        first, _, last = part.partition(range_mark)
        if first.isdecimal() and int(first) <= port <= int(last if last.isdecimal() else first):
            return True
    return False


def _read_value(path: Path, key: str) -> str:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    values = [line.partition("=")[2] for line in lines if line.partition("=")[0].strip() == key]
    return values[-1].strip().strip("\"'") if values else ""
