"""The offset of the peer's clock, measured with pings. Pure: the time is an argument.

Each round trip yields an offset whose error is at most half the round trip, plus the drift of the
two clocks since then. The estimate is the recent offset with the smallest error.
Source: the clock filter of NTP, RFC 5905, section 10.
"""

from collections import deque

import msgspec

KEPT_SAMPLES = 32
KEPT_PINGS = 16
DRIFT_PPM = 100
"""The maximum drift between two computers' clocks: six times RFC 5905's assumption for common
crystals. A value that is too high only ages samples too fast."""
MAX_AGE_US = 60_000_000


class _Sample(msgspec.Struct, frozen=True):
    at_us: int
    offset_us: int
    rtt_us: int

    def error_us(self, now_us: int) -> int:
        return self.rtt_us // 2 + (now_us - self.at_us) * DRIFT_PPM // 1_000_000


class ClockSync:
    """The offset of the peer's clock from ours, and the round trips behind it.

    One thread adds samples; any thread reads.
    """

    def __init__(self) -> None:
        self._samples: tuple[_Sample, ...] = ()
        """Replaced, never modified, because other threads read it."""
        self._unanswered: deque[int] = deque(maxlen=KEPT_PINGS)

    def restart(self) -> None:
        """Forget all samples, because another link has another delay, and either computer may have
        slept, which stops its clock."""
        self._samples = ()
        self._unanswered.clear()

    def note_ping(self, sent_us: int) -> None:
        """Note a ping that is about to be sent."""
        self._unanswered.append(sent_us)

    def on_pong(self, sent_us: int, received_us: int, replied_us: int, now_us: int) -> None:
        """Add a sample from a pong; ignore a pong that answers no ping of ours."""
        if sent_us in self._unanswered:
            self._unanswered.remove(sent_us)
            self.add(sent_us, received_us, replied_us, now_us)

    def add(self, sent_us: int, received_us: int, replied_us: int, now_us: int) -> None:
        """Add a sample from one pong; ignore a pong whose times are impossible.

        Args:
            sent_us: when the ping was sent, on our clock.
            received_us, replied_us: when the peer received it and answered, on its clock.
            now_us: when the pong arrived, on our clock.
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
        """The newest round trip; None before the first."""
        samples = self._samples
        return samples[-1].rtt_us if samples else None

    @property
    def base_rtt_us(self) -> int | None:
        """The shortest recent round trip, free of queues; None before the first."""
        return min((s.rtt_us for s in self._samples), default=None)

    def error_us(self, now_us: int) -> int | None:
        """Return the maximum error of `to_local_us`, plus or minus; None before the first pong."""
        best = self._best(now_us)
        return None if best is None else best.error_us(now_us)

    def to_local_us(self, remote_us: int, now_us: int) -> int | None:
        """Return a time on the peer's clock converted to ours; None before the first pong."""
        best = self._best(now_us)
        return None if best is None else remote_us - best.offset_us
