"""firewalld, the firewall of Fedora and its relatives, asked by its own command. Any thread."""

from pathlib import Path

from doctor.finding import Finding, ok, warning, wrong
from doctor.system_command import run_system_command
from doctor.ufw import has_port

_OPEN_ZONES = ("trusted",)


def check_firewalld(port: int, root: Path) -> list[Finding]:
    """Return what firewalld does with calls to a port; nothing if it does not run."""
    state = run_system_command("firewall-cmd", "--state")
    if state is None or state.status or state.output.strip() != "running":
        return []
    allow = f"`sudo firewall-cmd --permanent --add-port={port}/tcp && sudo firewall-cmd --reload`"
    zone = run_system_command("firewall-cmd", "--get-default-zone")
    listed = run_system_command("firewall-cmd", "--list-ports")
    if zone is None or listed is None or listed.status:
        return [
            warning(
                "firewall",
                "firewalld is on, and does not tell you whether it lets calls in",
                f"If nobody reaches you: {allow}",
            )
        ]
    name = zone.output.strip()
    ports = [entry.removesuffix("/tcp") for entry in listed.output.split() if "/tcp" in entry]
    if name in _OPEN_ZONES or any(has_port(entry, port, range_mark="-") for entry in ports):
        return [ok("firewall", f"firewalld is on, and lets calls to port {port} in")]
    sentence = f"firewalld keeps calls to port {port} out (zone {name})"
    return [wrong("firewall", sentence, f"Enter {allow}")]
