"""Names that exist on one system only: each is in a module that docs/other-systems.md lists.

Files are parsed, not run. `make check` checks the types of the other systems' branches.
"""

import ast
import re
from functools import cache

from tests.support.parsed_module import ROOT, Module, Rule, all_modules, at
from tests.support.rule_tests import Example, rule_tests

PAGE = (ROOT / "docs" / "other-systems.md").read_text(encoding="utf-8")

MODULES = (
    *("fcntl", "grp", "msvcrt", "nt", "posix", "pty", "pwd", "resource", "syslog", "termios"),
    *("tty", "winreg", "winsound", "_winapi", "ctypes.wintypes"),
)
NAMES = re.compile(
    r"sys\.(platform|getwindowsversion)"
    r"|platform\.(system|mac_ver|win32_ver|win32_edition|freedesktop_os_release|libc_ver|uname)"
    r"|os\.(name|uname|startfile|fork|forkpty|setsid|killpg|getpgid|nice|getloadavg|initgroups"
    r"|(get|set)priority|PRIO_\w+|sched_\w+|(get|set|list|remove)xattr|statvfs|fchmod|fchown|chown"
    r"|get(e|res)?[ug]id|set(e|re)?[ug]id|mkfifo|memfd_create|pidfd_open|O_NOFOLLOW|O_DIRECTORY)"
    r"|signal\.(SIG(HUP|BREAK|KILL|QUIT|USR1|USR2|ALRM|PIPE|CHLD|STOP|CONT|TSTP|WINCH)"
    r"|CTRL_\w+|pthread_\w+|setitimer|alarm|pause|sigwait\w*)"
    r"|socket\.(AF_(UNIX|NETLINK|PACKET|BLUETOOTH|VSOCK)|TCP_(?!NODELAY\b)\w+|SO_REUSEPORT"
    r"|SO_(BINDTODEVICE|EXCLUSIVEADDRUSE|PRIORITY|MARK)|IP_(MTU|RECV|PKT)\w*|SIO_\w+"
    r"|(has_)?dualstack\w*|sethostname)"
    r"|select\.(epoll|kqueue|poll|devpoll)"
    r"|ctypes\.(CDLL|PyDLL|windll|oledll|cdll|WinDLL|OleDLL|WinError|GetLastError|WINFUNCTYPE)"
    r"|subprocess\.(STARTUPINFO|STARTF_\w+|SW_\w+|CREATE_\w+|DETACHED_PROCESS|\w+_PRIORITY_CLASS)"
    r"|psutil\.(sensors_\w+|IOPRIO_\w+|\w+_PRIORITY_CLASS)"
)
"""Uses of imported names. TCP_NODELAY is everywhere."""
PATHS = re.compile(
    r"/(proc|sys|dev|run|usr|sbin|var|Library|System|Applications)(/|$)|/?etc/|.*\.framework/"
    r"|(SIG(HUP|BREAK|KILL|QUIT|USR1|USR2|ALRM|PIPE|CHLD))$"
    r"|[A-Z]:\\|HKEY_|.*%(LOCAL)?APPDATA%|SOFTWARE\\|SYSTEM\\"
)
"""Text that names a file, a registry key or a signal."""
PROGRAMS = (
    *("pactl", "wpctl", "ufw", "firewall-cmd", "nft", "iptables", "lsof", "ss", "netstat", "fuser"),
    *("osascript", "system_profiler", "notify-send", "powershell", "netsh", "xdg-open", "ip"),
    *("open", "explorer", "tasklist", "defaults", "rundll32"),
)
"""Programs that come with one system, as the first word of a command."""


@cache
def listed() -> dict[str, str]:
    """Return the concern of each module in the page's table."""
    rows = re.findall(r"^\| ([^|]+) \| ((?:`[\w/]+\.py`(?:, )?)+) \|", PAGE, re.MULTILINE)
    return {
        module: concern
        for concern, modules in rows
        for module in re.findall(r"`([\w/]+\.py)`", modules)
    }


def one_system_only(module: Module) -> list[tuple[int, str]]:
    """Return the line and the name of all that exists on one system only."""
    found = [(i.line, i.name) for i in module.imports if i.is_of(*MODULES)]
    found += [(line, name) for line, name in module.uses if NAMES.fullmatch(name)]
    docstrings = {id(node.value) for node in module.nodes if isinstance(node, ast.Expr)}
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings and PATHS.match(node.value):
                found.append((node.lineno, node.value))
        elif isinstance(node, ast.List | ast.Tuple | ast.Call):
            words = node.args if isinstance(node, ast.Call) else node.elts
            first = words[0] if words else None
            if isinstance(first, ast.Constant) and first.value in PROGRAMS:
                found.append((node.lineno, f"the program {first.value}"))
    return sorted(set(found))


def listed_modules_alone_know_one_system(module: Module) -> list[str]:
    """What exists on one system only is in a module of the table in docs/other-systems.md."""
    if module.path in listed():
        return []
    return [at(module, line, name) for line, name in one_system_only(module)]


RULES: tuple[Rule, ...] = (listed_modules_alone_know_one_system,)

_ELSEWHERE = "net/a.py"
BROKEN: tuple[Example, ...] = tuple(
    (listed_modules_alone_know_one_system, _ELSEWHERE, source)
    for source in (
        "import fcntl",
        "def f():\n    from termios import tcgetattr",
        "import sys as s\nif s.platform == 'win32':\n    pass",
        "from os import getuid\ngetuid()",
        "import signal\nsignal.signal(signal.SIGHUP, f)",
        "import signal\ngetattr(signal, 'SIGHUP', None)",
        "import socket\nx = socket.AF_UNIX",
        "from socket import TCP_KEEPIDLE\ng(TCP_KEEPIDLE)",
        "import ctypes\nctypes.windll.user32.MessageBeep(0)",
        "from pathlib import Path\nPath('/proc/self/stat')",
        "open('/sys/class/net')",
        "x = 'etc/hosts'",
        "import subprocess\nsubprocess.run(['xdg-open', url])",
        "run('osascript', '-e', text)",
    )
)
SOUND: tuple[Example, ...] = tuple(
    (listed_modules_alone_know_one_system, path, source)
    for path, source in (
        ("core/signals.py", "import signal\ngetattr(signal, 'SIGHUP', None)"),
        (_ELSEWHERE, "import os, socket\nx = os.getpid(), socket.TCP_NODELAY"),
        (_ELSEWHERE, '"""Reads /proc nowhere."""\nx = "look at /proc"'),
    )
)
"""Rule, path and source that keeps it."""

(
    test_rule_holds_in_every_file,
    test_rule_finds_a_violation,
    test_rule_passes_a_file_that_keeps_it,
    test_every_rule_has_a_violation_to_find,
) = rule_tests(RULES, BROKEN, SOUND)


def test_every_listed_module_knows_one_system() -> None:
    known = {module.path for module in all_modules() if one_system_only(module)}
    assert set(listed()) - known == set()


def test_each_row_names_all_three_systems() -> None:
    table = [line for line in PAGE.splitlines() if re.match(r"\| [^|]+ \| `[\w/]+\.py`", line)]
    assert len(table) >= 30
    for line in table:
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        assert len(cells) == 5, line
        assert all(cells), line
