"""The chat of one call: its messages in order, and what the other peer has of them. Call thread.

Our messages wait until they are acknowledged, and are sent again on each new link. A message is not
sent before the other peer has said that it understands chat: a message to an older peer would
vanish without a word.
"""

from collections import deque
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from core.safe_text import clean_text, cut_controls
from net.errors import ProtocolError
from net.protocol.chat_messages import MAX_CHAT_CHARACTERS, Chat, ChatReceived
from net.protocol.control import Control
from ui.sharing import ChatMessage, SharingProblem

MAX_MESSAGES = 5_000
"""Kept for the view and for saving; the oldest go first."""
MAX_WAITING = 200
"""Messages of ours that may wait for the other peer."""
BURST_MESSAGES = 256
"""Messages that the other peer may send at once: all that waited while the link was lost."""
MESSAGE_INTERVAL_US = 20_000
"""Between two messages beyond that, on average; nobody types as fast."""


class _Waiting(msgspec.Struct, frozen=True):
    """A message of ours that the other peer has not acknowledged, and its place in the log."""

    chat: Chat
    index: int


class CallChat:
    """The chat of one call.

    Args:
        send: sends a control message on the present link.
        utc_ms: the wall clock, Unix time in milliseconds.
    Attributes:
        is_offered: whether the other peer understands chat; None while unknown.
        messages: all messages in order; the same object while nothing changes.
    """

    def __init__(self, send: Callable[[Control], None], utc_ms: Callable[[], int]) -> None:
        self.is_offered: bool | None = None
        self.messages: tuple[ChatMessage, ...] = ()
        self._send = send
        self._utc_ms = utc_ms
        self._log: deque[ChatMessage] = deque(maxlen=MAX_MESSAGES)
        self._count = 0
        """Messages so far, with those that the log has dropped."""
        self._waiting: deque[_Waiting] = deque()
        self._sent_number = 0
        self._received_number = 0
        self._allowed_us: int | None = None
        """When the other peer will have used up no more than its share."""

    def write(self, text: str) -> SharingProblem | None:
        """Send a message of this user; return why that cannot be, or None.

        A text without anything to see is not sent.
        """
        text = clean_text(text)
        if not cut_controls(text).strip():
            return None
        if self.is_offered is False:
            return SharingProblem.NO_CHAT
        if len(text) > MAX_CHAT_CHARACTERS:
            return SharingProblem.CHAT_TOO_LONG
        if len(self._waiting) >= MAX_WAITING:
            return SharingProblem.CHAT_WAITING
        now_ms = self._utc_ms()
        self._sent_number += 1
        chat = Chat(self._sent_number, text, now_ms)
        self._waiting.append(_Waiting(chat, self._count))
        self._add(ChatMessage(text, now_ms, is_own=True, is_delivered=False))
        if self.is_offered:
            self._send(chat)
        return None

    def offer(self, *, is_offered: bool) -> SharingProblem | None:
        """Note whether the other peer understands chat; return a problem of waiting messages.

        The other peer says it again on each new link.
        """
        if self.is_offered is is_offered:
            return None
        self.is_offered = is_offered
        if is_offered:
            self.send_again()
        elif self._waiting:
            self._waiting.clear()
            return SharingProblem.NO_CHAT
        return None

    def send_again(self) -> None:
        """Send the messages that were not acknowledged, on a new link."""
        if self.is_offered:
            for waiting in self._waiting:
                self._send(waiting.chat)

    def on_chat(self, chat: Chat, now_us: int) -> bool:
        """Store and acknowledge a message of the other peer; return whether it is new.

        Raises:
            ProtocolError: one before it is missing, or there are more than anybody writes.
        """
        self._count_against_limit(now_us)
        if chat.number > self._received_number + 1:
            raise ProtocolError("The other side left out a chat message")
        is_new = chat.number > self._received_number
        if is_new:
            self._received_number = chat.number
            text = clean_text(chat.text)
            if cut_controls(text).strip():
                self._add(ChatMessage(text, self._utc_ms(), is_own=False))
            else:
                is_new = False
        self._send(ChatReceived(self._received_number))
        return is_new

    def on_received(self, received: ChatReceived) -> bool:
        """Mark our messages up to a number as delivered; return whether any was not before.

        Raises:
            ProtocolError: no message with that number was sent.
        """
        if received.number > self._sent_number:
            raise ProtocolError("The other side acknowledged a chat message that was not sent")
        is_new = False
        while self._waiting and self._waiting[0].chat.number <= received.number:
            waiting = self._waiting.popleft()
            at = waiting.index - (self._count - len(self._log))
            if at >= 0:
                self._log[at] = replace(self._log[at], is_delivered=True)
            is_new = True
        if is_new:
            self.messages = tuple(self._log)
        return is_new

    @property
    def undelivered_count(self) -> int:
        """How many of our messages the other peer has not acknowledged."""
        return len(self._waiting)

    def _add(self, message: ChatMessage) -> None:
        self._log.append(message)
        self._count += 1
        self.messages = tuple(self._log)

    def _count_against_limit(self, now_us: int) -> None:
        allowed_us = now_us if self._allowed_us is None else max(self._allowed_us, now_us)
        self._allowed_us = allowed_us + MESSAGE_INTERVAL_US
        if self._allowed_us - now_us > BURST_MESSAGES * MESSAGE_INTERVAL_US:
            raise ProtocolError("The other side sends chat messages faster than anybody writes")
