"""Chat, files and recording of both users, as the view holds them. Pure: values."""

from enum import Enum

import msgspec

MAX_CHAT_CHARACTERS = 4_000
"""The longest message that a user may send."""


class ChatMessage(msgspec.Struct, frozen=True):
    """One message of a chat.

    Attributes:
        text: safe to show; may have several lines.
        at_ms: when it was written here, or when it arrived; Unix time in milliseconds.
        is_delivered: whether the other peer has one of our own; True for one of theirs.
    """

    text: str
    at_ms: int
    is_own: bool
    is_delivered: bool = True


class TransferState(Enum):
    """How far the transfer of a file is."""

    OFFERED = "offered"
    """It waits for an answer: of this user, or of the other one."""
    WAITING = "waiting"
    """It was accepted, and waits: for the files before it, or for the link."""
    MOVING = "moving"
    STORED = "stored"
    """It has arrived, and its checksum is right."""
    DECLINED = "declined"
    CANCELLED = "cancelled"
    """A user cancelled it."""
    FAILED = "failed"
    """`TransferView.reason` says why."""


LASTING_STATES = frozenset({TransferState.OFFERED, TransferState.WAITING, TransferState.MOVING})
"""The states of a transfer that has not ended."""


class TransferView(msgspec.Struct, frozen=True):
    """The transfer of a file, in either direction.

    Attributes:
        number: names it in the user's actions.
        name: of the file, as it is or will be stored; safe to show.
        is_still: whether it is a picture that the sender's camera has just taken.
        is_outgoing: whether this user sends it.
        moved_bytes: how much has arrived at the receiver.
        rate_bps: over the last seconds; None while unknown.
        left_s: until it has arrived, at that rate; None while unknown.
        is_ended_here: whether this end cancelled it, or was where it failed.
        reason: why it failed, as the wire carries it; uncleaned.
        detail: what the system said about a failure here, or "".
        path: where it was stored here, or "".
    """

    number: int
    name: str
    size_bytes: int
    is_outgoing: bool
    state: TransferState
    is_still: bool = False
    moved_bytes: int = 0
    rate_bps: float | None = None
    left_s: float | None = None
    is_ended_here: bool = False
    reason: str = ""
    detail: str = ""
    path: str = ""


class SharingProblem(Enum):
    """Why something that the user wanted to share was not sent, or what became of it."""

    NO_CALL = "no call"
    NO_CHAT = "no chat"
    """The other peer's program has no chat."""
    NO_FILES = "no files"
    """The other peer's program takes no files."""
    CHAT_TOO_LONG = "chat too long"
    CHAT_WAITING = "chat waiting"
    """Too many messages have not been delivered yet."""
    TOO_MANY_FILES = "too many files"
    NO_SUCH_FILE = "no such file"
    IS_FOLDER = "is folder"
    NOT_A_FILE = "not a file"
    UNREADABLE = "unreadable"
    NO_SUCH_TRANSFER = "no such transfer"
    CHAT_SAVED = "chat saved"
    CHAT_EXISTS = "chat exists"
    """The file to save the chat in exists already."""
    CHAT_NOT_SAVED = "chat not saved"
    NO_MESSAGES = "no messages"


class SharingNotice(msgspec.Struct, frozen=True):
    """Something to tell the user about chat and files, once.

    Attributes:
        serial: grows with each notice of a run.
        subject: a file's name or path, safe to show, or "".
        detail: what the system said, or "".
        count: of characters or messages, or 0.
    """

    serial: int
    problem: SharingProblem
    subject: str = ""
    detail: str = ""
    count: int = 0


class SharingView(msgspec.Struct, frozen=True):
    """All that both users share beside picture and sound.

    Attributes:
        can_chat: whether the other peer takes messages.
        can_send_files: whether the other peer takes files.
        chat: the messages in order; kept after the call, until the next one.
        transfers: of the call, in order; after it, those that its end has cut off.
        undelivered: how many of our messages the other peer had not got when the call ended.
        notice: the newest one of the present call, or of the last.
    """

    can_chat: bool = False
    can_send_files: bool = False
    chat: tuple[ChatMessage, ...] = ()
    transfers: tuple[TransferView, ...] = ()
    undelivered: int = 0
    notice: SharingNotice | None = None


NOTHING_SHARED = SharingView()
