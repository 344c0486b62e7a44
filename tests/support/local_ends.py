"""Local ends of handshakes, with real keys."""

from collections.abc import Sequence

from net.protocol.control import Decodable
from net.protocol.local_end import LocalEnd
from net.trust.identity import Identity, verify


def local_end(
    identity: Identity,
    name: str,
    *,
    can_decode: Sequence[Decodable] = (),
    can_hear: Sequence[str] = (),
) -> LocalEnd:
    """Return the local end of the peer with this identity and name."""
    return LocalEnd(
        credentials=identity,
        verify=verify,
        name=name,
        can_decode=list(can_decode),
        can_hear=list(can_hear),
    )
