"""Claims about report/chat_counts.py: messages, lines, words and characters of each person."""

from datetime import UTC

from report.chat_counts import Count, count_chat, total
from report.chat_transcript import parse_chat
from tests.support.saved_chats import heading, line


def test_each_person_and_all_are_counted() -> None:
    chat = parse_chat(
        [
            heading(),
            line("Hi", is_own=False),
            line("Hello, Bee!\nHow are you?"),
            line("Fine 👍", is_own=False),
        ],
        UTC,
    )
    counts = count_chat(chat)
    assert counts == (
        Count("Ann (you)", messages=1, lines=2, words=5, characters=23),
        Count("Bee", messages=2, lines=2, words=2, characters=8),
    )
    assert total(counts, "All") == Count("All", messages=3, lines=4, words=7, characters=31)
