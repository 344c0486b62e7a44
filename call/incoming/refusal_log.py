"""What is said of those who do not come to a ring: a line each, and no more than can be read.

Anybody on the network can be refused as often as they like; what does not fit is counted. The
listen thread's.
"""

import logging

_log = logging.getLogger(__name__)

BURST = 60
EVERY_US = 1_000_000
"""A line that was not needed comes back as often."""
SUMMARY_US = 10_000_000


class RefusalLog:
    """One listener's."""

    def __init__(self) -> None:
        self._lines = BURST
        self._since_us = 0
        self._unsaid = 0
        self._summary_due_us = 0

    def say(self, now_us: int, sentence: str) -> None:
        """Say that somebody was turned away, or count it."""
        gained = min((now_us - self._since_us) // EVERY_US, BURST - self._lines)
        self._lines += gained
        self._since_us = now_us if self._lines == BURST else self._since_us + gained * EVERY_US
        if self._lines:
            self._lines -= 1
            _log.info("%s", sentence)
            return
        if not self._unsaid:
            self._summary_due_us = now_us + SUMMARY_US
        self._unsaid += 1

    def on_time(self, now_us: int) -> None:
        """Say how many were counted only, once that is due."""
        if self._unsaid and now_us >= self._summary_due_us:
            _log.warning("%d more were turned away: somebody floods this listener", self._unsaid)
            self._unsaid = 0
