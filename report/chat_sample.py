"""The messages that analyses look at: all, or every nth of a long chat. Pure: no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from report.chat_transcript import Message

MAX_CHARACTERS = 1_000_000
"""In all. The slowest, of Chinese words, takes 7 s for them; a lively hour has 50,000."""
MAX_MESSAGES = 20_000
MAX_MESSAGE_CHARACTERS = 4_000
"""Of one message, which is as long as the program sends one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Messages of a chat: one of every `step`, evenly over its time."""

    messages: tuple[Message, ...]
    step: int


def take_sample(messages: Sequence[Message]) -> Sample:
    """Return all messages, or an even choice of them that analyses can bear."""
    length = sum(min(len(message.text), MAX_MESSAGE_CHARACTERS) for message in messages)
    step = max(1, -(-length // MAX_CHARACTERS), -(-len(messages) // MAX_MESSAGES))
    return Sample(tuple(map(_shortened, messages[::step])), step)


def _shortened(message: Message) -> Message:
    if len(message.text) <= MAX_MESSAGE_CHARACTERS:
        return message
    return replace(message, text=message.text[:MAX_MESSAGE_CHARACTERS])
