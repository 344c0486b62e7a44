"""Messages of D-Bus, as far as notifications need them. Pure: no I/O, no clock.

    endian (1) | type (1) | flags (1) | version (1) | body length u32 | serial u32 |
    header fields: array of (code u8, variant) | padding to 8 | body

Qt's own binding cannot be used from Python: it marshals no u32, which `Notify` takes, and ends the
process on a wrong type. Source: D-Bus specification 0.43, "Message Protocol".
"""

import struct
from collections.abc import Sequence
from enum import IntEnum

import msgspec

MAX_MESSAGE_BYTES = 1 << 20
"""Larger messages end the connection. The specification allows 128 MiB; none of ours needs that."""
FIXED_BYTES = 16


class MessageType(IntEnum):
    """The kinds of messages."""

    METHOD_CALL = 1
    METHOD_RETURN = 2
    ERROR = 3
    SIGNAL = 4


class BusError(ValueError):
    """The other end sent something that is no message."""


class _Field(IntEnum):
    PATH = 1
    INTERFACE = 2
    MEMBER = 3
    REPLY_SERIAL = 5
    DESTINATION = 6
    SIGNATURE = 8


class BusMessage(msgspec.Struct, frozen=True):
    """A message that has arrived.

    Attributes:
        reply_serial: the serial of the call that it answers, or 0.
        member: the name of the signal, or "".
        values: the leading numbers and strings of its body.
    """

    kind: int
    reply_serial: int
    member: str
    values: tuple[int | str, ...]


class Writer:
    """Builds the body of a message, little-endian."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.signature = ""

    def pad(self, to: int) -> None:
        """Align the next value."""
        self.data += bytes(-len(self.data) % to)

    def put_string(self, text: str) -> None:
        """Add the bytes of a string, without its type."""
        encoded = text.encode("utf-8", "replace").replace(b"\0", b"")
        self.pad(4)
        self.data += struct.pack("<I", len(encoded)) + encoded + b"\0"

    def put_signature(self, signature: str) -> None:
        """Add the bytes of a signature, without its type."""
        self.data += bytes((len(signature),)) + signature.encode("ascii") + b"\0"

    def string(self, text: str) -> None:
        """Add a string."""
        self.signature += "s"
        self.put_string(text)

    def u32(self, number: int) -> None:
        """Add a number without a sign."""
        self.signature += "u"
        self.pad(4)
        self.data += struct.pack("<I", number)

    def i32(self, number: int) -> None:
        """Add a number with a sign."""
        self.signature += "i"
        self.pad(4)
        self.data += struct.pack("<i", number)

    def strings(self, texts: Sequence[str]) -> None:
        """Add an array of strings."""
        self.signature += "as"
        self.pad(4)
        start = len(self.data)
        self.data += bytes(4)
        for text in texts:
            self.put_string(text)
        struct.pack_into("<I", self.data, start, len(self.data) - start - 4)

    def hints(self, hints: dict[str, int | str]) -> None:
        """Add a dictionary of strings and bytes: numbers are sent as bytes."""
        self.signature += "a{sv}"
        self.pad(4)
        length_at = len(self.data)
        self.data += bytes(4)
        self.pad(8)
        start = len(self.data)
        for key, value in hints.items():
            self.pad(8)
            self.put_string(key)
            if isinstance(value, str):
                self.put_signature("s")
                self.put_string(value)
            else:
                self.put_signature("y")
                self.data.append(value)
        struct.pack_into("<I", self.data, length_at, len(self.data) - start)


def encode_call(
    serial: int, *, destination: str, path: str, interface: str, member: str, body: Writer
) -> bytes:
    """Return a method call."""
    fields = Writer()
    for code, signature, text in (
        (_Field.PATH, "o", path),
        (_Field.INTERFACE, "s", interface),
        (_Field.MEMBER, "s", member),
        (_Field.DESTINATION, "s", destination),
        (_Field.SIGNATURE, "g", body.signature),
    ):
        if not text:
            continue
        fields.pad(8)
        fields.data.append(code)
        fields.put_signature(signature)
        if signature == "g":
            fields.put_signature(text)
        else:
            fields.put_string(text)
    header = struct.pack(
        "<BBBBIII", ord("l"), MessageType.METHOD_CALL, 0, 1, len(body.data), serial,
        len(fields.data),
    )  # fmt: skip  # one line for the fields
    message = header + bytes(fields.data)
    return message + bytes(-len(message) % 8) + bytes(body.data)


def message_length(fixed: bytes) -> int:
    """Return the length of a message from its first 16 bytes.

    Raises:
        BusError: it is no message, or too long.
    """
    order = _order(fixed)
    body_bytes, _, fields_bytes = struct.unpack_from(f"{order}III", fixed, 4)
    header_bytes = FIXED_BYTES + fields_bytes
    length: int = header_bytes + (-header_bytes % 8) + body_bytes
    if length > MAX_MESSAGE_BYTES:
        raise BusError("too long")
    return length


def decode_message(data: bytes) -> BusMessage:
    """Return a whole message.

    Raises:
        BusError: it is malformed.
    """
    order = _order(data)
    try:
        return _decode(data, order)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BusError("malformed") from error


def _decode(data: bytes, order: str) -> BusMessage:
    fields_bytes = struct.unpack_from(f"{order}I", data, 12)[0]
    end = FIXED_BYTES + fields_bytes
    if end > len(data):
        raise BusError("malformed")
    reply_serial, member, signature, at = 0, "", "", FIXED_BYTES
    while at < end:
        at += -at % 8
        if at >= end:
            break
        code = data[at]
        kind, at = _read_signature(data, at + 1)
        match kind:
            case "u":
                at += -at % 4
                number = struct.unpack_from(f"{order}I", data, at)[0]
                at += 4
                reply_serial = number if code == _Field.REPLY_SERIAL else reply_serial
            case "s" | "o":
                text, at = _read_string(data, at, order)
                member = text if code == _Field.MEMBER else member
            case "g":
                text, at = _read_signature(data, at)
                signature = text if code == _Field.SIGNATURE else signature
            case _:
                raise BusError(f"a header field of type {kind!r}")
    body = end + (-end % 8)
    return BusMessage(data[1], reply_serial, member, _read_values(data, body, signature, order))


def _read_values(data: bytes, start: int, signature: str, order: str) -> tuple[int | str, ...]:
    """Return the values up to the first of another type than number or string."""
    body = data[start:]
    values: list[int | str] = []
    at = 0
    for kind in signature:
        if kind == "u":
            at += -at % 4
            values.append(struct.unpack_from(f"{order}I", body, at)[0])
            at += 4
        elif kind == "s":
            text, at = _read_string(body, at, order)
            values.append(text)
        else:
            break
    return tuple(values)


def _read_string(data: bytes, at: int, order: str) -> tuple[str, int]:
    at += -at % 4
    length = struct.unpack_from(f"{order}I", data, at)[0]
    at += 4
    if at + length >= len(data):
        raise BusError("malformed")
    return data[at : at + length].decode("utf-8"), at + length + 1


def _read_signature(data: bytes, at: int) -> tuple[str, int]:
    length = data[at]
    return data[at + 1 : at + 1 + length].decode("ascii"), at + length + 2


def _order(data: bytes) -> str:
    if len(data) < FIXED_BYTES or data[0] not in b"lB":
        raise BusError("not a message")
    return "<" if data[0] == ord("l") else ">"
