"""The messages of file transfers. Pure: no I/O, no clock.

    sender                                  receiver
    file_offer     -->
                   <--  file_accept, from_bytes 0; or file_cancel
    FILE, in order -->
                   <--  file_progress, some times a second
    file_end       -->
                   <--  file_stored; or file_cancel, if the checksum is wrong

Either side may send `file_cancel` at any time. The caller numbers its transfers 1, 3, 5 and the
callee 2, 4, 6, so that a number means the same on both sides. On a new link, the sender repeats the
offer of each transfer that has not ended, and the receiver answers with its state: `file_accept`
from where it is, `file_stored` or `file_cancel`.

One FILE message carries a part of a file:

     0               4                             12
     +---------------+-----------------------------+----------
     | transfer u32  | offset u64                  | bytes ...      big-endian
     +---------------+-----------------------------+----------
"""

import struct
from enum import StrEnum
from typing import Annotated, NamedTuple

from msgspec import Meta

from net.errors import ProtocolError
from net.protocol.control_base import ControlMessage, Counter, Timestamp
from net.protocol.framing import MAX_PAYLOAD_BYTES, MessageType, encode_message

OPENING = struct.Struct(">IQ")
MAX_PART_BYTES = MAX_PAYLOAD_BYTES - OPENING.size
MAX_FILE_BYTES = 2**63 - 1

TransferNumber = Annotated[int, Meta(ge=1, le=2**32 - 1)]


class FileKind(StrEnum):
    """The kind of a file, as users see it. A kind of a later version counts as a file."""

    FILE = "file"
    STILL = "still"
    """A picture that the sender's camera has just taken."""


class FileReason(StrEnum):
    """Why a transfer was cancelled. The value is the text on the wire."""

    DECLINED = "declined"
    CANCELLED = "cancelled"
    TOO_MANY = "too_many"
    """Too many files are offered at once."""
    CHANGED = "changed"
    """The file changed while it was sent."""
    UNREADABLE = "unreadable"
    """The sender's disk failed, or took the file away."""
    DISK_FULL = "disk_full"
    NOT_WRITABLE = "not_writable"
    """The receiver's folder cannot be written."""
    CHECKSUM = "checksum"
    """The stored bytes are not those that were sent."""
    CALL_ENDED = "call_ended"


class FileOffer(ControlMessage, frozen=True):
    """The sender's user wants to send a file.

    Attributes:
        name: of the file, without a folder; unsafe, so never use it as a path.
        kind: one of `FileKind`, or a word of a later version.
    """

    transfer: TransferNumber
    name: Annotated[str, Meta(max_length=256)]
    size_bytes: Counter
    kind: Annotated[str, Meta(max_length=32)] = FileKind.FILE


class FileAccept(ControlMessage, frozen=True):
    """The receiver takes the file, from this offset on."""

    transfer: TransferNumber
    from_bytes: Counter


class FileProgress(ControlMessage, frozen=True):
    """The progress of a file.

    Attributes:
        received_bytes: the offset after the last byte that has arrived.
        arrived_us: when that byte arrived, on the receiver's clock.
        stored_bytes: the offset after the last byte that the disk has taken.
    """

    transfer: TransferNumber
    received_bytes: Counter
    arrived_us: Timestamp
    stored_bytes: Counter


class FileEnd(ControlMessage, frozen=True):
    """All of the file was sent. It may overtake the last parts.

    Attributes:
        sha256: of the whole file.
    """

    transfer: TransferNumber
    sha256: Annotated[bytes, Meta(min_length=32, max_length=32)]


class FileStored(ControlMessage, frozen=True):
    """The receiver has stored the file under its name, and its checksum is right."""

    transfer: TransferNumber


class FileCancel(ControlMessage, frozen=True):
    """The transfer has ended without success.

    Attributes:
        reason: one of `FileReason`, or a word of a later version.
    """

    transfer: TransferNumber
    reason: Annotated[str, Meta(max_length=64)]


class FilePart(NamedTuple):
    """A part of a file."""

    transfer: int
    offset_bytes: int
    data: bytes


def first_transfer(*, is_caller: bool) -> int:
    """Return the number of a peer's first transfer; each further one is higher by two."""
    return 1 if is_caller else 2


def encode_part(part: FilePart) -> bytes:
    """Return the FILE message that carries a part, header included."""
    opening = OPENING.pack(part.transfer, part.offset_bytes)
    return encode_message(MessageType.FILE, opening + part.data)


def decode_part(payload: bytes) -> FilePart:
    """Return the part that a FILE message carries.

    Raises:
        ProtocolError: the message is malformed.
    """
    if len(payload) <= OPENING.size:
        raise ProtocolError(f"The other side sent a file message of {len(payload)} bytes")
    transfer, offset_bytes = OPENING.unpack_from(payload)
    if offset_bytes > MAX_FILE_BYTES:
        raise ProtocolError("The other side sent a file message with an impossible offset")
    return FilePart(transfer, offset_bytes, payload[OPENING.size :])
