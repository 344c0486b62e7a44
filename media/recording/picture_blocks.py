"""The blocks of a track of pictures: those that a player can decode, at their times. Pure."""

from collections.abc import Iterator

from media.recording.annex_b import to_length_prefixed
from media.recording.matroska import TICK_US, Block
from media.recording.tracks import RecordedPacket, Track

KEYFRAME_US = 20_000_000
"""The longest time between keyframes. A player that goes to a position decodes all pictures from
the keyframe before it: 600 of them take it about two seconds. A call has no keyframes by itself."""


class PictureBlocks:
    """One track of pictures as it grows.

    Args:
        codec: of its packets.

    Attributes:
        needs_keyframe: True while the pictures that come cannot be decoded, or the last keyframe is
            `KEYFRAME_US` old.
    """

    def __init__(self, track: Track, codec: str) -> None:
        self.needs_keyframe = True
        self._track = track
        self._codec = codec
        self._sequence: int | None = None
        """Of the last packet that was stored."""
        self._keyframe_us = 0
        self._last_us = -TICK_US

    def add(self, time_us: int, packet: RecordedPacket) -> Iterator[Block]:
        """Yield the block of a packet, or nothing if pictures before it are missing."""
        payload = bytes(packet.payload)
        if self._codec == "h264":
            payload = to_length_prefixed(payload)
        follows = self._sequence is not None and packet.sequence == self._sequence + 1
        if not payload or not (packet.is_keyframe or follows):
            self._sequence = None
            self.needs_keyframe = True
            return
        # The times of a track must grow.
        self._last_us = max(time_us, self._last_us + TICK_US)
        self._sequence = packet.sequence
        if packet.is_keyframe:
            self._keyframe_us = self._last_us
        self.needs_keyframe = self._last_us - self._keyframe_us >= KEYFRAME_US
        yield Block(self._track, self._last_us, packet.is_keyframe, payload)
