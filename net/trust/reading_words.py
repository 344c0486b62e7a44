"""Four words that two people read to each other. Pure.

Both ends make them of what their link has in common (`Handshake.session_digest`). Whoever sits
between two links has two digests, and cannot choose either; 44 bits leave one chance in 17 million
million.
"""

from net.trust.call_code import word_list

WORDS = 4
BITS = 11


def reading_words(digest: bytes) -> str:
    """Return the words of a digest, with blanks between.

    Args:
        digest: 32 bytes, of which the first 44 bits are used.
    """
    words = word_list()
    number = int.from_bytes(digest, "big") >> (8 * len(digest) - WORDS * BITS)
    shifts = range((WORDS - 1) * BITS, -1, -BITS)
    return " ".join(words[number >> shift & ((1 << BITS) - 1)] for shift in shifts)
