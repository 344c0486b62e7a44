"""The window of a file: how much of it may be in flight, so that it delays nothing else. Pure.

A file uses what pictures and sound leave. It is sent only while nothing else waits, and in small
parts, but what is in flight already cannot be overtaken. So its queue on the way is kept short: the
window grows while its parts arrive as early as ever, and shrinks as soon as they arrive later, at a
quarter of the delay at which the rate control of pictures would react.

    parts arrive as early as ever       the window grows by a third in a round trip, until the
                                        first queue
    up to the target of queue delay     it grows by up to a tenth in a round trip
    above the target                    it shrinks, by half in a round trip at most
    every 10 s                          a pause, in which any queue of ours drains, so that the
                                        shortest delay stays known

On the smallest links the window is less than a part, and parts leave one by one, with pauses.
Sources: RFC 6817 (LEDBAT); the pauses, draft-irtf-iccrg-ledbat-plus-plus-01.
"""

from collections import deque

TARGET_US = 5_000
"""Of queue delay; `rate_control.QUEUE_US` is four times that."""
TARGET_SHARE = 1 / 20
"""Of the round trip, on long paths; a quarter of `rate_control.QUEUE_SHARE`."""
GAIN = 0.1
MOST_SHRINKING = 0.5
START_GAIN = 0.3
"""At the start. Doubling in a round trip made a queue of 60 ms before the first report of it."""
START_BYTES = 2_000
LEAST_BYTES = 100
MOST_BYTES = 4 * 1024 * 1024
MOST_BPS = 100_000_000
"""More costs pictures their processor time. With both ends on two cores, 225 Mbit/s took the
pictures' latency from 12 to 20 ms."""
PACED_SHARE = 1.2
"""Parts leave at the window's rate, times this, rather than in bursts that delay a picture."""
BURST_US = 5_000
"""So much may leave at once after a pause, at that rate: a thread wakes up this late."""
SMOOTHING = 1 / 8

PART_US = 5_000
"""A part takes this long at the rate of the file, and less on a link that others share, so that
sound slips between."""
LEAST_PART_BYTES = 500
MOST_PART_BYTES = 16_000

CURRENT_SAMPLES = 4
CURRENT_US = 100_000
KEPT_SAMPLES = 64
"""The smallest delay of this time counts, and of so many samples: one part waits behind a picture,
the next one does not, and only a queue of ours delays all of them."""
BASE_BUCKET_US = 1_000_000
BASE_BUCKETS = 30
SLOWDOWN_US = 10_000_000
DRAIN_US = 30_000
"""A pause is this long, and two round trips."""
RATE_US = 500_000


class FileWindow:
    """The window of the files sent on one link.

    Attributes:
        window_bytes: how much may be in flight.
        queue_us: the present queue delay.
        rate_bps: at which parts arrive; 0 before the first report.
    """

    def __init__(self) -> None:
        self.window_bytes = float(START_BYTES)
        self.queue_us = 0
        self.rate_bps = 0.0
        self._left: deque[tuple[int, int]] = deque()
        """The end offset of each part in flight, and when it left."""
        self._sent_bytes = 0
        self._arrived_bytes = 0
        self._is_starting = True
        self._round_trip_us = 0
        self._recent: deque[tuple[int, int]] = deque(maxlen=KEPT_SAMPLES)
        self._base: deque[tuple[int, int]] = deque(maxlen=BASE_BUCKETS)
        """The start and the smallest delay of each second."""
        self._arrivals: deque[tuple[int, int]] = deque()
        self._next_us = 0
        self._paced_us = 0
        """When the next part may leave at the paced rate."""
        self._slowdown_us: int | None = None

    def begin(self, offset_bytes: int) -> None:
        """Begin a file, or go on with one, at this offset. What the link shows is kept."""
        self._left.clear()
        self._sent_bytes = self._arrived_bytes = offset_bytes
        self._arrivals.clear()

    @property
    def part_bytes(self) -> int:
        """How long the next part may be."""
        size_bytes = int(self.rate_bps * PART_US / 8e6)
        return max(LEAST_PART_BYTES, min(MOST_PART_BYTES, size_bytes))

    def wait_us(self, now_us: int) -> int | None:
        """Return how long the next part has to wait; None until the next report."""
        due_us = max(self._next_us, self._paced_us)
        if now_us < due_us:
            return due_us - now_us
        in_flight_bytes = self._sent_bytes - self._arrived_bytes
        fits = in_flight_bytes + self.part_bytes <= self.window_bytes
        return 0 if fits or not in_flight_bytes else None

    def on_queued(self, part_bytes: int, now_us: int) -> None:
        """Count a part that goes to the outbox."""
        self._sent_bytes += part_bytes
        duration_us = int(part_bytes * 8e6 / self._paced_bps)
        self._paced_us = max(self._paced_us, now_us - BURST_US) + duration_us

    @property
    def _paced_bps(self) -> float:
        if not self._round_trip_us:
            return MOST_BPS
        return min(MOST_BPS, self.window_bytes * 8e6 / self._round_trip_us * PACED_SHARE)

    def on_left(self, end_bytes: int, now_us: int) -> None:
        """Note that the part that ends at this offset has left the outbox."""
        self._left.append((end_bytes, now_us))

    def on_progress(self, received_bytes: int, arrived_us: int, now_us: int) -> None:
        """Update the window from a report.

        Args:
            arrived_us: when the newest part arrived, on the receiver's clock.
        """
        left_us = None
        while self._left and self._left[0][0] <= received_bytes:
            _, left_us = self._left.popleft()
        new_bytes = received_bytes - self._arrived_bytes
        if left_us is None or new_bytes <= 0:
            return
        was_used = self._sent_bytes - self._arrived_bytes >= self.window_bytes / 2
        self._arrived_bytes = received_bytes
        round_trip_us = now_us - left_us
        if not self._round_trip_us:
            self._round_trip_us = round_trip_us
        self._round_trip_us += int((round_trip_us - self._round_trip_us) * SMOOTHING)
        self._add_delay(arrived_us - left_us, now_us)
        self._add_rate(received_bytes, now_us)
        self._adjust(new_bytes, was_used=was_used)
        self._slow_down(now_us)

    def _add_delay(self, delay_us: int, now_us: int) -> None:
        self._recent.append((now_us, delay_us))
        while len(self._recent) > CURRENT_SAMPLES and now_us - self._recent[0][0] > CURRENT_US:
            self._recent.popleft()
        if not self._base or now_us - self._base[-1][0] >= BASE_BUCKET_US:
            self._base.append((now_us, delay_us))
        elif delay_us < self._base[-1][1]:
            self._base[-1] = (self._base[-1][0], delay_us)
        base_us = min(delay for _, delay in self._base)
        self.queue_us = min(delay for _, delay in self._recent) - base_us

    def _add_rate(self, received_bytes: int, now_us: int) -> None:
        self._arrivals.append((now_us, received_bytes))
        while len(self._arrivals) > 2 and now_us - self._arrivals[0][0] > RATE_US:
            self._arrivals.popleft()
        first_us, first_bytes = self._arrivals[0]
        if now_us > first_us:
            self.rate_bps = (received_bytes - first_bytes) * 8e6 / (now_us - first_us)

    def _adjust(self, new_bytes: int, *, was_used: bool) -> None:
        target_us = max(TARGET_US, self._round_trip_us * TARGET_SHARE)
        room = 1 - self.queue_us / target_us
        if room < 0.5:
            self._is_starting = False
        if room < 0:
            change = max(-MOST_SHRINKING, room * MOST_SHRINKING)
        elif not was_used:
            return
        else:
            change = (START_GAIN if self._is_starting else GAIN) * room
        # A window's worth of arrivals is a round trip.
        share = min(1.0, new_bytes / self.window_bytes)
        window_bytes = self.window_bytes * (1 + change * share)
        self.window_bytes = max(float(LEAST_BYTES), min(float(MOST_BYTES), window_bytes))

    def _slow_down(self, now_us: int) -> None:
        if self._slowdown_us is None:
            self._slowdown_us = now_us + SLOWDOWN_US
        elif now_us >= self._slowdown_us:
            self._slowdown_us = now_us + SLOWDOWN_US
            self._next_us = now_us + 2 * self._round_trip_us + DRAIN_US
