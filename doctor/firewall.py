"""The check of this computer's firewall: whether it lets calls in. Any thread; blocks for seconds.

    Linux    ufw and firewalld, else the rules of nftables, which root alone can read
    Windows  the registry
    macOS    the application firewall's own command

Only a listener needs it: a caller's own connections pass every usual firewall.
"""

import sys
from pathlib import Path

from doctor.finding import Finding, ok
from doctor.firewall_other import check_mac_firewall, check_windows_firewall
from doctor.firewalld import allow_command, check_firewalld, is_firewalld_on
from doctor.nftables import allow_udp_command, check_nftables
from doctor.system_steps import open_udp_port
from doctor.ufw import check_ufw, is_ufw_on

_ROOT = Path("/")


def check_firewall(port: int, platform: str = sys.platform, root: Path = _ROOT) -> list[Finding]:
    """Check that calls to a port come in.

    Args:
        root: the folder of the system's files.
    """
    if port == 0:
        return [ok("firewall", "Not checked: a listener gets any free port")]
    if platform == "win32":
        return check_windows_firewall(port)
    if platform == "darwin":
        return check_mac_firewall()
    for check in (check_ufw, check_firewalld, check_nftables):
        findings = check(port, root)
        if findings:
            return findings
    return [ok("firewall", "No firewall that you can see keeps calls out")]


def open_udp_step(port: int, platform: str = sys.platform, root: Path = _ROOT) -> str:
    """Return how to let a UDP port through the firewall that is on here.

    Args:
        root: the folder of the system's files.
    """
    let_in = f"Let UDP port {port} in: "
    if platform in ("win32", "darwin"):
        return open_udp_port(port, platform)
    if is_ufw_on(root):
        return f"{let_in}`sudo ufw allow {port}/udp`"
    if is_firewalld_on():
        return let_in + allow_command(f"--add-port={port}/udp")
    command = allow_udp_command(port)
    return (
        f"Let UDP port {port} in, where a firewall is on" if command is None else let_in + command
    )
