"""Lips in step: how long sound or pictures wait for each other. Pure: values only.

A person takes sound that is up to 45 ms early or 125 ms late against the picture for simultaneous
(ITU-R BT.1359-1). Neither waits for the other within that. Beyond it, sound that would be early
waits in the jitter buffer, and pictures that would be early wait before they are shown.
"""

EARLY_MS = 45.0
LATE_MS = 125.0
MARGIN_MS = 15.0
"""What is aimed at lies this far within the bound: single pictures scatter."""
MAX_HOLD_MS = 400.0
"""Of pictures; a loudspeaker over Bluetooth takes 150 to 300 ms."""
MAX_FLOOR_MS = 200.0
"""Of sound; beyond it the pictures are too late for a talk anyway."""
RELEASE = 0.25
"""Of what is too much, given back with each step, so that a moment's calm does not swing it."""
IDLE_MS = 2.0
"""Less than this is none at all."""


class LipSync:
    """How long one call's sound and pictures wait.

    Attributes:
        hold_ms: for how long each picture is held back before it is shown.
        floor_ms: the playout delay that sound has at least.
    """

    def __init__(self) -> None:
        self.hold_ms = 0.0
        self.floor_ms = 0.0

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
            self.hold_ms = self.floor_ms = 0.0
            return
        # Both as if nothing waited: what is needed is told from that, or it would feed on itself.
        free_video_ms = video_ms - self.hold_ms
        wanted_hold_ms = audio_ms - free_video_ms - (LATE_MS - MARGIN_MS)
        early_ms = late_video_ms - self.hold_ms - audio_ms - (EARLY_MS - MARGIN_MS)
        wanted_floor_ms = playout_ms + early_ms if early_ms > 0 or self.floor_ms else 0.0
        self.hold_ms = _follow(self.hold_ms, wanted_hold_ms, MAX_HOLD_MS)
        self.floor_ms = _follow(self.floor_ms, wanted_floor_ms, MAX_FLOOR_MS)


def _follow(now_ms: float, wanted_ms: float, most_ms: float) -> float:
    """Rise at once, fall by a part."""
    wanted_ms = max(0.0, min(most_ms, wanted_ms))
    if wanted_ms < now_ms:
        wanted_ms = now_ms + (wanted_ms - now_ms) * RELEASE
    return wanted_ms if wanted_ms >= IDLE_MS else 0.0
