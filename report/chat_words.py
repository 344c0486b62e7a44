"""Words of a chat: how many there are, and which are said most. Main thread.

A word is a run of letters, digits and what joins them, as in "don't" or "Wi-Fi". Chinese and
Japanese have no spaces, so there every character counts as a word, as in word processors. For the
most frequent words BudouX finds their ends, in Thai too.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from report.chat_extras import extra_packages, import_wordcloud

MIN_CHARACTERS = 2
MAX_CHARACTERS = 30
"""Shorter and longer words are not worth a place among the most frequent ones."""

HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HIRAGANA = "\u3041-\u3096"
KANA = f"{HIRAGANA}\u30a1-\u30fa\u30fc"
THAI = "\u0e01-\u0e3a\u0e40-\u0e4e"

_ENGLISH = "en"
ENGLISH_CHAT_WORDS = frozenset((
    "ah", "also", "anything", "bye", "cannot", "can't", "don't", "even", "everything", "go",
    "going", "got", "ha", "haha", "hello", "hey", "hi", "know", "last", "let", "let's", "lol",
    "maybe", "much", "no", "now", "oh", "ok", "okay", "one", "please", "really", "see",
    "sure", "thank", "thanks", "that's", "there's", "thing", "things", "think", "though",
    "us", "want", "well", "will", "yeah", "yep", "yes", "yet",
))  # fmt: skip  # several a line
"""Said in every chat, whatever it is about; wordcloud's own list does not have them."""
_ONE_WORD_EACH = re.compile(f"[{HAN}{KANA}]")
_WITHOUT_SPACES = re.compile(f"[{HAN}{KANA}]+|[{THAI}]+")
_KANA = re.compile(f"[{KANA}]")
_THAI = re.compile(f"[{THAI}]")
_ENDING = re.compile(f"(?<=[^{HIRAGANA}])[{HIRAGANA}]+$")
"""A particle or an inflection, which Japanese writes in hiragana after the word."""
_URL = re.compile(r"\b(?:https?://|www\.)\S+")


def count_words(text: str) -> int:
    """Return the number of words in a text."""
    spaced, count = _ONE_WORD_EACH.subn(" ", without_links(text, " link "))
    return count + sum(1 for _ in _word_pattern().finditer(spaced))


def without_links(text: str, instead: str = " ") -> str:
    """Return a text without the addresses of pages."""
    return _URL.sub(instead, text)


def frequent_words(
    texts: Iterable[str], language: str, *, most: int, left_out: Iterable[str] = ()
) -> list[tuple[str, int]]:
    """Return the words that are said most, each with its count, the most frequent first.

    A word that is written in several ways has its most frequent spelling.

    Args:
        language: its code in ISO 639-1, whose stop words are left out; "" is unknown.
        most: how many words.
        left_out: further words that are not counted.
    Raises:
        MissingExtra: a package is missing.
    """
    stop_words = _stop_words(language or _ENGLISH)
    excluded = {_key(word) for word in left_out} | stop_words
    counts: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = {}
    for text in texts:
        for word in _words(without_links(text), language):
            key = _key(word)
            if key not in excluded and _is_worth_showing(key):
                counts[key] += 1
                spellings.setdefault(key, Counter())[word] += 1
    return [(spellings[key].most_common(1)[0][0], count) for key, count in counts.most_common(most)]


def _key(word: str) -> str:
    return unicodedata.normalize("NFC", word.replace("’", "'")).casefold()


def _is_worth_showing(key: str) -> bool:
    is_short_enough = MIN_CHARACTERS <= len(key) <= MAX_CHARACTERS
    return is_short_enough and any(letter.isalpha() for letter in key)


def _words(text: str, language: str) -> Iterator[str]:
    at = 0
    for run in _WITHOUT_SPACES.finditer(text):
        yield from _word_pattern().findall(text, at, run.start())
        at = run.end()
        if _THAI.match(run[0]):
            yield from _parser("thai")(run[0])
        elif _KANA.search(run[0]) or language == "ja":
            yield from _japanese_words(run[0])
        else:
            yield from _parser("simplified_chinese")(run[0])
    yield from _word_pattern().findall(text, at)


def _japanese_words(run: str) -> Iterator[str]:
    for phrase in _parser("japanese")(run):
        word = _ENDING.sub("", phrase)
        if re.search(f"[^{HIRAGANA}]", word):
            yield word


@cache
def _word_pattern() -> re.Pattern[str]:
    """Return what finds a word, with its accents and vowel signs, which `\\w` does not know."""
    marks = "".join(
        chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in _MARKS
    )
    letter = f"[\\w{marks}\u200c\u200d]"
    return re.compile(f"[^\\W_]{letter}*(?:(?:['’-](?=\\w)|(?<=\\d)[.,](?=\\d)){letter}+)*")


_MARKS = ("Mn", "Mc")


@cache
def _stop_words(language: str) -> frozenset[str]:
    """Return words without a meaning of their own.

    wordcloud's list for English is short; that of stopwordsiso has "room" and "system" in it.
    """
    with extra_packages():
        from stopwordsiso import has_lang, stopwords
    if language == _ENGLISH:
        return frozenset(map(_key, import_wordcloud().STOPWORDS)) | ENGLISH_CHAT_WORDS
    return frozenset(map(_key, stopwords(language))) if has_lang(language) else frozenset()


@cache
def _parser(name: str) -> Callable[[str], list[str]]:
    """Return what splits a text that is written without spaces."""
    with extra_packages():
        import budoux
    parsers = {
        "japanese": budoux.load_default_japanese_parser,
        "simplified_chinese": budoux.load_default_simplified_chinese_parser,
        "thai": budoux.load_default_thai_parser,
    }
    parse: Callable[[str], list[str]] = parsers[name]().parse
    return parse
