"""media/sound/quiet_libraries.py: C libraries are silenced, Python is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HEAD = """
import ctypes, logging, sys
from media.sound.quiet_libraries import SilencedErrors
write = ctypes.CDLL(None).perror
first, second = SilencedErrors(), SilencedErrors()
"""

pytestmark = pytest.mark.skipif(
    not hasattr(os, "confstr") or "CS_GNU_LIBC_VERSION" not in os.confstr_names,
    reason="only glibc's stderr is silenced",
)


def words_written_by(code: str) -> list[str]:
    """Return the words that a new Python process writes to standard error."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return [line.split(":")[0] for line in done.stderr.splitlines()]


def test_c_is_silent_between_start_and_stop() -> None:
    assert words_written_by(
        "write(b'a'); first.start(); write(b'b'); first.stop(); write(b'c')"
    ) == ["a", "c"]


def test_python_is_not_silent() -> None:
    assert words_written_by("first.start(); print('a', file=sys.stderr)") == ["a"]


def test_c_is_silent_until_the_last_user_stops() -> None:
    code = "first.start(); second.start(); first.stop(); write(b'a'); second.stop(); write(b'b')"
    assert words_written_by(code) == ["b"]


def test_stopping_twice_or_before_the_start_changes_nothing() -> None:
    code = "first.start(); second.stop(); first.start(); write(b'a'); first.stop(); first.stop()"
    assert words_written_by(f"{code}; write(b'b'); second.start(); write(b'c')") == ["b"]


def test_verbose_silences_nothing() -> None:
    code = "logging.getLogger('media').setLevel(logging.DEBUG); first.start(); write(b'a')"
    assert words_written_by(code) == ["a"]
