"""The four words that two people compare aloud. Pure: no I/O, no clock.

Both peers derive them from their link's `Handshake.session_digest`. A relay between two links has
two digests and can choose neither; their 44 bits match with a chance of one in 17 million million.
"""

from net.trust.call_code import word_list

WORDS = 4
BITS = 11


def reading_words(digest: bytes) -> str:
    """Return the words of a digest, separated by blanks.

    Args:
        digest: 32 bytes; the first 44 bits select the words.
    """
    words = word_list()
    number = int.from_bytes(digest, "big") >> (8 * len(digest) - WORDS * BITS)
    shifts = range((WORDS - 1) * BITS, -1, -BITS)
    return " ".join(words[number >> shift & ((1 << BITS) - 1)] for shift in shifts)
