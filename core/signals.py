"""The signals that ask a program to end on this system. Pure: values only."""

import signal

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

QUIT_SIGNALS = frozenset(int(getattr(signal, name)) for name in _NAMES if hasattr(signal, name))
"""Interrupt, terminate and hang-up; Windows has SIGBREAK instead of SIGHUP."""

HANGUP: int | None = getattr(signal, "SIGHUP", None)
"""The terminal was closed; None on Windows."""
