"""EBML, the binary form of Matroska: elements with an id, a size and a content. Pure: bytes only.

     id: 1 to 4 bytes, as the specification gives it, its length in its leading zeros
     size: 1 to 8 bytes, its length likewise; all ones means that the size is not known yet
     content: a number, a text, bytes or other elements

Source: RFC 8794.
"""

import struct

UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
"""Eight bytes, so that a size can take their place later."""


def element(identity: int, content: bytes) -> bytes:
    """Return an element with its size."""
    return encode_id(identity) + encode_size(len(content)) + content


def encode_id(identity: int) -> bytes:
    """Return the bytes of an id."""
    return identity.to_bytes((identity.bit_length() + 7) // 8, "big")


def encode_size(size: int, length: int = 0) -> bytes:
    """Return a size in as few bytes as possible, or in `length` bytes."""
    # All ones are reserved for an unknown size.
    length = length or next(n for n in range(1, 9) if size < (1 << 7 * n) - 1)
    return (size | 1 << 7 * length).to_bytes(length, "big")


def unsigned(identity: int, value: int) -> bytes:
    """Return an element with a number of 0 or more."""
    return element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def signed_8_bytes(identity: int, value: int) -> bytes:
    """Return an element with a whole number in eight bytes."""
    return element(identity, struct.pack(">q", value))


def float_8_bytes(identity: int, value: float) -> bytes:
    """Return an element with a number in eight bytes."""
    return element(identity, struct.pack(">d", value))


def text(identity: int, value: str) -> bytes:
    """Return an element with a text."""
    return element(identity, value.encode("utf-8", "replace"))


def void(total_bytes: int) -> bytes:
    """Return an element without meaning that takes this much space, 2 to 128 bytes or 9 and more.

    It reserves space for an element that is written later.
    """
    if total_bytes <= 128:
        return b"\xec" + encode_size(total_bytes - 2, 1) + bytes(total_bytes - 2)
    return b"\xec" + encode_size(total_bytes - 9, 8) + bytes(total_bytes - 9)
