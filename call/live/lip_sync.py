"""Lips in step: how long sound or pictures wait for each other. Pure: values only.

A person takes sound that is up to 45 ms early or 125 ms late against the picture for simultaneous
(ITU-R BT.1359-1). Neither waits for the other within that. Beyond it, sound that would be early
waits in the jitter buffer, and pictures that would be early wait before they are shown.

A wait that comes and goes is worse than a moment out of step: it has to be wanted for a while.
"""

from collections import deque

EARLY_MS = 45.0
LATE_MS = 125.0
MARGIN_MS = 15.0
"""What is aimed at lies this far within the bound: single pictures scatter."""
MAX_HOLD_MS = 400.0
"""Of pictures; a loudspeaker over Bluetooth takes 150 to 300 ms."""
MAX_FLOOR_MS = 200.0
"""Of sound; beyond it the pictures are too late for a talk anyway."""
RISE_S = 3
"""What is wanted in each of so many seconds is waited for."""
FALL_S = 10
"""What is wanted in none of so many is waited for no longer."""
STEP_MS = 10.0
"""Less is not given back, but for the last of it."""


class Wait:
    """How long one of the two waits.

    Args:
        most_ms: never longer than this.

    Attributes:
        ms: the wait.
    """

    def __init__(self, most_ms: float) -> None:
        self.ms = 0.0
        self._most_ms = most_ms
        self._wanted: deque[float] = deque(maxlen=FALL_S)

    def on_second(self, wanted_ms: float) -> None:
        """Follow what the last second wanted; below 0 counts as none."""
        self._wanted.append(max(0.0, min(self._most_ms, wanted_ms)))
        wanted = list(self._wanted)
        if len(wanted) >= RISE_S:
            self.ms = max(self.ms, min(wanted[-RISE_S:]))
        if len(wanted) == FALL_S and (max(wanted) <= self.ms - STEP_MS or not any(wanted)):
            self.ms = max(wanted)

    def forget(self) -> None:
        """Wait no longer, and begin anew."""
        self.ms = 0.0
        self._wanted.clear()


class LipSync:
    """How long one call's sound and pictures wait."""

    def __init__(self) -> None:
        self._hold = Wait(MAX_HOLD_MS)
        self._floor = Wait(MAX_FLOOR_MS)

    @property
    def hold_ms(self) -> float:
        """For how long each picture is held back before it is shown."""
        return self._hold.ms

    @property
    def floor_ms(self) -> float:
        """The playout delay that sound has at least."""
        return self._floor.ms

    def on_second(
        self,
        *,
        video_ms: float | None,
        late_video_ms: float | None,
        audio_ms: float | None,
        playout_ms: float | None,
    ) -> None:
        """Follow the last second.

        Args:
            video_ms: from captured to the screen, the median; held back as it is.
            late_video_ms: the same of the late pictures, for which sound must not be early.
            audio_ms: from captured to the loudspeaker.
            playout_ms: the part of it that sound waits in the jitter buffer.
        """
        if video_ms is None or late_video_ms is None or audio_ms is None or playout_ms is None:
            self._hold.forget()
            self._floor.forget()
            return
        # Both as if nothing waited: what is needed is told from that, or it would feed on itself.
        free_video_ms = video_ms - self.hold_ms
        self._hold.on_second(audio_ms - free_video_ms - (LATE_MS - MARGIN_MS))
        early_ms = late_video_ms - self.hold_ms - audio_ms - (EARLY_MS - MARGIN_MS)
        self._floor.on_second(playout_ms + early_ms if early_ms > 0 or self.floor_ms else 0.0)
