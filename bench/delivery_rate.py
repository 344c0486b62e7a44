"""Delivery rate of a simulated TCP connection, as Linux samples it. Pure: no I/O, no clock.

Each segment remembers how many were delivered when it was sent, so that its acknowledgement shows
how many were delivered meanwhile. A sample is limited by the application if it wrote too little
then; such a sample may only raise the estimate. Counts are in segments of any size, as in Linux.

Source: Linux' tcp_rate.c; draft-cheng-iccrg-delivery-rate-estimation-02.
"""

from collections import deque
from typing import NamedTuple


class _Stamp(NamedTuple):
    """The state of the connection when a segment was sent.

    Attributes:
        delivered: segments delivered by then, and when the newest was.
        first_sent_us: when the newest segment delivered by then had been sent.
    """

    sent_us: int
    delivered: int
    delivered_us: int
    first_sent_us: int
    is_app_limited: bool


class Sample(NamedTuple):
    """The delivery between a segment's departure and its acknowledgement.

    Attributes:
        before: segments delivered before the departure.
        delivered: segments delivered since.
        interval_us: the time that they took to leave, or to arrive if that was longer.
    """

    before: int
    delivered: int
    interval_us: int
    is_app_limited: bool


class DeliveryRate:
    """The delivery of one connection.

    Attributes:
        delivered: segments that have arrived.
    """

    def __init__(self) -> None:
        self.delivered = 0
        self._stamps: dict[int, _Stamp] = {}
        self._delivered_us = self._first_sent_us = 0
        self._limited_until = 0
        """Samples are limited by the application until more segments than this are delivered."""

    @property
    def is_app_limited(self) -> bool:
        """True while the application writes too little."""
        return self._limited_until > 0

    @property
    def numbers(self) -> set[int]:
        """The segments that were sent and have not arrived."""
        return set(self._stamps)

    def limit_by_app(self, in_flight: int) -> None:
        """Note that the application, not the network, limits the sender."""
        self._limited_until = max(1, self.delivered + in_flight)

    def on_sent(self, number: int, in_flight: int, now_us: int) -> None:
        """Note a segment that is sent while others are in flight."""
        if not in_flight:
            self._first_sent_us = self._delivered_us = now_us
        self._stamps[number] = _Stamp(
            now_us, self.delivered, self._delivered_us, self._first_sent_us, self.is_app_limited
        )

    def on_delivered(self, number: int, now_us: int) -> Sample:
        """Return the sample of an acknowledgement."""
        stamp = self._stamps.pop(number)
        self.delivered += 1
        self._delivered_us, self._first_sent_us = now_us, stamp.sent_us
        if self.delivered > self._limited_until:
            self._limited_until = 0
        return Sample(
            stamp.delivered,
            self.delivered - stamp.delivered,
            max(stamp.sent_us - stamp.first_sent_us, now_us - stamp.delivered_us),
            stamp.is_app_limited,
        )


class LargestRate:
    """The largest of the rates of some round trips, in segments a second."""

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds
        self._falling: deque[tuple[int, float]] = deque()
        """Each rate with its round; none is below a later one."""

    @property
    def hz(self) -> float:
        """The largest rate; 0 before the first."""
        return self._falling[0][1] if self._falling else 0.0

    def add(self, rate_hz: float, round_number: int) -> None:
        """Add a rate, and forget those that are too old."""
        while self._falling and self._falling[-1][1] <= rate_hz:
            self._falling.pop()
        self._falling.append((round_number, rate_hz))
        while round_number - self._falling[0][0] > self._rounds:
            self._falling.popleft()
