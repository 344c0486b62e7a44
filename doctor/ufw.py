"""ufw, the firewall of Ubuntu, read from its files. Any thread.

    /etc/ufw/ufw.conf       ENABLED=yes                      everybody may read it
    /etc/default/ufw        DEFAULT_INPUT_POLICY="DROP"      everybody may read it
    /etc/ufw/user.rules     ### tuple ### allow tcp 5000 0.0.0.0/0 any 0.0.0.0/0 in      root alone

A rule counts from wherever it lets callers in. The first rule for the port decides.
"""

from pathlib import Path

from doctor.finding import Finding, ok, warning, wrong

_TUPLE = "### tuple ###"
_RULES = ("etc/ufw/user.rules", "etc/ufw/user6.rules")


def check_ufw(port: int, root: Path) -> list[Finding]:
    """Return what ufw does with calls to a port; nothing if it is off."""
    if _read_value(root / "etc/ufw/ufw.conf", "ENABLED") != "yes":
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
    action = find_action(rules, port)
    if action in ("allow", "limit") or (not action and policy == "ACCEPT"):
        return [ok("firewall", f"ufw is on, and lets calls to port {port} in")]
    if action:
        step = f"Enter `sudo ufw delete {action} {port}/tcp`, then {allow}"
        return [wrong("firewall", f"A rule of ufw keeps calls to port {port} out", step)]
    sentence = f"ufw keeps calls to port {port} out"
    return [wrong("firewall", sentence, f"Enter {allow}")]


def find_action(rules: str, port: int) -> str:
    """Return what the first rule for incoming connections to a port does, or ""."""
    for line in rules.splitlines():
        if not line.startswith(_TUPLE):
            continue
        words = line.removeprefix(_TUPLE).split()
        if len(words) < 4 or "out" in words[6:]:
            continue
        action, protocol, ports = words[0].partition("_")[0], words[1], words[2]
        if protocol in ("tcp", "any") and has_port(ports, port, range_mark=":"):
            return action
    return ""


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
