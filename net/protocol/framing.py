"""Messages on the wire: their header, and a parser for a stream of them. Pure: no I/O, no clock.

0       1       2               4
+-------+-------+---------------+------------+
| type  | flags | length (u16)  | payload    |      big-endian; length counts the payload
+-------+-------+---------------+------------+
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from net.errors import ProtocolError

MAX_PAYLOAD_BYTES = 16_380
"""Header and payload together fill at most one TLS record of 2^14 bytes (RFC 8446, 5.1)."""

HEADER = struct.Struct(">BBH")


class MessageType(IntEnum):
    """What a message carries; the number is also its priority, 0 first."""

    CONTROL = 0
    AUDIO = 1
    VIDEO = 2
    FILE = 3


class Message(NamedTuple):
    """One message as it came. `type` is a plain number: unknown ones are for the reader to skip."""

    type: int
    flags: int
    payload: bytes


def encode_message(message_type: MessageType, payload: bytes, flags: int = 0) -> bytes:
    """Return header and payload as they go on the wire.

    Raises:
        ValueError: the payload is longer than a message may be; a mistake of ours.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a payload of {len(payload)} bytes does not fit a message")
    return HEADER.pack(message_type, flags, len(payload)) + payload


class MessageParser:
    """Turns a stream of bytes, cut anywhere, into messages.

    It holds less than one message: what is whole is taken out before more is fed.
    """

    def __init__(self) -> None:
        self._data = b""
        self._offset = 0

    @property
    def held_bytes(self) -> int:
        """How much was fed and not taken out as messages yet."""
        return len(self._data) - self._offset

    def feed(self, data: bytes) -> None:
        """Add what came next."""
        if self._offset == len(self._data):
            self._data = data
        else:
            self._data = self._data[self._offset :] + data
        self._offset = 0

    def next_message(self) -> Message | None:
        """Return the next whole message, or None until more is fed.

        Raises:
            ProtocolError: a message announces more than a message may hold.
        """
        start = self._offset
        if len(self._data) - start < HEADER.size:
            return None
        message_type, flags, length = HEADER.unpack_from(self._data, start)
        if length > MAX_PAYLOAD_BYTES:
            raise ProtocolError(f"a message announced {length} bytes, more than a message may hold")
        end = start + HEADER.size + length
        if len(self._data) < end:
            return None
        self._offset = end
        return Message(message_type, flags, self._data[start + HEADER.size : end])
