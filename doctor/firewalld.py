"""firewalld, the firewall of Fedora and its relatives, asked by its own command. Any thread."""

from pathlib import Path

from doctor.finding import Finding, ok, warning, wrong
from doctor.system_command import run_system_command
from doctor.ufw import has_port
from net.link.local_addresses import route_to

INTERNET = "203.0.113.1"
"""Reserved for documentation by RFC 5737; nothing is sent to it."""
_OPEN_ZONES = ("trusted",)


def is_firewalld_on() -> bool:
    """Return whether firewalld runs."""
    state = run_system_command("firewall-cmd", "--state")
    return state is not None and not state.status and state.output.strip() == "running"


def check_firewalld(port: int, root: Path) -> list[Finding]:
    """Return what firewalld does with calls to a port; nothing if it does not run."""
    if not is_firewalld_on():
        return []
    default = run_system_command("firewall-cmd", "--get-default-zone")
    default_zone = default.output.strip() if default is not None else ""
    zone = _find_zone() or default_zone
    option = [f"--zone={zone}"] if zone != default_zone else []
    allow = allow_command(" ".join([*option, f"--add-port={port}/tcp"]))
    listed = run_system_command("firewall-cmd", *option, "--list-ports")
    if not zone or listed is None or listed.status:
        return [
            warning(
                "firewall",
                "firewalld is on, and does not tell you whether it lets calls in",
                f"If nobody reaches you: {allow}",
            )
        ]
    ports = [entry.removesuffix("/tcp") for entry in listed.output.split() if "/tcp" in entry]
    if zone in _OPEN_ZONES or any(has_port(entry, port, range_mark="-") for entry in ports):
        return [ok("firewall", f"firewalld is on, and lets calls to port {port} in")]
    sentence = f"firewalld keeps calls to port {port} out (zone {zone})"
    return [wrong("firewall", sentence, f"Enter {allow}")]


def allow_command(options: str) -> str:
    """Return the command that adds something to a zone, now and for later starts."""
    return f"`sudo firewall-cmd --permanent {options} && sudo firewall-cmd --reload`"


def _find_zone() -> str:
    """Return the zone of the interface that leads to other networks; "" if it has none."""
    route = route_to(INTERNET)
    if route is None or not route.interface:
        return ""
    told = run_system_command("firewall-cmd", f"--get-zone-of-interface={route.interface}")
    return told.output.strip() if told is not None and not told.status else ""
