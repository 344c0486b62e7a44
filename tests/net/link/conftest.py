"""A network namespace for tests that need more than loopback, and pending links."""

import contextlib
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from net.trust.identity import Identity
from tests.support.pending_links import PendingLinks

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = (
    ("unshare", "--net"),
    ("unshare", "--map-root-user", "--net"),
    ("sudo", "-n", "unshare", "--net"),
)

RunInNetwork = Callable[[Sequence[str], str], str]


def _works(prefix: Sequence[str]) -> bool:
    try:
        command = [*prefix, "ip", "link", "set", "lo", "up"]
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def run_in_network() -> RunInNetwork:
    """Return a function that runs `ip` commands, then Python code, in a new network namespace.

    It returns the output of the code. The namespace ends with its process.
    """
    prefix = next(filter(_works, COMMANDS), None)
    if prefix is None:
        pytest.skip("this system allows no network namespaces (unshare --net, ip)")

    def run(ip_commands: Sequence[str], code: str) -> str:
        shell = " && ".join([*(f"ip {command}" for command in ip_commands), 'exec "$0" -c "$1"'])
        done = subprocess.run(
            [*prefix, "sh", "-c", shell, sys.executable, textwrap.dedent(code)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def links(alice: Identity, bob: Identity) -> Iterator[PendingLinks]:
    """Return a maker of pending links, which are closed when the test ends."""
    with contextlib.closing(PendingLinks(alice, bob)) as links:
        yield links
