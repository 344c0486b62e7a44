"""Sound packets to messages and back. Pure: no I/O, no clock.

A packet travels whole, as one message of type AUDIO:

     0               4                             12
     +---------------+-----------------------------+----------
     | sequence u32  | pts_us u64                  | one packet ...      big-endian
     +---------------+-----------------------------+----------

The sequence only grows. Where it jumps, the sender has dropped what was too old to be worth
sending.
"""

import struct

from media.packet import AudioPacket
from net.errors import ProtocolError
from net.protocol.framing import MessageType, encode_message

OPENING = struct.Struct(">IQ")
MAX_PACKET_BYTES = 12_000
"""Above 120 ms of raw samples, the longest packet that any codec here makes."""


def encode_audio(packet: AudioPacket) -> bytes:
    """Return the message of a packet, header included."""
    opening = OPENING.pack(packet.sequence, packet.pts_us)
    return encode_message(MessageType.AUDIO, b"".join((opening, packet.payload)))


class AudioStream:
    """One direction's sound packets as they come.

    Attributes:
        received_bytes: encoded bytes that came.
        packets: how many came.
    """

    def __init__(self) -> None:
        self.received_bytes = 0
        self.packets = 0
        self._last_sequence = -1

    def take(self, payload: bytes) -> AudioPacket:
        """Return the packet that a message carries.

        Raises:
            ProtocolError: it cannot be one, or it does not follow the one before.
        """
        size = len(payload) - OPENING.size
        if not 0 < size <= MAX_PACKET_BYTES:
            raise ProtocolError(f"a message of sound has {len(payload)} bytes")
        sequence, pts_us = OPENING.unpack_from(payload)
        if sequence <= self._last_sequence:
            raise ProtocolError("a sound packet came out of its order")
        if pts_us >= 2**63:
            raise ProtocolError("a sound packet is of a time that no clock shows")
        self._last_sequence = sequence
        self.packets += 1
        self.received_bytes += size
        return AudioPacket(sequence, pts_us, payload[OPENING.size :])
