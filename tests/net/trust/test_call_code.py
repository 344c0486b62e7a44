"""Claims about net/trust/call_code.py."""

import math
import re

import pytest

from net.trust.call_code import (
    LARGEST_NUMBER,
    MAX_SUGGESTIONS,
    CallCode,
    count_missing_words,
    draw_code,
    is_code,
    parse_code,
    probable_code,
    unknown_words,
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
        assert unknown_words(code) == {}


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


def test_unknown_word_has_similar_words() -> None:
    [(word, similar)] = unknown_words(parse_code("7-rabit-lamp")).items()
    assert (word, similar[0]) == ("rabit", "rabbit")
    assert len(similar) <= MAX_SUGGESTIONS


def test_both_words_may_be_unknown() -> None:
    unknown = unknown_words(parse_code("7-rabit-lampp"))
    assert list(unknown) == ["rabit", "lampp"]
    assert "lamp" in unknown["lampp"]


def test_unknown_word_may_have_no_similar_words() -> None:
    assert unknown_words(parse_code("7-qqqqqq-lamp")) == {"qqqqqq": ()}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7 otter lamp", "7-otter-lamp"),
        ("7 oter lamp", "7-oter-lamp"),
        ("7\u2013Rabbit_LAMP:5000", "7-rabbit-lamp"),
        ("7 big men", None),
        ("7_oter_lamp", None),
        ("7 otter", None),
    ],
)
def test_near_miss_of_a_code_is_recognised(text: str, code: str | None) -> None:
    found = probable_code(text)
    assert (None if found is None else str(found)) == code


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("63-glide", 1),
        ("63 glide", 1),
        ("63-glide-", 1),
        ("63", 2),
        ("63-", 2),
        ("63-server", 0),
        ("100-glide", 0),
        ("63-glide-lamp", 0),
        ("glide", 0),
        ("192.168.1.7", 0),
    ],
)
def test_beginning_of_a_code_lacks_words(text: str, missing: int) -> None:
    assert count_missing_words(text) == missing
