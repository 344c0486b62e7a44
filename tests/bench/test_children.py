"""bench/children.py: the cost and the priority of programs."""

from pathlib import Path

from bench.children import Children, at_normal_priority, tree_cpu_s
from bench.hosts import loopback

WORK = "import time\nwhile time.process_time() < 0.5:\n    pass"
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WORK!r}])\ninput()"


def test_time_of_a_descendant_counts_while_it_runs_and_afterwards(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        child = children.start_python(["-c", PARENT], host=loopback().first)
        child.wait_until(lambda: tree_cpu_s(child.meter) > 0.4, "did no work", 60.0)
        child.wait_until(lambda: not child.meter.children(), "did not end its work", 60.0)
        assert tree_cpu_s(child.meter) >= 0.5


def test_program_at_normal_priority_cannot_raise_it(tmp_path: Path) -> None:
    with Children(tmp_path, at_normal_priority()) as children:
        child = children.start_python(["-c", "import os; os.nice(-5)"], host=loopback().first)
        assert child.wait(60.0) == 1
        assert "PermissionError" in child.error_output
