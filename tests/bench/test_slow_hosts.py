"""bench/slow_hosts.py: programs that enter a control group."""

import os
import subprocess
from pathlib import Path

from bench.slow_hosts import SlowHost


def test_program_in_a_slow_host_enters_its_group_and_has_one_processor(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").touch()
    processor = max(os.sched_getaffinity(0))
    host = SlowHost(None, "lo", "127.0.0.1", str(tmp_path), processor)
    command = host.command("sh", "-c", "taskset -cp $$; echo $1", "sh", "a b")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output, _ = process.communicate()
    assert (tmp_path / "cgroup.procs").read_text() == f"{process.pid}\n"
    assert output == f"pid {process.pid}'s current affinity list: {processor}\na b\n"
