"""Claims about report/chat_language.py: the language is told, or said to be unknown."""

import pytest

from report.chat_language import find_language


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["Hello, how are you?", "The picture freezes sometimes"], "en"),
        (["Hallo, kannst du mich hören?", "Ja, aber das Bild hängt"], "de"),
        (["مرحبا كيف حالك اليوم؟"], "ar"),
        (["我们明天在市政厅开会"], "zh"),
        (["明日の会議は町役場でやりましょう"], "ja"),
        (["haha", "👍"], ""),
        ([], ""),
        (["https://example.org/the/words/of/this/are/english"], ""),
        (["Hello, how are you today? " * 10_000, "x" * 50_000], "en"),
        (["Hallo, kannst du mich hören? "] * 10_000 + ["ok great thanks for that"] * 5_000, "de"),
    ],
)
def test_language_is_found_or_unknown(texts: list[str], language: str) -> None:
    assert find_language(texts) == language
