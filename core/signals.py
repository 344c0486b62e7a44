"""The signals of this system that ask a program to end. Pure: a set of numbers."""

import signal

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

QUIT_SIGNALS = frozenset(int(getattr(signal, name)) for name in _NAMES if hasattr(signal, name))
"""Interrupt, terminate and hang-up; Windows has SIGBREAK in place of SIGHUP."""
