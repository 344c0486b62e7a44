"""The chat panel in words."""

from datetime import UTC

import pytest

from ui.sharing import ChatMessage, SharingView
from ui.wording.chat import word_chat_limit, word_chat_news, word_message_head

AT_MS = 1_796_040_000_000
THEIRS = ChatMessage("hello", AT_MS, is_own=False)
OWN = ChatMessage("hi", AT_MS, is_own=True)


@pytest.mark.parametrize(
    ("message", "head"),
    [
        (THEIRS, "Bob · 12:00"),
        (OWN, "You · 12:00 · delivered"),
        (
            ChatMessage("hi", AT_MS, is_own=True, is_delivered=False),
            "You · 12:00 · not delivered yet",
        ),
    ],
)
def test_head_says_who_and_when_and_whether_it_arrived(message: ChatMessage, head: str) -> None:
    assert word_message_head(message, "Bob", UTC) == head


def test_news_leaves_out_own_messages() -> None:
    assert word_chat_news((OWN, THEIRS, THEIRS), "Bob") == "Bob writes: hello. hello"
    assert word_chat_news((OWN,), "Bob") == ""


@pytest.mark.parametrize(
    ("sharing", "word"),
    [
        (SharingView(), "no chat"),
        (SharingView(can_chat=True), "no files"),
        (SharingView(can_chat=True, can_send_files=True), ""),
    ],
)
def test_limit_of_an_older_program_is_named(sharing: SharingView, word: str) -> None:
    text = word_chat_limit(sharing, "Bob")
    assert word in text.replace("takes no files", "no files")
    assert bool(text) is bool(word)
