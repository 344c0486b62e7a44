"""Hosts bound to a part of one processor, for benchmarks. Linux and root only.

Each is a control group with a quota of processor time, of cgroup v1 or v2. The quota is counted
anew every 10 ms, so that a host stands still for milliseconds at most, as a slower processor would
make it late, and not for the twentieth of a second of the usual 100 ms.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.hosts import Host, TwoHosts, loopback

PERIOD_US = 10_000
ROOTS = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup"))
"""Of v1's controller of processor time, and of v2."""
ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


class SlowHost(Host, frozen=True):
    """This machine, with one processor and a quota of its time.

    Attributes:
        group: the folder of its control group.
        processor: the number of its processor.
    """

    group: str
    processor: int

    def command(self, *words: str) -> list[str]:
        """Return the command that runs a program in this host."""
        bound = ["taskset", "-c", str(self.processor), *words]
        return ["sh", "-c", ENTER, self.group, *bound]


def why_no_slow_hosts() -> str | None:
    """Return why no slow hosts can be created here, as one clause, or None."""
    if sys.platform != "linux":
        return "control groups need Linux"
    if shutil.which("taskset") is None:
        return "taskset is missing: sudo apt install util-linux"
    try:
        with slow_hosts(0.5):
            return None
    except OSError as error:
        return f"control groups cannot be created: {error}"


@contextlib.contextmanager
def slow_hosts(share: float) -> Iterator[TwoHosts]:
    """Provide two hosts on loopback, each with a share of one processor.

    Two of this machine's processors are used in turn, one if there is only one. Leave the context
    after all programs in the hosts have ended.

    Raises:
        OSError: control groups cannot be created here.
    """
    here = loopback()
    processors = sorted(os.sched_getaffinity(0))
    with contextlib.ExitStack() as stack:

        def create(number: int) -> Host:
            group = _create_group(f"vav{os.getpid()}-{number}", share)
            stack.callback(group.rmdir)
            processor = processors[number % len(processors)]
            return SlowHost(None, here.first.device, here.first.address, str(group), processor)

        yield TwoHosts(create(0), create(1), here.congestion_control)


def _create_group(name: str, share: float) -> Path:
    root = next((root for root in ROOTS if (root / "cgroup.procs").exists()), ROOTS[-1])
    quota_us = round(share * PERIOD_US)
    group = root / name
    group.mkdir()
    try:
        if (group / "cpu.cfs_quota_us").exists():
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota_us))
        else:
            (group / "cpu.max").write_text(f"{quota_us} {PERIOD_US}")
    except OSError:
        group.rmdir()
        raise
    return group
