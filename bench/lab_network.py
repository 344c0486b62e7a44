"""Network laboratory: two hosts on this machine, joined by a relay that shapes packets by profile.

    host 10.77.0.1  <-- TUN --> relay (bench/lab_relay.py) <-- TUN -->  host 10.77.0.2

TCP is the kernel's at both ends, and the devices have no offloads, so each packet is one of at most
1500 bytes. Needs Linux, root, iproute2 and /dev/net/tun. Several laboratories may run at once.
"""

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.hosts import CONGESTION_CONTROL, Host, TwoHosts, run, two_hosts, why_no_hosts
from bench.lab_messages import Apply, Ask, BlackOut, Command, Direction, Report
from bench.link_conditions import BlackoutKind, Profile

ROOT = Path(__file__).resolve().parent.parent
TUN = Path("/dev/net/tun")
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
ANSWER_S = 15.0
"""The longest wait for the relay, which answers at once when it runs."""


class LabError(RuntimeError):
    """The relay of a laboratory ended, or does not answer."""


class Lab:
    """A running laboratory. Its methods return once the relay has carried them out."""

    def __init__(self, hosts: TwoHosts, relay: "subprocess.Popen[bytes]") -> None:
        self.hosts = hosts
        self._relay = relay
        self._unread = b""

    def apply(self, profile: Profile, *, seed: int = 1) -> Report:
        """Apply a profile; its schedules begin now. Packets underway stay underway."""
        return self._tell(Apply(profile, seed))

    def black_out(
        self,
        duration_ms: float,
        kind: BlackoutKind = BlackoutKind.LOSE,
        directions: Sequence[Direction] = tuple(Direction),
    ) -> Report:
        """Let nothing pass for a time from now on."""
        return self._tell(BlackOut(tuple(directions), duration_ms, kind))

    def report(self) -> Report:
        """Return the counters of both directions."""
        return self._tell(Ask())

    def _tell(self, command: Command) -> Report:
        assert self._relay.stdin is not None
        assert self._relay.stdout is not None
        if self._relay.poll() is not None:
            raise LabError("the relay has ended")
        try:
            self._relay.stdin.write(msgspec.json.encode(command) + b"\n")
            self._relay.stdin.flush()
        except OSError as error:
            raise LabError("the relay has ended") from error
        answers = self._relay.stdout.fileno()
        deadline_s = time.monotonic() + ANSWER_S
        while b"\n" not in self._unread:
            left_s = max(0.0, deadline_s - time.monotonic())
            if not select.select([answers], [], [], left_s)[0]:
                raise LabError("the relay does not answer")
            if not (data := os.read(answers, 1 << 16)):
                raise LabError("the relay has ended")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return msgspec.json.decode(line, type=Report)


def why_no_lab() -> str | None:
    """Return why there can be no laboratory here, as one clause, or None."""
    why = why_no_hosts()
    if why is None and not TUN.exists():
        return f"{TUN} is missing"
    return why


@contextlib.contextmanager
def network_lab(
    profile: Profile, *, seed: int = 1, congestion_control: str = CONGESTION_CONTROL
) -> Iterator[Lab]:
    """Create both hosts and the relay between them, and remove all of it at the end."""
    relays: list[subprocess.Popen[bytes]] = []

    def join(hosts: Sequence[Host], stack: contextlib.ExitStack) -> None:
        relays.append(_join_by_relay(hosts, stack))

    with two_hosts(join=join, congestion_control=congestion_control) as hosts:
        lab = Lab(hosts, relays[0])
        lab.apply(profile, seed=seed)
        yield lab


def _join_by_relay(hosts: Sequence[Host], stack: contextlib.ExitStack) -> "subprocess.Popen[bytes]":
    descriptors = []
    for host in hosts:
        descriptor = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        stack.callback(os.close, descriptor)
        fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", host.device.encode(), IFF_TUN_NO_PI))
        run("ip", "link", "set", host.device, "netns", str(host.namespace))
        # No IPv6 address, whose announcements would be packets that no program sent.
        run("ip", "-n", str(host.namespace), *f"link set {host.device} addrgenmode none".split())
        descriptors.append(descriptor)
    relay = subprocess.Popen(
        [sys.executable, "-m", "bench.lab_relay", *map(str, descriptors)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=descriptors,
        start_new_session=True,
    )
    stack.callback(_end, relay)
    return relay


def _end(relay: "subprocess.Popen[bytes]") -> None:
    relay.kill()
    relay.wait()
    for pipe in (relay.stdin, relay.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
