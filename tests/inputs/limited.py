"""Runs of Python with less memory or fewer file descriptors than they need."""

import subprocess
import sys

from tests.support.parsed_module import ROOT

_TIMEOUT_S = 120.0
_LIMIT = """
import resource

def limit_memory(spare_mb):
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + spare_mb * 2**20,) * 2)

def limit_files():
    import os
    with open("/dev/null") as file:
        resource.setrlimit(resource.RLIMIT_NOFILE, (file.fileno(), file.fileno()))
"""


def run_limited(code: str) -> str:
    """Run code in another Python, and return what it prints; it may limit itself."""
    done = subprocess.run(
        [sys.executable, "-c", _LIMIT + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
