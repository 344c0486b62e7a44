"""SPAKE2: both ends prove to each other that they know the same two words, and nobody learns them.

Whoever does not know them gets one guess for each exchange, and nothing to guess with afterwards.
An exchange takes some 20 ms of arithmetic, a guess as well. Runs on any thread; not pure, since it
rolls dice. That both came to the same key is not proven here: see `net/protocol/handshake.py`.

Python's large numbers do not take constant time: a code is short-lived, its guesses are counted,
and answers go out at fixed times.
"""

from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError
from spake2.ed25519_basic import NotOnCurve

from net.errors import ProtocolError
from net.protocol.states import Role

MESSAGE_BYTES = 33
_CALLER, _CALLEE = b"visavis caller", b"visavis callee"


class CodeExchange:
    """One exchange of one end, for one link.

    Args:
        secret: the words.
    """

    def __init__(self, role: Role, secret: bytes) -> None:
        side = SPAKE2_A if role is Role.CALLER else SPAKE2_B
        self._side = side(secret, idA=_CALLER, idB=_CALLEE)
        self.message: bytes = self._side.start()
        """What the other end needs, 33 bytes."""

    def finish(self, message: bytes) -> bytes:
        """Return the key, 32 bytes: the same at both ends if both know the words. Once only.

        Raises:
            ProtocolError: that is no message of the other role.
        """
        if len(message) != MESSAGE_BYTES:
            raise ProtocolError("The other side's half of the code's exchange has another size")
        try:
            key: bytes = self._side.finish(message)
        except (SPAKEError, NotOnCurve, ValueError) as error:
            raise ProtocolError("The other side's half of the code's exchange is none") from error
        return key
