"""Video packets to pieces and back. Pure: no I/O, no clock.

A packet travels as messages of type VIDEO that follow one another: flag FIRST on the first, LAST on
the last, KEYFRAME on all of a keyframe. The first opens with

     0               4                             12              16
     +---------------+-----------------------------+---------------+----------
     | sequence u32  | captured_us u64             | total u32     | bytes ...      big-endian
     +---------------+-----------------------------+---------------+----------

where total counts the encoded packet alone. Memory grows with what has arrived, never with what was
announced.
"""

import struct
from collections.abc import Iterator

from media.packet import VideoPacket
from net.errors import ProtocolError
from net.protocol.framing import MessageType, encode_message

FIRST = 1
LAST = 2
KEYFRAME = 4

OPENING = struct.Struct(">IQI")
MAX_PACKET_BYTES = 4 * 1024 * 1024
MIN_PIECE_BYTES = 1_200
MAX_PIECE_BYTES = 16_000
PIECE_US = 5_000


def fragment_bytes(target_bitrate_bps: int) -> int:
    """Return how much of a packet one message carries: 5 ms of the target rate, within bounds.

    So that a sound packet that comes up never waits longer for the piece before it.
    """
    return max(MIN_PIECE_BYTES, min(MAX_PIECE_BYTES, target_bitrate_bps * PIECE_US // 8_000_000))


def split_packet(packet: VideoPacket, size_bytes: int) -> Iterator[bytes]:
    """Yield the messages of a packet, header included, in their order.

    Args:
        size_bytes: what one piece holds, the opening of the first included.
    """
    view = memoryview(packet.payload)
    keyframe = KEYFRAME if packet.is_keyframe else 0
    opening = OPENING.pack(packet.sequence, packet.captured_us, len(view))
    start, end = 0, size_bytes - OPENING.size
    while True:
        flags = keyframe | (0 if start else FIRST) | (LAST if end >= len(view) else 0)
        yield encode_message(MessageType.VIDEO, b"".join((opening, view[start:end])), flags)
        if flags & LAST:
            return
        opening = b""
        start, end = end, end + size_bytes


class PacketAssembler:
    """Puts one direction's pieces together again.

    Attributes:
        received_bytes: encoded bytes that came, of packets begun too.
        packets: complete packets that came.
    """

    def __init__(self) -> None:
        self.received_bytes = 0
        self.packets = 0
        self._last_sequence = -1
        self._data: bytearray | None = None
        self._sequence = self._captured_us = self._total = 0
        self._is_keyframe = False

    def add(self, flags: int, payload: bytes) -> VideoPacket | None:
        """Take one piece; return the packet that it completes, or None.

        Raises:
            ProtocolError: it does not follow from the pieces before it.
        """
        if flags & FIRST:
            payload = self._open(flags, payload)
        data = self._data
        if data is None:
            raise ProtocolError("a piece of video came without the first of its packet")
        if not payload:
            raise ProtocolError("a piece of video is empty")
        data += payload
        self.received_bytes += len(payload)
        if len(data) > self._total:
            raise ProtocolError("the pieces of a video packet are longer than it announced")
        if not flags & LAST:
            return None
        if len(data) != self._total:
            raise ProtocolError("the pieces of a video packet are shorter than it announced")
        self._data = None
        self._last_sequence = self._sequence
        self.packets += 1
        return VideoPacket(self._sequence, self._captured_us, self._is_keyframe, data)

    def _open(self, flags: int, payload: bytes) -> bytes:
        if self._data is not None:
            raise ProtocolError("a video packet began before the one before it was whole")
        if len(payload) < OPENING.size:
            raise ProtocolError("the first piece of a video packet is cut short")
        self._sequence, self._captured_us, self._total = OPENING.unpack_from(payload)
        if not 0 < self._total <= MAX_PACKET_BYTES:
            raise ProtocolError(f"a video packet announced {self._total} bytes")
        if self._sequence <= self._last_sequence:
            raise ProtocolError("a video packet came out of its order")
        self._is_keyframe = bool(flags & KEYFRAME)
        self._data = bytearray()
        return payload[OPENING.size :]
