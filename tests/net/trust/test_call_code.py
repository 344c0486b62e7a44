"""net/trust/call_code.py: codes that are drawn, typed and mistyped."""

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


def test_every_word_makes_a_code() -> None:
    assert all(re.fullmatch("[a-z]+", word) for word in word_list())


def test_a_code_that_was_drawn_is_read_back() -> None:
    for code in (draw_code() for _ in range(200)):
        assert 1 <= code.number <= LARGEST_NUMBER
        assert is_code(str(code))
        assert parse_code(str(code)) == code
        assert spelling_hint(code) == ""


def test_codes_differ() -> None:
    assert len({str(draw_code()) for _ in range(200)}) > 190


@pytest.mark.parametrize("text", ["7-rabbit-lamp", " 7-Rabbit-LAMP\n", "007-rabbit-lamp"])
def test_how_it_is_typed_does_not_count(text: str) -> None:
    assert parse_code(text) == RABBIT


def test_the_number_is_no_secret() -> None:
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
def test_what_is_no_code_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="no call code, which looks like"):
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
def test_what_counts_as_a_code_where_a_host_could_stand(text: str, is_one: bool) -> None:
    assert is_code(text) is is_one


def test_the_nearest_words_are_offered() -> None:
    hint = spelling_hint(parse_code("7-rabit-lamp"))
    assert hint.startswith("no call code has the word rabit; is rabbit")


def test_both_words_may_be_mistyped() -> None:
    hint = spelling_hint(parse_code("7-rabit-lampp"))
    assert hint.startswith("no call code has the word rabit or lampp; is rabbit")
    assert " and lamp" in hint


def test_a_word_like_no_other_is_only_said() -> None:
    assert spelling_hint(parse_code("7-qqqqqq-lamp")) == "no call code has the word qqqqqq"
