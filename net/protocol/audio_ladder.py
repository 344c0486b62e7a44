"""How sound is coded as the link allows. Pure: no I/O, no clock.

On a small link the headers of many small packets weigh more than the sound in them: 10 ms of Opus
at 32 kbit/s are 40 bytes below 90 of TCP, TLS and our own. So a lower rung has fewer and longer
packets, which costs delay.
"""

from dataclasses import dataclass

CALM_US = 15_000_000
"""Without a drop for so long, a rung is climbed again."""
MARGIN = 1.25
"""The target must be this far above a rung's threshold before it is climbed."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to code sound.

    Attributes:
        bitrate_bps: of the codec alone.
        packet_blocks: blocks of 10 ms in each packet.
        from_bps: the target of the pictures that it is meant for, and those above.
    """

    bitrate_bps: int
    packet_blocks: int
    from_bps: int


RUNGS = (Rung(32_000, 1, 900_000), Rung(24_000, 2, 300_000), Rung(12_000, 6, 0))
"""Highest first. On the wire, headers included, about 110, 60 and 25 kbit/s."""


class AudioLadder:
    """Which rung one direction is on.

    Args:
        ceiling_bps: the setting: no rung takes more, the first one takes all of it.
    """

    def __init__(self, ceiling_bps: int) -> None:
        self._ceiling_bps = ceiling_bps
        self._index = 0
        self._dropped = 0
        self._calm_from_us: int | None = None

    @property
    def rung(self) -> Rung:
        """What holds now."""
        rung = RUNGS[self._index]
        top_bps = self._ceiling_bps if self._index == 0 else rung.bitrate_bps
        return Rung(min(self._ceiling_bps, top_bps), rung.packet_blocks, rung.from_bps)

    def on_tick(self, now_us: int, *, target_bps: int, dropped: int) -> None:
        """Move by one rung where the link asks for it; called a few times a second.

        Args:
            target_bps: what the pictures aim at, which has found out what the link carries.
            dropped: how many packets of sound were too old to be sent, in all.
        """
        if self._calm_from_us is None:
            self._calm_from_us = now_us
        lowest = len(RUNGS) - 1
        if dropped > self._dropped:
            self._dropped = dropped
            if now_us >= self._calm_from_us:
                self._index = min(lowest, self._index + 1)
            # One stall drops many at once: it counts once.
            self._calm_from_us = now_us + 1_000_000
        elif target_bps < RUNGS[self._index].from_bps:
            self._index += 1
        elif self._index and now_us - self._calm_from_us >= CALM_US:
            above = RUNGS[self._index - 1]
            if target_bps >= above.from_bps * MARGIN:
                self._index -= 1
                self._calm_from_us = now_us
