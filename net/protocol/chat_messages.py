"""The control messages of chat, and what a peer understands. Pure: no I/O, no clock.

    features        once, before all else in a call: what the sender understands beyond the first
                    version of the protocol. A peer that sends none understands none of it.
    chat            numbered from 1 in each direction
    chat_received   acknowledges every message up to a number

A link that breaks may lose messages, so those that were not acknowledged are sent again on the next
link; a receiver ignores numbers that it has.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from net.protocol.control_base import ControlMessage

MAX_CHAT_CHARACTERS = 4_000
"""At four bytes each, they fit into one message of the framing."""

ChatNumber = Annotated[int, Meta(ge=1, le=2**32 - 1)]
LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, which is as far as Python's dates go."""


class Feature(StrEnum):
    """An ability that a peer may have. The value is the name on the wire."""

    CHAT = "chat"
    FILES = "files"
    RECORDING = "recording"
    """It shows its user that the other peer records the call."""


class Features(ControlMessage, frozen=True):
    """The sender's abilities; names of later versions are ignored."""

    names: Annotated[list[Annotated[str, Meta(max_length=32)]], Meta(max_length=16)]


class Chat(ControlMessage, frozen=True):
    """A message that the sender's user wrote.

    Attributes:
        text: uncleaned, so clean it before you show it.
        sent_ms: when it was written, Unix time in milliseconds on the sender's clock.
    """

    number: ChatNumber
    text: Annotated[str, Meta(max_length=MAX_CHAT_CHARACTERS)]
    sent_ms: Annotated[int, Meta(ge=0, le=LATEST_MS)]


class ChatReceived(ControlMessage, frozen=True):
    """The sender has all messages up to this number."""

    number: ChatNumber
