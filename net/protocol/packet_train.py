"""Packet trains: how fast the parts of one packet follow each other. Pure: no I/O, no clock.

A video packet leaves as a burst, so its parts arrive at the rate of the slowest link on the way,
even if the average rate is far lower. So the first packet of a call already shows whether there is
room for more. Where bursts pass faster than the average, as behind a token bucket, a train shows
too much; the queue delay tells then.

Source: packet-pair probing, Keshav, "A control-theoretic approach to flow control", 1991.
"""

from collections import deque

KEPT_TRAINS = 8
MAX_AGE_US = 3_000_000
"""Without a train for this long, the older ones say nothing about the link any more."""
LEAST_BYTES = 400
LEAST_US = 300
"""The time that two reads of the receiver are apart at least."""


class TrainMeter:
    """Measures trains where they arrive."""

    def __init__(self) -> None:
        self._largest = (0, 0)
        self._bytes = 0
        self._began_us = self._ended_us = 0

    def add(self, size_bytes: int, now_us: int, *, is_first: bool) -> None:
        """Add a fragment that has arrived."""
        if is_first:
            self._largest = self.take_largest()
            self._bytes = 0
            self._began_us = self._ended_us = now_us
        else:
            self._bytes += size_bytes
            self._ended_us = now_us

    def take_largest(self) -> tuple[int, int]:
        """Return the bytes and the microseconds of the largest train since the last call.

        The train of the newest packet counts again until the next packet begins.
        """
        largest = max(self._largest, (self._bytes, self._ended_us - self._began_us))
        self._largest = (0, 0)
        return largest


class PacketTrains:
    """The rates of the last packets of one direction.

    Attributes:
        count: the number of trains seen.
    """

    def __init__(self) -> None:
        self.count = 0
        self._rates_bps: deque[float] = deque(maxlen=KEPT_TRAINS)
        self._newest_us = 0
        self._newest = (0, 0)

    def add(self, following_bytes: int, span_us: int, now_us: int) -> bool:
        """Add the bytes that followed a packet's first fragment, and the time that they took.

        Returns:
            False if they are too few to show a rate.
        """
        if following_bytes < LEAST_BYTES:
            return False
        # A report may repeat the train of the last one.
        self.count += (following_bytes, span_us) != self._newest
        self._newest = following_bytes, span_us
        if now_us - self._newest_us > MAX_AGE_US:
            self._rates_bps.clear()
        self._newest_us = now_us
        self._rates_bps.append(following_bytes * 8e6 / max(LEAST_US, span_us))
        return True

    def rate_bps(self, now_us: int) -> float | None:
        """Return the rate that a quarter of the trains exceeds, or None without a recent train.

        Delays of single packets lower the others.
        """
        if not self._rates_bps or now_us - self._newest_us > MAX_AGE_US:
            return None
        return sorted(self._rates_bps)[len(self._rates_bps) * 3 // 4]

    @property
    def newest_bps(self) -> float | None:
        """The higher rate of the last two trains, however old; None before the first.

        A late packet makes one train slow; a slow link makes both.
        """
        return max(list(self._rates_bps)[-2:], default=None)
