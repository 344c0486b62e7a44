"""The memory, descriptors and threads of a program and all that it started. Linux only: /proc.

`own_mb` counts what only this program keeps: its anonymous and shared memory, in RAM or swapped
out. RSS and PSS also count the files that it maps, so they change when other programs that map the
same libraries start or end.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import psutil

_MB_OF_KB = 1024 / 1e6


@dataclass(frozen=True)
class TreeUse:
    """The use of a program and its descendants at one moment.

    Attributes:
        rss_mb, pss_mb: resident memory, and the same with shared pages divided by their users.
        own_mb: anonymous and shared memory, in RAM or swapped out.
        children: how many descendants run.
    """

    rss_mb: float
    pss_mb: float
    own_mb: float
    descriptors: int
    threads: int
    children: int


def read_tree(process: psutil.Process) -> TreeUse:
    """Return what a process and its descendants use.

    Raises:
        psutil.NoSuchProcess: the process has ended.
    """
    descendants = process.children(recursive=True)
    kb = read_rollup_kb(process.pid)
    if not kb:
        raise psutil.NoSuchProcess(process.pid)
    descriptors, threads = process.num_fds(), process.num_threads()
    for each in descendants:
        # Short ones, such as a question to the sound server, end while they are counted.
        with contextlib.suppress(psutil.NoSuchProcess):
            descriptors += each.num_fds()
            threads += each.num_threads()
            for key, value in read_rollup_kb(each.pid).items():
                kb[key] = kb.get(key, 0) + value
    own_kb = sum(kb.get(key, 0) for key in ("Pss_Anon", "Pss_Shmem", "SwapPss"))
    return TreeUse(
        rss_mb=kb.get("Rss", 0) * _MB_OF_KB,
        pss_mb=kb.get("Pss", 0) * _MB_OF_KB,
        own_mb=own_kb * _MB_OF_KB,
        descriptors=descriptors,
        threads=threads,
        children=len(descendants),
    )


def read_rollup_kb(pid: int, root: Path = Path("/proc")) -> dict[str, int]:
    """Return the sums over all mappings of a process in kB; none if it has ended."""
    try:
        text = (root / str(pid) / "smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return {}
    found = {}
    for line in text.splitlines()[1:]:
        key, _, rest = line.partition(":")
        words = rest.split()
        if len(words) == 2 and words[1] == "kB":
            found[key] = int(words[0])
    return found
