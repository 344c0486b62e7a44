"""Call codes, such as `7-rabbit-lamp`: a number to find the listener, and two words as the secret.

Pure, except that `draw_code` draws random numbers. The words are the English list of BIP 39: 2048
words, so two hold 22 bits. No two words share their first four letters, and few sound alike.
"""

import difflib
import functools
import re
import secrets
import unicodedata

import msgspec
from mnemonic import Mnemonic

LARGEST_NUMBER = 99
"""The largest number drawn: more than the listeners of one network, and short to read aloud."""
MAX_SUGGESTIONS = 3
"""The maximum for each unknown word."""
MAX_CHARACTERS = 256
_CODE = re.compile(r"(\d+)-([a-z]+)-([a-z]+)", re.ASCII)
_BEGINNING = re.compile(r"(\d{1,9})(?:-([a-z]+))?", re.ASCII)


class CallCode(msgspec.Struct, frozen=True):
    """A drawn code, or a typed one, whose words may not be on the list."""

    number: int
    words: tuple[str, str]

    def __str__(self) -> str:
        return "-".join((str(self.number), *self.words))

    @property
    def secret(self) -> bytes:
        """The words; each peer proves that it knows them."""
        return "-".join(self.words).encode()


def draw_code() -> CallCode:
    """Return a new random code."""
    words = word_list()
    return CallCode(
        1 + secrets.randbelow(LARGEST_NUMBER), (secrets.choice(words), secrets.choice(words))
    )


def is_code(text: str) -> bool:
    """Return whether typed text is a code rather than a name or a host."""
    # Upper case counts too: the user means a code, and no name server may see it.
    return _CODE.fullmatch(text.strip().lower()) is not None


def parse_code(text: str) -> CallCode:
    """Return the code that a user typed, ignoring case and surrounding blanks.

    Raises:
        ValueError: the text is not a code; the message is a sentence for the user.
    """
    match = _CODE.fullmatch(text.strip().lower())
    if match is None or len(text) > MAX_CHARACTERS:
        raise ValueError(
            f"{text[:MAX_CHARACTERS]!r} is not a call code; call codes look like 7-rabbit-lamp"
        )
    number, first, second = match.groups()
    return CallCode(int(number), (first, second))


def probable_code(text: str) -> CallCode | None:
    """Return the code that a near miss probably meant, or None.

    A near miss has other dashes, blanks or a port. Never look it up as a host, so that no name
    server sees it.
    """
    match = _CODE.fullmatch(_plain(text))
    if match is None:
        return None
    # No host and hardly a name has blanks between a number and two words.
    least = 1 if len(text.split()) > 1 else 2
    if len([word for word in match.groups()[1:] if word in word_list()]) < least:
        return None
    return CallCode(int(match[1]), (match[2], match[3]))


def count_missing_words(text: str) -> int:
    """Return how many words a typed text lacks to be a code; 0 if it is none.

    A host may begin with a number too: only a word of the list makes it the beginning of a code.
    """
    match = _BEGINNING.fullmatch(_plain(text))
    if match is None or int(match[1]) > LARGEST_NUMBER:
        return 0
    if match[2] is None:
        return 2
    return 1 if match[2] in word_list() else 0


def unknown_words(code: CallCode) -> dict[str, tuple[str, ...]]:
    """Return the words of a code that are not on the list, each with similar words from the list.

    The program suggests the similar words but never tries them, since each try costs a guess.
    """
    words = word_list()
    return {
        word: tuple(difflib.get_close_matches(word, words, n=MAX_SUGGESTIONS))
        for word in code.words
        if word not in words
    }


@functools.cache
def word_list() -> tuple[str, ...]:
    """Return the 2048 words from which codes are drawn."""
    return tuple(Mnemonic("english").wordlist)


def _plain(text: str) -> str:
    """Return a text with plain dashes instead of blanks and other dashes, in small letters."""
    dashed = re.sub(r"[-_\s\u2010-\u2015\u2212]+", "-", unicodedata.normalize("NFKC", text).strip())
    return re.sub(r"(:\d*|\.)$", "", dashed).lower().strip("-")
