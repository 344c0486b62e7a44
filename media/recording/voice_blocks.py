"""The blocks of a voice's track: packets at their times, and silence between. Pure.

Players treat a gap in a track of sound differently, and some lose the picture's time over it. So
where a peer is muted, its link is lost or a packet is missing, the track holds packets of silence,
and every track of sound is as long as the recording.
"""

from collections.abc import Iterator

from media.recording.matroska import TICK_US, Block
from media.recording.tracks import Track

SILENT_PACKETS = {
    "opus": ((20_000, b"\xf8\xff\xfe"), (10_000, b"\xf0\xff\xfe")),
    "pcm": ((20_000, bytes(2 * 48 * 20)), (10_000, bytes(2 * 48 * 10))),
}
"""Packets of silence with their durations in microseconds, the longest first. Those of Opus have
full bandwidth and one frame (RFC 6716, 3.1). A shorter gap stays, since times scatter by some
milliseconds."""
LONGEST_PACKET_US = 120_000
"""The most that an Opus packet holds (RFC 6716, 3.2.5)."""
_FRAME_US = (
    *(10_000, 20_000, 40_000, 60_000) * 3,  # SILK
    *(10_000, 20_000) * 2,  # hybrid
    *(2_500, 5_000, 10_000, 20_000) * 4,  # CELT
)
"""The duration of a frame for each configuration: RFC 6716, table 2."""


def packet_us(codec: str, payload: bytes) -> int:
    """Return the duration of a packet; 0 for one that is malformed."""
    if codec == "pcm":
        return len(payload) // 2 * 1_000_000 // 48_000
    if not payload:
        return 0
    frames = (1, 2, 2, 0)[payload[0] & 3]
    if not frames:
        frames = payload[1] & 0x3F if len(payload) > 1 else 0
    duration_us = _FRAME_US[payload[0] >> 3] * frames
    return duration_us if duration_us <= LONGEST_PACKET_US else 0


class VoiceBlocks:
    """One track of sound as it grows.

    Args:
        codec: of its packets and of its silence.

    Attributes:
        end_us: where its sound ends, since the start of the recording.
    """

    def __init__(self, track: Track, codec: str) -> None:
        self.end_us = 0
        self._last_us = -TICK_US
        self._track = track
        self._codec = codec

    def add(self, time_us: int, payload: bytes) -> Iterator[Block]:
        """Yield the blocks of a packet: silence up to it, and the packet.

        Yields nothing for a malformed packet, and for one whose time is already taken, because it
        came long after its time.
        """
        duration_us = packet_us(self._codec, payload)
        if not duration_us or time_us + duration_us // 2 <= self.end_us:
            return
        yield from self.fill_to(time_us)
        # The times of a track must grow.
        self._last_us = max(time_us, self._last_us + TICK_US)
        self.end_us = max(self.end_us, self._last_us + duration_us)
        yield Block(self._track, self._last_us, True, payload)

    def fill_to(self, time_us: int) -> Iterator[Block]:
        """Yield silence up to a time, as far as whole packets of it go."""
        for duration_us, packet in SILENT_PACKETS[self._codec]:
            while self.end_us + duration_us <= time_us:
                self._last_us = self.end_us
                self.end_us += duration_us
                yield Block(self._track, self._last_us, True, packet)
