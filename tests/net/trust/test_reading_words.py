"""Claims about net/trust/reading_words.py."""

from net.trust.call_code import word_list
from net.trust.reading_words import reading_words


def test_digest_yields_four_words_of_the_list() -> None:
    words = reading_words(bytes(range(100, 132))).split(" ")
    assert len(words) == 4
    assert set(words) <= set(word_list())


def test_first_bits_select_the_first_word() -> None:
    words = word_list()
    digest = ((5 << 33 | 6 << 22 | 7 << 11 | 8) << (256 - 44)).to_bytes(32, "big")
    assert reading_words(digest) == " ".join((words[5], words[6], words[7], words[8]))
    assert reading_words(bytes(32)) == " ".join([words[0]] * 4)
    assert reading_words(b"\xff" * 32) == " ".join([words[-1]] * 4)


def test_each_of_the_44_bits_changes_a_word() -> None:
    digest = bytes(32)
    for bit in range(44):
        changed = bytearray(digest)
        changed[bit // 8] ^= 0x80 >> bit % 8
        assert reading_words(bytes(changed)) != reading_words(digest)
