"""Rate control: the target bitrate for the video encoder. Pure: the time is an argument.

The bitrate setting is the ceiling. While too many pictures are skipped for lack of room in the send
window, the target falls below the goodput. Otherwise it climbs back slowly.
"""

from collections import deque

TICK_US = 250_000
WINDOW_US = 1_000_000
FLOOR_BPS = 100_000
SHORT_SHARE = 0.1
"""Room is short if more than this share of a window's pictures is skipped. A single keyframe causes
one skip, which is no shortage."""
BACK_OFF = 0.85
"""The target's share of the goodput: leaves room for TLS, TCP and control, and drains the queue."""
FALL_PAUSE_US = 500_000
CLIMB_PAUSE_US = 5_000_000
CLIMB_PER_TICK = 1.03


class RateControl:
    """The target bitrate of one direction.

    Args:
        ceiling_bps: the bitrate setting.
    """

    def __init__(self, ceiling_bps: int) -> None:
        self._ceiling_bps = ceiling_bps
        self._target_bps = float(ceiling_bps)
        self._history: deque[tuple[int, int, int, int]] = deque()
        self._fell_us: int | None = None

    @property
    def target_bps(self) -> int:
        """The present target for the encoder, bits per second."""
        return int(self._target_bps)

    def on_tick(self, now_us: int, *, arrived_bytes: int, sent: int, skipped: int) -> None:
        """Update the target from the call's counters. Call it about every `TICK_US`.

        Args:
            arrived_bytes: encoded bytes that the peer's feedback has acknowledged.
            sent: pictures encoded and sent.
            skipped: pictures not encoded for lack of room.
        """
        self._history.append((now_us, arrived_bytes, sent, skipped))
        while len(self._history) > 2 and now_us - self._history[1][0] >= WINDOW_US:
            self._history.popleft()
        then_us, bytes_then, sent_then, skipped_then = self._history[0]
        if now_us <= then_us:
            return
        new_skipped = skipped - skipped_then
        is_short = new_skipped > SHORT_SHARE * (sent - sent_then + new_skipped)
        if is_short:
            if self._fell_us is not None and now_us - self._fell_us < FALL_PAUSE_US:
                return
            goodput_bps = (arrived_bytes - bytes_then) * 8_000_000 / (now_us - then_us)
            target = min(self._target_bps, goodput_bps) * BACK_OFF
            # A stall says nothing about the rate, and a quiet scene says little, so each step at
            # most halves the target.
            self._target_bps = max(float(FLOOR_BPS), target, self._target_bps / 2)
            self._fell_us = now_us
            self._history.clear()
        elif self._fell_us is None or now_us - self._fell_us >= CLIMB_PAUSE_US:
            self._target_bps = min(float(self._ceiling_bps), self._target_bps * CLIMB_PER_TICK)
