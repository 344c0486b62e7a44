"""The firewalls of Windows and macOS. Any thread. Neither has been tried on its system.

Windows keeps its rules in the registry, where everybody may read them, one text for each:

    v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Private|App=C:\\...\\python.exe|...

macOS asks the user about each program; its command tells the answer.
"""

import sys
from collections.abc import Iterable, Iterator
from shlex import quote

from doctor.finding import Finding, ok, warning, wrong
from doctor.system_command import run_system_command
from doctor.system_steps import AS_ADMINISTRATOR
from doctor.ufw import has_port

_POLICY = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
_PROFILES = ("StandardProfile", "PublicProfile")
_TCP = "6"
_MAC_COMMAND = "/usr/libexec/ApplicationFirewall/socketfilterfw"


def check_windows_firewall(port: int) -> list[Finding]:
    """Return what Windows' firewall does with calls to a port."""
    if not _is_windows_firewall_on():
        return [ok("firewall", "Windows' firewall is off")]
    return judge_windows_rules(_read_windows_rules(), sys.executable, port)


def judge_windows_rules(rules: Iterable[str], program: str, port: int) -> list[Finding]:
    """Return what a list of Windows' rules does with calls to a program at a port."""
    actions = {fields["Action"] for fields in _incoming(rules) if _concerns(fields, program, port)}
    allow = (
        f"{AS_ADMINISTRATOR} `New-NetFirewallRule"
        f" -DisplayName visavis -Direction Inbound -Protocol TCP -LocalPort {port} -Action Allow`"
    )
    if "Block" in actions:  # It wins over every rule that allows.
        sentence = f"A rule of Windows' firewall blocks {program}"
        remove = (
            f"{AS_ADMINISTRATOR} `Get-NetFirewallApplicationFilter"
            f" -Program '{program}' | Get-NetFirewallRule | Remove-NetFirewallRule`,"
            " then start a listener, and allow it when Windows asks"
        )
        return [wrong("firewall", sentence, remove)]
    if "Allow" in actions:
        return [ok("firewall", "Windows' firewall lets calls to this program in")]
    sentence = f"No rule of Windows' firewall lets calls to port {port} in yet"
    step = f"Start a listener, and allow it when Windows asks. If it does not ask: {allow}"
    return [warning("firewall", sentence, step)]


def _incoming(rules: Iterable[str]) -> Iterator[dict[str, str]]:
    for rule in rules:
        pairs = [part.partition("=") for part in rule.split("|")[1:]]
        fields = {key: value for key, _, value in pairs}
        if fields.get("Active") == "TRUE" and fields.get("Dir") == "In" and "Action" in fields:
            yield fields


def _concerns(fields: dict[str, str], program: str, port: int) -> bool:
    if fields.get("Protocol", _TCP) != _TCP:
        return False
    if "App" in fields and fields["App"].casefold() != program.casefold():
        return False
    if "LPort" in fields:
        return has_port(fields["LPort"], port, range_mark="-")
    return "App" in fields and "Svc" not in fields


def _is_windows_firewall_on() -> bool:
    if sys.platform == "win32":
        import winreg

        for profile in _PROFILES:
            try:
                with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{_POLICY}\{profile}") as key:
                    if winreg.QueryValueEx(key, "EnableFirewall")[0]:
                        return True
            except OSError:
                continue
    return False


def _read_windows_rules() -> list[str]:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"{_POLICY}\FirewallRules") as key:
                count = winreg.QueryInfoKey(key)[1]
                return [str(winreg.EnumValue(key, number)[1]) for number in range(count)]
        except OSError:
            return []
    return []


def check_mac_firewall(command: str = _MAC_COMMAND, program: str = sys.executable) -> list[Finding]:
    """Return what macOS' application firewall does with calls.

    Args:
        command: the firewall's own command.
        program: the Python that runs this program.
    """
    state = run_system_command(command, "--getglobalstate")
    if state is None:
        return [ok("firewall", "macOS' firewall does not tell its state")]
    if "disabled" in state.output.lower():
        return [ok("firewall", "macOS' firewall is off")]
    blocks_all = run_system_command(command, "--getblockall")
    if blocks_all is not None and "enabled" in blocks_all.output.lower():
        sentence = "macOS' firewall blocks all incoming connections"
        return [wrong("firewall", sentence, f"Enter `sudo {command} --setblockall off`")]
    blocked = run_system_command(command, "--getappblocked", program)
    if blocked is not None and "blocked" in blocked.output.lower():
        sentence = f"macOS' firewall blocks {program}"
        return [
            wrong("firewall", sentence, f"Enter `sudo {command} --unblockapp {quote(program)}`")
        ]
    return [ok("firewall", "macOS' firewall is on, and asks when a listener starts")]
