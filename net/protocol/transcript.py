"""The transcript of a link, which proofs and confirmations cover. Pure: no I/O, no clock."""

import hashlib
import hmac

from net.protocol.control import PROTOCOL_VERSION
from net.protocol.states import Role

LABEL = b"visavis caller's proof"
CODE_LABEL = b"visavis caller's proof, with a code"
GOODPUT_LABEL = b"visavis caller's proof, to measure goodput"
WORDS_LABEL = b"visavis words to read aloud"
CONFIRM_LABELS = {
    Role.CALLER: b"visavis caller's confirmation",
    Role.CALLEE: b"visavis callee's confirmation",
}


def commitment(nonce: bytes) -> bytes:
    """Return the hash that the caller's hello carries instead of its nonce."""
    return hashlib.sha256(nonce).digest()


def transcript(
    caller_hello: bytes,
    callee_hello: bytes,
    caller_nonce: bytes,
    caller_fingerprint: bytes,
    callee_fingerprint: bytes,
    *,
    label: bytes = LABEL,
) -> bytes:
    """Return the bytes that a proof signs: each part, preceded by its length."""
    return joined(
        label,
        PROTOCOL_VERSION.to_bytes(8, "big"),
        caller_hello,
        callee_hello,
        caller_nonce,
        caller_fingerprint,
        callee_fingerprint,
    )


def confirmation(
    key: bytes, role: Role, signed: bytes, caller_half: bytes, callee_half: bytes
) -> bytes:
    """Return the MAC with which a role confirms the key of a code exchange.

    Args:
        signed: the bytes that the caller's proof signs.
    """
    parts = joined(CONFIRM_LABELS[role], signed, caller_half, callee_half)
    return hmac.digest(key, parts, "sha256")


def joined(*parts: bytes) -> bytes:
    """Return the parts, each preceded by its length, so that no two lists give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
