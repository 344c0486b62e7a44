"""Lip sync: how long sound or pictures wait for each other. Pure: values only.

People perceive sound that is up to 45 ms early or 125 ms late as in step with the picture (ITU-R
BT.1359-1). Within that, neither waits for the other. Beyond it, early sound waits in the jitter
buffer, and early pictures wait before they are shown.

A delay that comes and goes is worse than a moment out of step, so it follows slowly.
"""

from collections import deque

from core.call_statistics import CallStatistics

EARLY_MS = 45.0
LATE_MS = 125.0
MARGIN_MS = 15.0
"""The aim lies this far within the bound, because single pictures scatter."""
MAX_HOLD_MS = 400.0
"""The longest delay of pictures; a loudspeaker over Bluetooth takes 150 to 300 ms."""
MAX_FLOOR_MS = 200.0
"""The longest delay of sound; beyond it the pictures are too late for a conversation anyway."""
RISE_S = 3
"""A delay takes effect after it has been requested this many seconds in a row."""
FALL_S = 10
"""A delay falls after it has not been requested for this many seconds in a row."""
STEP_MS = 10.0
"""A delay falls by no less than this, except to zero."""


class SteadyDelay:
    """A delay that follows requests slowly, so that it rarely changes.

    Args:
        max_ms: its upper bound.

    Attributes:
        ms: the delay now.
    """

    def __init__(self, max_ms: float) -> None:
        self.ms = 0.0
        self._max_ms = max_ms
        self._requested: deque[float] = deque(maxlen=FALL_S)

    def on_second(self, requested_ms: float) -> None:
        """Follow the request of the last second; below 0 counts as 0."""
        self._requested.append(max(0.0, min(self._max_ms, requested_ms)))
        requested = list(self._requested)
        if len(requested) >= RISE_S:
            self.ms = max(self.ms, min(requested[-RISE_S:]))
        if len(requested) == FALL_S and (max(requested) <= self.ms - STEP_MS or not any(requested)):
            self.ms = max(requested)

    def reset(self) -> None:
        """Drop to no delay and forget all requests."""
        self.ms = 0.0
        self._requested.clear()


class LipSync:
    """The delays of one call's sound and pictures."""

    def __init__(self) -> None:
        self._hold = SteadyDelay(MAX_HOLD_MS)
        self._floor = SteadyDelay(MAX_FLOOR_MS)

    @property
    def hold_ms(self) -> float:
        """The delay of each picture before it is shown."""
        return self._hold.ms

    @property
    def floor_ms(self) -> float:
        """The least playout delay of sound."""
        return self._floor.ms

    def on_second(self, second: CallStatistics) -> None:
        """Follow the figures of the last second. An unknown figure resets both delays."""
        video_ms = second.video_shown_latency_p50_ms
        late_video_ms = second.video_shown_latency_p95_ms
        if video_ms is None or late_video_ms is None:
            # Without a window, as if each picture were shown once its delay is over.
            video_ms = self._plus_hold_ms(second.video_in_latency_p50_ms)
            late_video_ms = self._plus_hold_ms(second.video_in_latency_p95_ms)
        audio_ms, playout_ms = second.audio_in_latency_ms, second.playout_delay_ms
        if video_ms is None or late_video_ms is None or audio_ms is None or playout_ms is None:
            self._hold.reset()
            self._floor.reset()
            return
        # Both without the present delay, or the request would feed on itself.
        free_video_ms = video_ms - self.hold_ms
        self._hold.on_second(audio_ms - free_video_ms - (LATE_MS - MARGIN_MS))
        # Sound must not precede the late pictures either.
        early_ms = late_video_ms - self.hold_ms - audio_ms - (EARLY_MS - MARGIN_MS)
        self._floor.on_second(playout_ms + early_ms if early_ms > 0 or self.floor_ms else 0.0)

    def _plus_hold_ms(self, decoded_ms: float | None) -> float | None:
        return None if decoded_ms is None else decoded_ms + self.hold_ms
