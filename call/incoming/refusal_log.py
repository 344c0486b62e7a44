"""Refusal log: callers that disconnected or were refused before ringing. Listen thread only.

Anybody on the network can be refused any number of times, so it logs and reports only as many
refusals as a user can read; it counts the rest.
"""

import logging
from collections.abc import Callable

import msgspec

from core.events import Event, Rejected
from ui.wording import log as wording

_log = logging.getLogger(__name__)

BURST = 60
"""The most refusals that are logged at once."""
EVERY_US = 1_000_000
"""The time after which one more may be logged, up to `BURST`."""
SUMMARY_US = 10_000_000


class Refusal(msgspec.Struct, frozen=True):
    """One refusal before a ring: the event for other programs, and the sentence for the log."""

    event: Rejected
    sentence: str


class RefusalLog:
    """The refusals of one listener.

    Args:
        report: given each refusal that is logged.
    """

    def __init__(self, report: Callable[[Event], None]) -> None:
        self._report = report
        self._allowance = BURST
        self._since_us = 0
        self._unlogged = 0
        self._summary_due_us = 0

    def record(self, now_us: int, refusal: Refusal) -> None:
        """Log and report a refusal, or only count it."""
        gained = min((now_us - self._since_us) // EVERY_US, BURST - self._allowance)
        self._allowance += gained
        is_full = self._allowance == BURST
        self._since_us = now_us if is_full else self._since_us + gained * EVERY_US
        if self._allowance:
            self._allowance -= 1
            _log.info("%s", refusal.sentence)
            self._report(refusal.event)
            return
        if not self._unlogged:
            self._summary_due_us = now_us + SUMMARY_US
        self._unlogged += 1

    @property
    def due_us(self) -> int | None:
        """The time of the next `on_time` that does anything; None if nothing waits for one."""
        return self._summary_due_us if self._unlogged else None

    def on_time(self, now_us: int) -> None:
        """Log how many refusals were only counted, once that is due."""
        if self._unlogged and now_us >= self._summary_due_us:
            _log.warning("%s", wording.flooded(self._unlogged), extra={"key": "flooded"})
            self._unlogged = 0
