"""The layout of AUDIO messages. Pure: no I/O, no clock.

One message carries one whole packet:

     0               4                             12
     +---------------+-----------------------------+----------
     | sequence u32  | pts_us u64                  | one packet ...      big-endian
     +---------------+-----------------------------+----------

The sequence always grows. A gap means that the sender dropped packets that had become too old.
"""

import struct

from media.packet import AudioPacket
from net.errors import ProtocolError
from net.protocol.framing import MessageType, encode_message

OPENING = struct.Struct(">IQ")
MAX_PACKET_BYTES = 12_000
"""More than 120 ms of raw samples, the longest packet that any codec here makes."""


def encode_audio(packet: AudioPacket) -> bytes:
    """Return the message that carries a packet, header included."""
    opening = OPENING.pack(packet.sequence, packet.pts_us)
    return encode_message(MessageType.AUDIO, b"".join((opening, packet.payload)))


class AudioStream:
    """The audio packets received in one call, checked and counted.

    Attributes:
        received_bytes: encoded bytes received.
        packets: packets received.
    """

    def __init__(self) -> None:
        self.received_bytes = 0
        self.packets = 0
        self._last_sequence = -1

    def decode(self, payload: bytes) -> AudioPacket:
        """Return the packet that a message carries.

        Raises:
            ProtocolError: the message is malformed, or its packet is out of order.
        """
        size = len(payload) - OPENING.size
        if not 0 < size <= MAX_PACKET_BYTES:
            raise ProtocolError(f"The other side sent an audio message of {len(payload)} bytes")
        sequence, pts_us = OPENING.unpack_from(payload)
        if sequence <= self._last_sequence:
            raise ProtocolError("The other side sent audio packets out of order")
        if pts_us >= 2**63:
            raise ProtocolError("The other side sent an audio packet with an impossible time")
        self._last_sequence = sequence
        self.packets += 1
        self.received_bytes += size
        return AudioPacket(sequence, pts_us, payload[OPENING.size :])
