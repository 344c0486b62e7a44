"""The framing of messages: their header, and a parser of byte streams. Pure: no I/O, no clock.

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
"""With its header, a message fits into one TLS record of 2^14 bytes, RFC 8446 section 5.1."""

HEADER = struct.Struct(">BBH")


class MessageType(IntEnum):
    """The type of a message. The number is also its priority, 0 first."""

    CONTROL = 0
    AUDIO = 1
    VIDEO = 2
    FILE = 3


class Message(NamedTuple):
    """One message as received. `type` is a plain number, since the receiver skips unknown types."""

    type: int
    flags: int
    payload: bytes


def encode_message(message_type: MessageType, payload: bytes, flags: int = 0) -> bytes:
    """Return the bytes of a message: header and payload.

    Raises:
        ValueError: the payload is too long for a message; a bug in this program.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a payload of {len(payload)} bytes does not fit a message")
    return HEADER.pack(message_type, flags, len(payload)) + payload


class MessageParser:
    """A parser that turns a byte stream, split anywhere, into messages.

    Call `next_message` until it returns None before you feed more; then less than one message stays
    in memory.
    """

    def __init__(self) -> None:
        self._data = b""
        self._offset = 0

    @property
    def held_bytes(self) -> int:
        """The number of bytes fed that `next_message` has not returned yet."""
        return len(self._data) - self._offset

    def feed(self, data: bytes) -> None:
        """Append the next bytes of the stream."""
        if self._offset == len(self._data):
            self._data = data
        else:
            self._data = self._data[self._offset :] + data
        self._offset = 0

    def next_message(self) -> Message | None:
        """Return the next complete message, or None if more bytes are needed.

        Raises:
            ProtocolError: a header announces a payload that is too long.
        """
        start = self._offset
        if len(self._data) - start < HEADER.size:
            return None
        message_type, flags, length = HEADER.unpack_from(self._data, start)
        if length > MAX_PAYLOAD_BYTES:
            raise ProtocolError(
                f"The other side announced a message of {length} bytes, which is too long"
            )
        end = start + HEADER.size + length
        if len(self._data) < end:
            return None
        self._offset = end
        return Message(message_type, flags, self._data[start + HEADER.size : end])
