"""Claims about net/trust/discovery_tag.py."""

from net.trust.discovery_tag import TAG_BYTES, discovery_tag, is_tagged

SECRET, NONCE = b"s" * 32, b"n" * 16
V4, V6 = "192.168.1.7", "fe80::1"


def test_right_tag_is_recognized_among_others() -> None:
    tags = b"".join(discovery_tag(SECRET, NONCE, address, 5000) for address in (V6, V4))
    assert is_tagged(SECRET, NONCE, tags, V4, 5000)
    assert is_tagged(SECRET, NONCE, tags, "fe80::1%eth0", 5000)


def test_tag_is_valid_for_one_secret_nonce_address_and_port() -> None:
    tag = discovery_tag(SECRET, NONCE, V4, 5000)
    assert len(tag) == TAG_BYTES
    assert not is_tagged(b"t" * 32, NONCE, tag, V4, 5000)
    assert not is_tagged(SECRET, b"m" * 16, tag, V4, 5000)
    assert not is_tagged(SECRET, NONCE, tag, "192.168.1.8", 5000)
    assert not is_tagged(SECRET, NONCE, tag, V4, 5001)
    assert not is_tagged(SECRET, NONCE, tag[:8], V4, 5000)
    assert not is_tagged(SECRET, NONCE, b"", V4, 5000)
