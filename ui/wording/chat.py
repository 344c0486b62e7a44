"""The chat panel of the window in words. Pure: values only."""

from datetime import UTC, datetime, tzinfo

from ui.sharing import ChatMessage, SharingNotice, SharingProblem, SharingView
from ui.wording.sharing import word_sharing_notice

CLOSE = "Close the chat"
ATTACH = "Send a file"
SEND = "Send the message"
EMPTY = "Nobody has written anything yet. You can also drop a file here, or paste a picture."
SAVE_CHAT = "Save chat"
YOU = "You"


def word_chat_heading(peer_name: str) -> str:
    """Return the heading of the panel."""
    return f"Chat with {peer_name}"


def word_placeholder(peer_name: str) -> str:
    """Return what stands in the empty field."""
    return f"Message to {peer_name}"


def word_message_head(message: ChatMessage, peer_name: str, zone: tzinfo | None = None) -> str:
    """Return the line above a message: who wrote it, when, and whether it has arrived.

    Args:
        zone: of the time; None is this computer's.
    """
    at = datetime.fromtimestamp(message.at_ms / 1000, UTC).astimezone(zone)
    parts = [YOU if message.is_own else peer_name, f"{at:%H:%M}"]
    if message.is_own:
        parts.append("delivered" if message.is_delivered else "not delivered yet")
    return " · ".join(parts)


def word_chat_limit(sharing: SharingView, peer_name: str) -> str:
    """Return why the other peer takes no messages or files; "" if it takes both."""
    if not sharing.can_chat:
        return word_sharing_notice(SharingNotice(0, SharingProblem.NO_CHAT), peer_name)
    if not sharing.can_send_files:
        return word_sharing_notice(SharingNotice(0, SharingProblem.NO_FILES), peer_name)
    return ""


def word_chat_news(messages: tuple[ChatMessage, ...], peer_name: str) -> str:
    """Return what a screen reader says of new messages of the other peer; "" without any."""
    theirs = [message.text for message in messages if not message.is_own]
    return f"{peer_name} writes: {'. '.join(theirs)}" if theirs else ""
