"""media/sound/quiet_libraries.py: C libraries are silent, Python is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HEAD = """
import ctypes, logging, sys
from media.sound.quiet_libraries import SilencedErrors
say = ctypes.CDLL(None).perror
first, second = SilencedErrors(), SilencedErrors()
"""

pytestmark = pytest.mark.skipif(
    not hasattr(os, "confstr") or "CS_GNU_LIBC_VERSION" not in os.confstr_names,
    reason="this is for glibc",
)


def said_by(code: str) -> list[str]:
    """Return which words a fresh Python writes to standard error."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return [line.split(":")[0] for line in done.stderr.splitlines()]


def test_c_is_silent_between_start_and_stop() -> None:
    assert said_by("say(b'a'); first.start(); say(b'b'); first.stop(); say(b'c')") == ["a", "c"]


def test_python_is_not() -> None:
    assert said_by("first.start(); print('a', file=sys.stderr)") == ["a"]


def test_it_is_silent_until_the_last_one_stops() -> None:
    code = "first.start(); second.start(); first.stop(); say(b'a'); second.stop(); say(b'b')"
    assert said_by(code) == ["b"]


def test_one_that_stops_twice_or_never_started_changes_nothing() -> None:
    code = "first.start(); second.stop(); first.start(); say(b'a'); first.stop(); first.stop()"
    assert said_by(f"{code}; say(b'b'); second.start(); say(b'c')") == ["b"]


def test_with_verbose_all_is_shown() -> None:
    code = "logging.getLogger('media').setLevel(logging.DEBUG); first.start(); say(b'a')"
    assert said_by(code) == ["a"]
