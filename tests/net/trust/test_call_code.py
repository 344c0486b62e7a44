"""Claims about net/trust/call_code.py."""

import math
import re

import pytest

from net.trust.call_code import (
    LARGEST_NUMBER,
    CallCode,
    draw_code,
    is_code,
    parse_code,
    spelling_hint,
    word_list,
)

RABBIT = CallCode(7, ("rabbit", "lamp"))


def test_two_words_hold_22_bits() -> None:
    assert len(set(word_list())) == len(word_list())
    assert 2 * math.log2(len(word_list())) >= 22


def test_every_word_of_the_list_can_be_parsed() -> None:
    assert all(re.fullmatch("[a-z]+", word) for word in word_list())


def test_drawn_code_parses_to_itself() -> None:
    for code in (draw_code() for _ in range(200)):
        assert 1 <= code.number <= LARGEST_NUMBER
        assert is_code(str(code))
        assert parse_code(str(code)) == code
        assert spelling_hint(code) == ""


def test_drawn_codes_differ() -> None:
    assert len({str(draw_code()) for _ in range(200)}) > 190


@pytest.mark.parametrize("text", ["7-rabbit-lamp", " 7-Rabbit-LAMP\n", "007-rabbit-lamp"])
def test_case_and_surrounding_blanks_are_ignored(text: str) -> None:
    assert parse_code(text) == RABBIT


def test_secret_excludes_the_number() -> None:
    assert RABBIT.secret == CallCode(8, RABBIT.words).secret
    assert RABBIT.secret != CallCode(7, ("lamp", "rabbit")).secret


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "7-rabbit",
        "rabbit-lamp",
        "7-rabbit-lamp-3",
        "7-rab bit-lamp",
        "7--lamp",
        "٧-a-b",
        "7-rabbit-lämp",
        "-7-rabbit-lamp",
        "7_rabbit_lamp",
        "9" * 5000 + "-rabbit-lamp",
    ],
)
def test_text_that_is_not_a_code_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a call code; call codes look like"):
        parse_code(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("7-otter-lamp", True),
        ("0-a-b", True),
        ("7-Otter-lamp", True),
        ("7-otter", False),
        ("my-host-name", False),
        ("7-otter-lamp:5000", False),
        ("7-otter-lamp\n", True),
    ],
)
def test_is_code_tells_codes_from_hosts(text: str, is_one: bool) -> None:
    assert is_code(text) is is_one


def test_hint_suggests_similar_words() -> None:
    hint = spelling_hint(parse_code("7-rabit-lamp"))
    assert hint.startswith("no call code contains the word rabit; did you mean rabbit")


def test_hint_names_both_unknown_words() -> None:
    hint = spelling_hint(parse_code("7-rabit-lampp"))
    assert hint.startswith("no call code contains the word rabit or lampp; did you mean rabbit")
    assert " and lamp" in hint


def test_hint_without_similar_words_suggests_none() -> None:
    assert spelling_hint(parse_code("7-qqqqqq-lamp")) == "no call code contains the word qqqqqq"
