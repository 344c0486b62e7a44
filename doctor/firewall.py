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
from doctor.firewalld import check_firewalld
from doctor.nftables import check_nftables
from doctor.ufw import check_ufw

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
