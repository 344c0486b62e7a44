"""Networks for tests that need more than loopback, each of its own and gone with its process."""

import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WAYS = (
    ("unshare", "--net"),
    ("unshare", "--map-root-user", "--net"),
    ("sudo", "-n", "unshare", "--net"),
)

RunInNetwork = Callable[[Sequence[str], str], str]


def _works(way: Sequence[str]) -> bool:
    try:
        command = [*way, "ip", "link", "set", "lo", "up"]
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def run_in_network() -> RunInNetwork:
    """Return what runs Python in a network namespace without a name, after some `ip` commands.

    It returns what the code printed. The namespace ends with the process, however that ends.
    """
    way = next(filter(_works, WAYS), None)
    if way is None:
        pytest.skip("this system gives no network namespaces (unshare --net, ip)")

    def run(ip_commands: Sequence[str], code: str) -> str:
        shell = " && ".join([*(f"ip {command}" for command in ip_commands), 'exec "$0" -c "$1"'])
        done = subprocess.run(
            [*way, "sh", "-c", shell, sys.executable, textwrap.dedent(code)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
