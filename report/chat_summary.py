"""A short summary of a chat: what it was about, and the messages that say most of it. Main thread.

YAKE finds the key phrases; each message is chosen for those that no earlier one has.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from report.chat_extras import extra_packages
from report.chat_transcript import Message
from report.chat_words import ENGLISH_CHAT_WORDS, count_words, without_links

MAX_CHARACTERS = 100_000
"""YAKE takes some seconds for them."""
MAX_PHRASES = 8
MAX_MESSAGES = 5
MIN_MESSAGES = 8
"""A shorter chat is its own summary."""
FEW_WORDS = 6
"""A message with fewer says little, even if one of them is a key phrase."""
REPEATED = 0.4
"""What a phrase is worth in a message after another one that has it."""
LEAST_SHARE = 0.3
"""A message that says less, compared with the first one chosen, is not worth its place."""
WITHOUT_SPACES = ("ja", "th", "zh")
"""Languages whose words YAKE does not find."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A short summary.

    Attributes:
        phrases: what the chat was about, the most important first.
        messages: those that say most about it, in their order.
    """

    phrases: tuple[str, ...]
    messages: tuple[Message, ...]


def summarize(messages: Sequence[Message], language: str, left_out: Iterable[str]) -> Summary:
    """Return a summary; without phrases if the messages have none.

    Args:
        language: its code in ISO 639-1; "" is unknown.
        left_out: words that are no subjects, such as the writers' names.
    Raises:
        MissingExtra: a package is missing.
    """
    with extra_packages():
        from yake import KeywordExtractor
    texts = [_as_sentences(message.text) for message in messages]
    extractor = KeywordExtractor(
        lan=language or "en", n=2, dedup_lim=0.7, top=3 * MAX_PHRASES + len(texts) // 100
    )
    found = extractor.extract_keywords("\n".join(texts)[:MAX_CHARACTERS])
    excluded = {word.casefold() for word in left_out} | ENGLISH_CHAT_WORDS
    keys = [message.text.casefold() for message in messages]
    phrases: dict[str, float] = {}
    for phrase, score in found:
        words = set(phrase.casefold().split())
        is_repeated = any(words <= set(other.casefold().split()) for other in phrases)
        is_common = sum(phrase.casefold() in key for key in keys) > 1
        if is_common and not is_repeated and not excluded & words:
            phrases[phrase] = -math.log10(min(max(float(score), 1e-9), 0.999))
        if len(phrases) == MAX_PHRASES:
            break
    return Summary(tuple(phrases), _messages_about(messages, phrases))


def _as_sentences(text: str) -> str:
    text = without_links(" ".join(text.split()))
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _messages_about(messages: Sequence[Message], phrases: dict[str, float]) -> tuple[Message, ...]:
    """Return the messages that hold most of the phrases together."""
    about = {
        number: held
        for number, message in enumerate(messages)
        if (held := {p for p in phrases if p.casefold() in message.text.casefold()})
    }
    weights = dict(phrases)
    chosen: list[int] = []
    least = 0.0
    while about and len(chosen) < MAX_MESSAGES:
        values = {
            number: sum(weights[phrase] for phrase in held) * _fullness(messages[number].text)
            for number, held in about.items()
        }
        best = max(values, key=lambda number: values[number])
        least = least or values[best] * LEAST_SHARE
        if values[best] <= least:
            break
        chosen.append(best)
        for phrase in about.pop(best):
            weights[phrase] *= REPEATED
    return tuple(messages[number] for number in sorted(chosen))


def _fullness(text: str) -> float:
    return min(1.0, count_words(text[:1000]) / FEW_WORDS)
