"""Claims about report/chat_words.py: what a word is, and which ones are frequent."""

import unicodedata

import pytest

from report.chat_words import count_words, frequent_words

DECOMPOSED = unicodedata.normalize("NFD", "déjà vu")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("... !!! 👍 — _", 0),
        ("Hello,world", 2),
        ("don't you've Wi-Fi it’s", 4),
        ("4,200 euros at 3.5 %", 4),
        (DECOMPOSED, 2),
        ("see https://example.org/a/b?c=d#e now", 3),
        ("Привет, мир", 2),
        ("مرحبًا بك", 2),
        ("שָׁלוֹם לך", 2),
        ("नमस्ते दुनिया", 2),
        ("我们明天见", 5),
        ("東京 Tower へ", 4),
        ("안녕하세요 여러분", 2),
    ],
)
def test_words_are_counted_as_people_count_them(text: str, count: int) -> None:
    assert count_words(text) == count


def frequent(*texts: str, language: str = "en", left_out: tuple[str, ...] = ()) -> dict[str, int]:
    return dict(frequent_words(texts, language, most=5, left_out=left_out))


def test_frequent_words_come_first_without_those_that_say_nothing() -> None:
    found = frequent(
        "The hall, the HALL and the hall.", "Is it your budget? Yes, the budget!", "bus"
    )
    assert list(found.items()) == [("hall", 3), ("budget", 2), ("bus", 1)]


def test_word_has_its_most_frequent_spelling() -> None:
    assert frequent("Maria MARIA Maria maria") == {"Maria": 4}


def test_names_links_and_numbers_are_no_frequent_words() -> None:
    text = "Ann 12 300 3,5 https://example.org/train x " + "y" * 31
    assert frequent(text, left_out=("Ann",)) == {}


def test_stop_words_are_those_of_the_language() -> None:
    assert frequent("Das Rathaus und der Bus", language="de") == {"Rathaus": 1, "Bus": 1}


def test_languages_without_spaces_have_words_too() -> None:
    chinese = frequent("我们明天在市政厅开会", "明天的预算不够", language="zh")
    assert chinese["明天"] == 2
    japanese = frequent("明日の会議は町役場で", "会議の予算はいくらですか", language="ja")
    assert japanese["会議"] == 2
    assert frequent("ประชุม พรุ่งนี้", "ประชุมกี่โมง", language="th")["ประชุม"] == 2
