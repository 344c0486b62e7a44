"""Two hosts on this machine, for benchmarks and tests: network namespaces joined by a link.

Needs root and iproute2. The link is a veth pair, with a token bucket at both ends for a limited
rate, unless another is given, as by `bench/lab_network.py`. Names are unique to the process, so
that runs do not collide. Everything is removed at the end; the next run removes what a killed run
left behind.
"""

import contextlib
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

NETWORK = "10.77.0.0/24"
ADDRESSES = ("10.77.0.1", "10.77.0.2")
CONGESTION_CONTROL = "cubic"
"""The usual algorithm; printed with each figure."""

_NAME = re.compile(r"vav(\d+)x\d+[ab]")
_counter = itertools.count()


def run(*command: str) -> str:
    """Run a command and return its output. Raises RuntimeError with its error output."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Host(msgspec.Struct, frozen=True):
    """A network namespace and its address on the link; this machine if the namespace is None."""

    namespace: str | None
    device: str
    address: str

    def command(self, *words: str) -> list[str]:
        """Return the command that runs a program in this host."""
        if self.namespace is None:
            return list(words)
        return ["ip", "netns", "exec", self.namespace, *words]


class TwoHosts(msgspec.Struct, frozen=True):
    """Both ends of the link.

    Attributes:
        congestion_control: the algorithm of TCP over the link.
    """

    first: Host
    second: Host
    congestion_control: str

    def limit(self, rate_bps: int, queue_ms: int) -> None:
        """Limit both ends with a token bucket to a rate, with a queue of a duration."""
        for host in (self.first, self.second):
            run(
                *("tc", "-n", str(host.namespace), "qdisc", "replace", "dev", host.device, "root"),
                *("tbf", "rate", f"{rate_bps}bit", "burst", "3000", "latency", f"{queue_ms}ms"),
            )

    def set_up(self, is_up: bool) -> None:
        """Take the link down, as if the cable were pulled, or bring it up again.

        The kernel forgets the route with the link, and with it the congestion control.
        """
        for host in (self.first, self.second):
            state = "up" if is_up else "down"
            run("ip", "-n", str(host.namespace), "link", "set", host.device, state)
            if is_up:
                _choose_congestion_control(host, self.congestion_control)


def why_no_hosts() -> str | None:
    """Return why two hosts cannot be created here, as one clause, or None."""
    if sys.platform != "linux":
        return "network namespaces need Linux"
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [program for program in ("ip", "tc") if shutil.which(program) is None]
    if missing:
        return f"iproute2 is missing ({' and '.join(missing)}): sudo apt install iproute2"
    try:
        with two_hosts() as hosts:
            hosts.limit(4_000_000, 400)
    except (OSError, RuntimeError) as error:
        return f"network namespaces cannot be created: {error}"
    return None


def loopback() -> TwoHosts:
    """Return this machine as both hosts."""
    host = Host(None, "lo", "127.0.0.1")
    return TwoHosts(host, host, _default_congestion_control())


def _default_congestion_control() -> str:
    option = getattr(socket, "TCP_CONGESTION", None)
    if option is None:
        return "unknown"
    with socket.socket() as probe:
        return probe.getsockopt(socket.IPPROTO_TCP, option, 16).rstrip(b"\0").decode()


JoinHosts = Callable[[Sequence[Host], contextlib.ExitStack], None]
"""Creates the device of each host, and registers what must be undone."""


def join_by_veth(hosts: Sequence[Host], stack: contextlib.ExitStack) -> None:
    """Join two hosts by a pair of veth devices, which end with their namespaces."""
    first, second = hosts
    run(
        *("ip", "link", "add", first.device, "netns", str(first.namespace)),
        *("type", "veth", "peer", "name", second.device, "netns", str(second.namespace)),
    )


@contextlib.contextmanager
def two_hosts(
    *, join: JoinHosts = join_by_veth, congestion_control: str = CONGESTION_CONTROL
) -> Iterator[TwoHosts]:
    """Create both hosts and their link, and remove them at the end."""
    _delete_leftovers()
    number = f"{os.getpid()}x{next(_counter)}"
    hosts = [
        Host(f"vav{number}{end}", f"vv{number}{end}"[-15:], address)
        for end, address in zip("ab", ADDRESSES, strict=True)
    ]
    with contextlib.ExitStack() as stack:
        for host in hosts:
            # Registered first, because an interrupt may come between the two lines.
            stack.callback(_delete_namespace, str(host.namespace))
            run("ip", "netns", "add", str(host.namespace))
        join(hosts, stack)
        for host in hosts:
            within = ("ip", "-n", str(host.namespace))
            run(*within, "addr", "add", f"{host.address}/24", "dev", host.device)
            for device in ("lo", host.device):
                run(*within, "link", "set", device, "up")
        chosen = [_choose_congestion_control(host, congestion_control) for host in hosts]
        used = congestion_control if all(chosen) else _default_congestion_control()
        yield TwoHosts(hosts[0], hosts[1], used)


def _choose_congestion_control(host: Host, name: str) -> bool:
    """Let TCP over the link use an algorithm; return whether that worked.

    Set on the route, because a namespace's own setting only allows algorithms that the kernel
    considers harmless.
    """
    try:
        run(
            *("ip", "-n", str(host.namespace), "route", "replace", NETWORK, "dev", host.device),
            *("proto", "kernel", "scope", "link", "src", host.address, "congctl", name),
        )
    except RuntimeError:
        return False
    return True


def dead_namespaces(listing: str, running: set[int]) -> list[str]:
    """Return the names from `ip netns list` whose process no longer runs. Pure."""
    names = [line.split()[0] for line in listing.splitlines() if line.strip()]
    found = [(name, _NAME.fullmatch(name)) for name in names]
    return [name for name, match in found if match and int(match[1]) not in running]


def _delete_leftovers() -> None:
    # Read before the processes: a process that starts in between keeps its namespaces.
    listing = run("ip", "netns", "list")
    running = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    for name in dead_namespaces(listing, running):
        _delete_namespace(name)


def _delete_namespace(name: str) -> None:
    with contextlib.suppress(RuntimeError):
        run("ip", "netns", "delete", name)
