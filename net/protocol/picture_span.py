"""Picture span: how long a picture may occupy the link on its way to us. Pure: no I/O, no clock.

Sound that leaves behind a picture comes that much later. The jitter buffer learns it from sound
that came too late; the rate of packet trains tells it before.
"""

from collections import deque

from net.protocol.packet_train import PacketTrains

LEAST_TRAINS = 3
"""A busy computer reads single trains late, and then a fast link looks slow."""
LEAST_SPAN_US = 10_000
KEYFRAME_PICTURES = 2
"""A keyframe is at most so many times as large as an average picture: see `h264_encoder.py`."""
MAX_SPAN_US = 100_000
"""Beyond it, sound that waits for pictures to come disturbs more than a gap."""
SLOT_US = 1_000_000
SLOTS = 10
"""The jitter buffer remembers for half a minute the sound that really came late."""
_MEAN_SHARE = 1 / 16


class PictureSpan:
    """The longest time that the pictures of the last seconds, or a keyframe now, take on the link.

    Receive thread; `longest_us` may be read by any.

    Attributes:
        longest_us: up to 100,000; 0 below 10,000, and while the rate of the link is unknown.
    """

    def __init__(self) -> None:
        self.longest_us = 0
        self._trains = PacketTrains()
        self._train_count = 0
        self._slots: deque[int] = deque(maxlen=SLOTS)
        self._slot_end_us = 0
        self._mean_bytes = 0.0
        self._first_bytes = self._following_bytes = 0
        self._began_us = 0

    def on_fragment(self, size_bytes: int, now_us: int, *, is_first: bool, is_last: bool) -> None:
        """Note a fragment of a packet, in the order of arrival."""
        if is_first:
            self._first_bytes, self._following_bytes = size_bytes, 0
            self._began_us = now_us
        else:
            self._following_bytes += size_bytes
        if is_last:
            self._on_packet(now_us)

    def _on_packet(self, now_us: int) -> None:
        packet_bytes = self._first_bytes + self._following_bytes
        train_us = now_us - self._began_us
        self._train_count += self._trains.add(self._following_bytes, train_us, now_us)
        if not self._mean_bytes:
            self._mean_bytes = float(packet_bytes)
        self._mean_bytes += (packet_bytes - self._mean_bytes) * _MEAN_SHARE
        rate_bps = self._trains.rate_bps(now_us)
        if rate_bps is None or self._train_count < LEAST_TRAINS:
            return
        largest_bytes = max(float(packet_bytes), self._mean_bytes * KEYFRAME_PICTURES)
        span_us = min(MAX_SPAN_US, int(largest_bytes * 8e6 / rate_bps))
        if now_us >= self._slot_end_us:
            self._slots.append(0)
            self._slot_end_us = now_us + SLOT_US
        self._slots[-1] = max(self._slots[-1], span_us)
        longest_us = max(self._slots)
        self.longest_us = longest_us if longest_us >= LEAST_SPAN_US else 0
