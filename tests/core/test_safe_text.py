"""Claims about core/safe_text.py."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.safe_text import clean_name, clean_text, compose_name, cut_controls


@given(st.text(max_size=200))
def test_clean_name_is_short_harmless_and_already_clean(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= 64
    assert name == name.strip() == clean_name(name)
    assert not {unicodedata.category(letter) for letter in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    name.encode()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Zoë Müller-Ōta 🎉", "Zoë Müller-Ōta 🎉"),
        ("\x1b]0;title\x07Al\tice\r\n", "]0;titleAlice"),
        ("a\u202eb\u200bc\ufeff\u2028d\x9be", "abcde"),
        ("\ud800x", "x"),
        (" \x00 ", ""),
        ("x" * 63 + "  y", "x" * 63),
        ("Al\u034fi\u115fc\u3164e\ufe0f\u2800\U000e0100\U000e0080", "Alice"),
        ("Alice  \u00a0 Liddell", "Alice Liddell"),
        ("\u3164", ""),
    ],
)
def test_clean_name_removes_controls_and_invisible_characters(text: str, name: str) -> None:
    assert clean_name(text) == name


def test_cut_controls_keeps_blanks_and_length() -> None:
    assert cut_controls("  a\x1b b" + "x" * 500) == "  a b" + "x" * 500


@given(st.text(max_size=100), st.text(max_size=100))
def test_composed_name_is_clean(login: str, host: str) -> None:
    name = compose_name(login, host)
    assert 1 <= len(name) <= 64
    assert clean_name(name) == name


def test_composed_name_joins_login_and_host() -> None:
    assert compose_name("alice", "laptop.local") == "alice on laptop"
    assert compose_name("", "laptop") == "somebody on laptop"
    assert compose_name("alice", "") == "alice"


@given(st.text(max_size=200))
def test_clean_text_is_harmless_and_already_clean(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert len(cleaned) <= len(text)
    harmful = {unicodedata.category(letter) for letter in cleaned if letter not in "\n\u200c\u200d"}
    assert not harmful & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    cleaned.encode()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\n\n one\n\n\n\n two \n\n", " one\n\n two"),
        ("\x1b[2Jgone\x07 \u202eexe.\u2066txt", "[2Jgone exe.txt"),
        ("👩\u200d🚀 ❤\ufe0f", "👩\u200d🚀 ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\tb", "a b"),
        ("\ud83d", ""),
    ],
)
def test_clean_text_keeps_lines_and_joined_emoji_and_cuts_the_rest(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned
