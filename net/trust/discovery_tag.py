"""By what a known peer's advertisement is recognized, and by nobody else. Pure.

    tag = HMAC-SHA256(discovery secret, nonce, address, port), its first 16 bytes

The nonce is new for each advertisement, so that two of one peer have nothing in common for those
who do not know its secret. Address and port are covered, so that nobody can send a copy of it from
elsewhere. Being recognized is a hint: the key proves who it is.
"""

import hmac
import ipaddress

NONCE_BYTES = 16
TAG_BYTES = 16
_LABEL = b"visavis discovery"


def discovery_tag(secret: bytes, nonce: bytes, address: str, port: int) -> bytes:
    """Return the tag of one address.

    Args:
        secret: 32 bytes, of the one who advertises.
        address: IPv4, or IPv6 with or without its zone, which does not count.
    """
    packed = ipaddress.ip_address(address.partition("%")[0]).packed
    parts = _LABEL + nonce + len(packed).to_bytes(1, "big") + packed + port.to_bytes(2, "big")
    return hmac.digest(secret, parts, "sha256")[:TAG_BYTES]


def is_tagged(secret: bytes, nonce: bytes, tags: bytes, address: str, port: int) -> bool:
    """Whether one of the tags, which stand one after another, is that of the address."""
    if len(nonce) != NONCE_BYTES:
        return False
    wanted = discovery_tag(secret, nonce, address, port)
    return any(
        hmac.compare_digest(wanted, tags[at : at + TAG_BYTES])
        for at in range(0, len(tags), TAG_BYTES)
    )
