"""The ladder of audio bitrates and packet lengths, for links of any size. Pure: no I/O, no clock.

On a slow link the headers of many small packets outweigh the sound in them: 10 ms of Opus at
32 kbit/s are 40 bytes, behind 90 bytes of TCP, TLS and message headers. A lower rung therefore has
fewer and longer packets, at the price of latency.
"""

import msgspec

FIRST_CALM_US = 1_000_000
"""The ladder climbs a rung after this long, until it comes down for the first time."""
CALM_US = 15_000_000
"""Afterwards it climbs a rung after this long without a drop."""
MARGIN = 1.25
"""To climb, the video target must exceed the rung's threshold by this factor."""


class Rung(msgspec.Struct, frozen=True):
    """One combination of bitrate and packet length.

    Attributes:
        bitrate_bps: the codec's bitrate, without headers.
        packet_blocks: the number of 10 ms blocks in each packet.
        from_bps: the lowest video target bitrate for which this rung is meant.
    """

    bitrate_bps: int
    packet_blocks: int
    from_bps: int


RUNGS = (Rung(32_000, 1, 900_000), Rung(24_000, 2, 300_000), Rung(12_000, 6, 0))
"""Highest first. On the wire, headers included, about 110, 60 and 25 kbit/s."""


class AudioLadder:
    """The rung of one direction.

    Args:
        ceiling_bps: the bitrate setting. The top rung uses all of it; no rung exceeds it.
    """

    def __init__(self, ceiling_bps: int) -> None:
        self._ceiling_bps = ceiling_bps
        self._index = len(RUNGS) - 1
        self._dropped = 0
        self._calm_us = FIRST_CALM_US
        self._calm_from_us: int | None = None

    @property
    def rung(self) -> Rung:
        """The present rung, limited by the setting."""
        rung = RUNGS[self._index]
        top_bps = self._ceiling_bps if self._index == 0 else rung.bitrate_bps
        return Rung(min(self._ceiling_bps, top_bps), rung.packet_blocks, rung.from_bps)

    def on_tick(self, now_us: int, *, target_bps: int, dropped: int) -> None:
        """Move by one rung if the link requires or allows it. Call it a few times a second.

        Args:
            target_bps: the video target bitrate, which follows the link's capacity.
            dropped: audio packets dropped so far because they were too old to send.
        """
        if self._calm_from_us is None:
            self._calm_from_us = now_us
        lowest = len(RUNGS) - 1
        if dropped > self._dropped:
            self._dropped = dropped
            if now_us >= self._calm_from_us:
                self._index = min(lowest, self._index + 1)
                self._calm_us = CALM_US
            # One stall drops many packets; it counts once.
            self._calm_from_us = now_us + 1_000_000
        elif target_bps < RUNGS[self._index].from_bps:
            self._index += 1
            self._calm_us = CALM_US
        elif self._index and now_us - self._calm_from_us >= self._calm_us:
            above = RUNGS[self._index - 1]
            if target_bps >= above.from_bps * MARGIN:
                self._index -= 1
                self._calm_from_us = now_us
