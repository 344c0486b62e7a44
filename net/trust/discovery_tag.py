"""Discovery tags, with which only known peers recognize an advertisement. Pure: no I/O, no clock.

    tag = the first 16 bytes of HMAC-SHA256(discovery secret, nonce, address, port)

Each advertisement has a new nonce, so that nobody without the secret can link two advertisements of
one peer. The tag covers address and port, so that nobody can replay it from elsewhere. It is only
a hint; the peer's key proves who it is.
"""

import hmac
import ipaddress

NONCE_BYTES = 16
TAG_BYTES = 16
_LABEL = b"visavis discovery"


def discovery_tag(secret: bytes, nonce: bytes, address: str, port: int) -> bytes:
    """Return the tag of one address.

    Args:
        secret: the advertising peer's discovery secret, 32 bytes.
        address: IPv4, or IPv6, whose zone is ignored.
    """
    packed = ipaddress.ip_address(address.partition("%")[0]).packed
    parts = _LABEL + nonce + len(packed).to_bytes(1, "big") + packed + port.to_bytes(2, "big")
    return hmac.digest(secret, parts, "sha256")[:TAG_BYTES]


def is_tagged(secret: bytes, nonce: bytes, tags: bytes, address: str, port: int) -> bool:
    """Return whether one of the concatenated tags matches the address."""
    if len(nonce) != NONCE_BYTES:
        return False
    wanted = discovery_tag(secret, nonce, address, port)
    return any(
        hmac.compare_digest(wanted, tags[at : at + TAG_BYTES])
        for at in range(0, len(tags), TAG_BYTES)
    )
