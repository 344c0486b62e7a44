"""TCP sockets of programs, from iproute2's `ss`. Reads the kernel's counters."""

import re
import shutil
from collections.abc import Collection

from bench.hosts import Host, run

_RECEIVED = re.compile(r"\bbytes_received:(\d+)")
_PID = re.compile(r"\bpid=(\d+),")


def why_no_sockets() -> str | None:
    """Return why sockets cannot be read here, as one clause, or None."""
    return None if shutil.which("ss") else "ss is missing: sudo apt install iproute2"


def list_sockets(host: Host) -> str:
    """Return the established TCP sockets of a host, one a line."""
    return run(*host.command("ss", "-OtinpH", "state", "established"))


def received_bytes(listing: str, pids: Collection[int], excluded_port: int) -> int:
    """Return how much the sockets of some processes have received. Pure.

    Args:
        listing: one socket a line, from `list_sockets`.
        excluded_port: sockets whose other end has this port are left out.
    """
    total = 0
    for line in listing.splitlines():
        if not line.strip() or line.split()[3].endswith(f":{excluded_port}"):
            continue
        found = _RECEIVED.search(line)
        if found and any(int(pid) in pids for pid in _PID.findall(line)):
            total += int(found[1])
    return total
