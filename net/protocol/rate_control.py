"""What bitrate the encoder is asked for. Pure: the time is an argument.

The setting is the ceiling. Where the room stays short, the target falls under what gets through;
where it does not, the target climbs back. Short means that pictures were skipped for want of room.
"""

from collections import deque

TICK_US = 250_000
WINDOW_US = 1_000_000
FLOOR_BPS = 100_000
SHORT_SHARE = 0.1
"""Of the pictures of a window; a keyframe alone makes one skip, which is no shortage."""
BACK_OFF = 0.85
"""Of the goodput: leaves what TLS, TCP and control take, and lets the queue run empty."""
FALL_PAUSE_US = 500_000
CLIMB_PAUSE_US = 5_000_000
CLIMB_PER_TICK = 1.03


class RateControl:
    """The target bitrate of one direction.

    Args:
        ceiling_bps: what the settings allow.
    """

    def __init__(self, ceiling_bps: int) -> None:
        self._ceiling_bps = ceiling_bps
        self._target_bps = float(ceiling_bps)
        self._history: deque[tuple[int, int, int, int]] = deque()
        self._fell_us: int | None = None

    @property
    def target_bps(self) -> int:
        """What the encoder is to aim at now, bits per second."""
        return int(self._target_bps)

    def on_tick(self, now_us: int, *, arrived_bytes: int, sent: int, skipped: int) -> None:
        """Take the counters of the call so far; called about every `TICK_US`.

        Args:
            arrived_bytes: encoded bytes that feedback said arrived.
            sent, skipped: pictures encoded, and not encoded for want of room.
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
            # A stall says nothing of the rate, and a quiet scene little: half at most, each time.
            self._target_bps = max(float(FLOOR_BPS), target, self._target_bps / 2)
            self._fell_us = now_us
            self._history.clear()
        elif self._fell_us is None or now_us - self._fell_us >= CLIMB_PAUSE_US:
            self._target_bps = min(float(self._ceiling_bps), self._target_bps * CLIMB_PER_TICK)
