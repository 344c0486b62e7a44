"""Words, characters and lines of a chat, for each person and in all. Pure: no I/O, no clock."""

from dataclasses import dataclass

from report.chat_transcript import Transcript
from report.chat_words import count_words


@dataclass(frozen=True, slots=True)
class Count:
    """What somebody wrote.

    Attributes:
        lines: a message has one or more.
        characters: with spaces, without line breaks.
    """

    name: str
    messages: int
    lines: int
    words: int
    characters: int


def count_chat(chat: Transcript) -> tuple[Count, ...]:
    """Return the count of each person, the user first."""
    counts = {writer: Count(writer, 0, 0, 0, 0) for writer in chat.writers()}
    for message in chat.messages:
        before = counts[message.writer]
        breaks = message.text.count("\n")
        counts[message.writer] = Count(
            message.writer,
            before.messages + 1,
            before.lines + breaks + 1,
            before.words + count_words(message.text),
            before.characters + len(message.text) - breaks,
        )
    return tuple(counts.values())


def total(counts: tuple[Count, ...], name: str) -> Count:
    """Return the sum of several counts, under a name."""
    return Count(
        name,
        sum(count.messages for count in counts),
        sum(count.lines for count in counts),
        sum(count.words for count in counts),
        sum(count.characters for count in counts),
    )
