"""Next steps whose words differ between systems. Pure: no I/O.

Those for Windows and macOS have not been tried on their systems. On Windows a command holds for
PowerShell as for the command line, unless the step names one.
"""

import sys
from pathlib import Path
from shlex import quote

AS_ADMINISTRATOR = "In a PowerShell that runs as administrator, enter"


def open_udp_port(port: int, platform: str) -> str:
    """Return how to let a UDP port through the firewall of Windows or macOS."""
    if platform == "win32":
        return (
            f"{AS_ADMINISTRATOR} `New-NetFirewallRule -DisplayName visavis -Direction Inbound"
            f" -Protocol UDP -LocalPort {port} -Action Allow`, or let UDP port {port} in with"
            " another firewall"
        )
    return (
        f"Allow Python in System Settings, Network, Firewall, Options, or let UDP port {port}"
        " in with another firewall"
    )


def lower_mtu(interface: str, mtu_bytes: int, platform: str = sys.platform) -> str:
    """Return how to lower the MTU of an interface, as a clause.

    Args:
        interface: its name; "" if it is not known.
    """
    name = interface or "NAME"
    if platform == "win32":
        return (
            "in a PowerShell that runs as administrator,"
            f' `netsh interface ipv4 set subinterface "{name}" mtu={mtu_bytes} store=persistent`'
        )
    if platform == "darwin":
        return f"`sudo ifconfig {quote(name)} mtu {mtu_bytes}`"
    return f"`sudo ip link set dev {quote(name)} mtu {mtu_bytes}`"


def set_clock(platform: str = sys.platform, *, has_systemd: bool) -> str:
    """Return how to set this computer's clock.

    Args:
        has_systemd: whether systemd runs Linux.
    """
    if platform == "win32":
        return "Set it in Settings, Time & language, Date & time"
    if platform == "darwin":
        return "Set it in System Settings, General, Date & Time"
    if has_systemd:
        return "Set it: `sudo timedatectl set-ntp true`, or in the system's settings"
    return "Set it, with the present time: `sudo date --set 'YYYY-MM-DD HH:MM'`"


def install_packages(root: Path, *, is_own_python: bool, platform: str = sys.platform) -> str:
    """Return how to install the packages that are missing in a checkout.

    Args:
        root: the checkout.
        is_own_python: whether this is the Python of the checkout, which `make setup` fills.
    """
    if platform == "win32":  # It has neither make nor ./visavis.
        requirements = root / "requirements.txt"
        return f'Run `& "{sys.executable}" -m pip install -r "{requirements}"` in PowerShell'
    folder, script = quote(str(root)), quote(str(root / "scripts" / "setup.sh"))
    start = "" if is_own_python else f". Then start with `{quote(str(root / 'visavis'))}`"
    return f"Run `make -C {folder} setup`, or, where there is no make, `sh {script} run`{start}"


def unset_variable(name: str, platform: str = sys.platform) -> str:
    """Return how to remove a variable from the environment of a terminal."""
    if platform == "win32":
        return f"Enter `Remove-Item Env:{name}` in PowerShell, or `set {name}=` in the command line"
    return f"Enter `unset {name}`"
