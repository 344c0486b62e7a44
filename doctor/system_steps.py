"""Next steps whose words differ between systems. Pure: no I/O.

Those for Windows and macOS have not been tried on their systems. On Windows a command holds for
PowerShell as for the command line, unless the step names one.
"""

import sys
from pathlib import Path

AS_ADMINISTRATOR = "In a PowerShell that runs as administrator, enter"


def open_udp_port(port: int, platform: str = sys.platform) -> str:
    """Return how to let a UDP port through this computer's firewall."""
    if platform == "win32":
        return (
            f"{AS_ADMINISTRATOR} `New-NetFirewallRule -DisplayName visavis -Direction Inbound"
            f" -Protocol UDP -LocalPort {port} -Action Allow`, or let UDP port {port} in with"
            " another firewall"
        )
    if platform == "darwin":
        return (
            f"Allow Python in System Settings, Network, Firewall, Options, or let UDP port {port}"
            " in with another firewall"
        )
    return f"Let UDP port {port} in: `sudo ufw allow {port}/udp`, or the same in another firewall"


def lower_mtu(mtu_bytes: int, platform: str = sys.platform) -> str:
    """Return how to lower the MTU of an interface, as a clause."""
    if platform == "win32":
        return (
            "in a PowerShell that runs as administrator,"
            f' `netsh interface ipv4 set subinterface "NAME" mtu={mtu_bytes} store=persistent`'
        )
    if platform == "darwin":
        return f"`sudo ifconfig NAME mtu {mtu_bytes}`"
    return f"`sudo ip link set dev NAME mtu {mtu_bytes}`"


def set_clock(platform: str = sys.platform) -> str:
    """Return how to set this computer's clock."""
    if platform == "win32":
        return "Set it in Settings, Time & language, Date & time"
    if platform == "darwin":
        return "Set it in System Settings, General, Date & Time"
    return "Set it: `sudo timedatectl set-ntp true`, or in the system's settings"


def install_packages(
    requirements: Path, *, is_own_python: bool, platform: str = sys.platform
) -> str:
    """Return how to install the packages that are missing in a checkout.

    Args:
        requirements: the file that lists them.
        is_own_python: whether this is the Python of the checkout, which `make setup` fills.
    """
    if platform == "win32":  # It has neither make nor ./visavis.
        return f'Run `& "{sys.executable}" -m pip install -r "{requirements}"` in PowerShell'
    start = "" if is_own_python else ", then start with ./visavis"
    return (
        f"Run `make setup`{start}; where there is no make:"
        f" {sys.executable} -m pip install -r {requirements}"
    )


def unset_variable(name: str, platform: str = sys.platform) -> str:
    """Return how to remove a variable from the environment of a terminal."""
    if platform == "win32":
        return f"Enter `Remove-Item Env:{name}` in PowerShell, or `set {name}=` in the command line"
    return f"Enter `unset {name}`"
