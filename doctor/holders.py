"""The programs that hold a port or a device of this computer, by name. Any thread.

Without administrator rights, the system names only the user's own programs.
"""

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from socket import SOCK_DGRAM, SOCK_STREAM
from typing import Literal

import psutil

from core.safe_text import cut_controls

_PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """A running program."""

    process_id: int
    name: str
    command: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} (process {self.process_id})"

    @property
    def end_command(self) -> str:
        """The command that ends it."""
        if sys.platform == "win32":
            return f"`taskkill /PID {self.process_id}`"
        return f"`kill {self.process_id}`"


def holders_of_port(port: int, protocol: Literal["tcp", "udp"]) -> list[Holder]:
    """Return the programs that listen on a port."""
    kind = SOCK_STREAM if protocol == "tcp" else SOCK_DGRAM
    try:
        connections = psutil.net_connections(protocol)
    except (psutil.Error, OSError):  # macOS shows them to root only.
        return []
    listening = {
        connection.pid
        for connection in connections
        if connection.type == kind
        and connection.laddr
        and connection.laddr.port == port
        and (protocol == "udp" or connection.status == psutil.CONN_LISTEN)
    }
    return _describe(listening - {None, os.getpid()})


def holders_of_file(path: Path) -> list[Holder]:
    """Return the programs that have a file or a device open; on Linux only."""
    found: set[int | None] = set()
    with contextlib.suppress(OSError):
        for process in _PROCESSES.iterdir():
            if process.name.isdecimal() and _has_open(process, path):
                found.add(int(process.name))
    return _describe(found - {os.getpid()})


def _has_open(process: Path, path: Path) -> bool:
    try:
        return any(
            descriptor.samefile(path)
            for descriptor in (process / "fd").iterdir()
            if str(descriptor.readlink()) == str(path)
        )
    except OSError:  # It has ended, or is another user's.
        return False


def _describe(process_ids: "set[int | None]") -> list[Holder]:
    holders = []
    for process_id in sorted(number for number in process_ids if number is not None):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(process_id)
            with contextlib.suppress(psutil.AccessDenied):
                holders.append(
                    Holder(process_id, cut_controls(process.name()), tuple(process.cmdline()))
                )
    return holders
