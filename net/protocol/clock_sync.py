"""The other side's clock, from pings. Pure: the time is an argument.

Each round trip gives an offset that is wrong by half of it at most. The best of the recent ones
counts: the one whose error, grown by what two clocks may drift since, is the smallest.
Source: the clock filter of NTP, RFC 5905, section 10.
"""

from collections import deque
from dataclasses import dataclass

KEPT_SAMPLES = 32
KEPT_PINGS = 16
DRIFT_PPM = 100
"""How far two computers' clocks run apart at most, as RFC 5905 assumes for common crystals times
six; a wrong one only ages a sample too fast."""
MAX_AGE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class _Sample:
    at_us: int
    offset_us: int
    rtt_us: int

    def error_us(self, now_us: int) -> int:
        return self.rtt_us // 2 + (now_us - self.at_us) * DRIFT_PPM // 1_000_000


class ClockSync:
    """The offset of the other side's clock against ours, and the round trips that it came from.

    One thread adds, any thread asks.
    """

    def __init__(self) -> None:
        self._samples: tuple[_Sample, ...] = ()
        """Replaced, never changed: one thread adds while others ask."""
        self._unanswered: deque[int] = deque(maxlen=KEPT_PINGS)

    def note_ping(self, sent_us: int) -> None:
        """Note a ping that goes out."""
        self._unanswered.append(sent_us)

    def take_pong(self, sent_us: int, received_us: int, replied_us: int, now_us: int) -> None:
        """Add a pong if it answers a ping of ours; one that was made up is passed over."""
        if sent_us in self._unanswered:
            self._unanswered.remove(sent_us)
            self.add(sent_us, received_us, replied_us, now_us)

    def add(self, sent_us: int, received_us: int, replied_us: int, now_us: int) -> None:
        """Take one pong: our time, the other side's two, and our time again.

        A pong that would have come before its ping is passed over: it proves nothing.
        """
        rtt_us = (now_us - sent_us) - (replied_us - received_us)
        if rtt_us < 0 or replied_us < received_us or sent_us > now_us:
            return
        offset_us = ((received_us - sent_us) + (replied_us - now_us)) // 2
        newest = _Sample(now_us, offset_us, rtt_us)
        self._samples = (*self._samples[1 - KEPT_SAMPLES :], newest)

    def _best(self, now_us: int) -> _Sample | None:
        recent = [s for s in self._samples if now_us - s.at_us <= MAX_AGE_US]
        return min(recent, key=lambda s: s.error_us(now_us), default=None)

    @property
    def rtt_us(self) -> int | None:
        """The newest round trip, or None before the first."""
        samples = self._samples
        return samples[-1].rtt_us if samples else None

    @property
    def base_rtt_us(self) -> int | None:
        """The fastest of the recent round trips: what the way itself takes, without a queue."""
        return min((s.rtt_us for s in self._samples), default=None)

    def error_us(self, now_us: int) -> int | None:
        """How far `to_local_us` may be off, either way; None before the first pong."""
        best = self._best(now_us)
        return None if best is None else best.error_us(now_us)

    def to_local_us(self, remote_us: int, now_us: int) -> int | None:
        """Return a time of the other side's clock on ours; None before the first pong."""
        best = self._best(now_us)
        return None if best is None else remote_us - best.offset_us
