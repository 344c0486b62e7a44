"""Call codes, such as `7-rabbit-lamp`: a number to be found by, and two words that are the secret.

Pure but for the dice, which are `secrets`. The words are the English list of BIP 39: 2048, so two
hold 22 bits; no two begin with the same four letters, and few are alike to the ear.
"""

import difflib
import functools
import re
import secrets
import unicodedata
from dataclasses import dataclass

from mnemonic import Mnemonic

LARGEST_NUMBER = 99
"""Of those that are drawn: more listeners than one network has, and short to read aloud."""
MAX_NEAREST = 3
MAX_CHARACTERS = 256
_CODE = re.compile(r"(\d+)-([a-z]+)-([a-z]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallCode:
    """A code that was drawn, or that a person typed; then its words may be on no list."""

    number: int
    words: tuple[str, str]

    def __str__(self) -> str:
        return "-".join((str(self.number), *self.words))

    @property
    def secret(self) -> bytes:
        """What both ends prove to know."""
        return "-".join(self.words).encode()


def draw_code() -> CallCode:
    """Return a new code, which nobody can guess."""
    words = word_list()
    return CallCode(
        1 + secrets.randbelow(LARGEST_NUMBER), (secrets.choice(words), secrets.choice(words))
    )


def is_code(text: str) -> bool:
    """Whether what a person typed is to be read as a code, and not as a name or a host."""
    # In capitals too: whoever types them means the code, and it must not be asked of a name server.
    return _CODE.fullmatch(text.strip().lower()) is not None


def parse_code(text: str) -> CallCode:
    """Return the code that a person typed; capitals and blanks around it do not count.

    Raises:
        ValueError: it is none; the message is a sentence for the person.
    """
    match = _CODE.fullmatch(text.strip().lower())
    if match is None or len(text) > MAX_CHARACTERS:
        raise ValueError(
            f"{text[:MAX_CHARACTERS]!r} is no call code, which looks like 7-rabbit-lamp"
        )
    number, first, second = match.groups()
    return CallCode(int(number), (first, second))


def meant_code(text: str) -> CallCode | None:
    """Return the code that was meant by what is none to the letter, and no host either.

    Such as one with other dashes, blanks, or a port: a name server has no business with it.
    """
    plain = re.sub(r"[-_\s\u2010-\u2015\u2212]+", "-", unicodedata.normalize("NFKC", text).strip())
    match = _CODE.fullmatch(re.sub(r"(:\d*|\.)$", "", plain).lower())
    if match is None or not {match[2], match[3]} <= set(word_list()):
        return None
    return CallCode(int(match[1]), (match[2], match[3]))


def spelling_hint(code: CallCode) -> str:
    """Return what is wrong with the words of a code, and the nearest ones; nothing if both exist.

    They are offered, and never tried: a guess is the person's to make.
    """
    words = word_list()
    unknown = [word for word in code.words if word not in words]
    if not unknown:
        return ""
    near = [
        " or ".join(found)
        for word in unknown
        if (found := difflib.get_close_matches(word, words, n=MAX_NEAREST))
    ]
    meant = f"; is {' and '.join(near)} meant?" if near else ""
    return f"no call code has the word {' or '.join(unknown)}{meant}"


@functools.cache
def word_list() -> tuple[str, ...]:
    """Return the list that words are drawn from."""
    return tuple(Mnemonic("english").wordlist)
