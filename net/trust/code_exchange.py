"""The SPAKE2 exchange, which proves that two peers know the same code words. Any thread.

It reveals the words to nobody. An attacker has one guess for each exchange, and learns nothing that
helps to guess offline. An exchange takes some 20 ms of arithmetic at either end. It is not pure,
since it draws random numbers. `net/protocol/handshake.py` confirms that both peers have the same
key.

Python's arithmetic with large integers does not run in constant time. That is acceptable, because
a code is short-lived, its guesses are counted, and answers are sent at fixed times.
"""

from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError
from spake2.ed25519_basic import NotOnCurve

from net.errors import ProtocolError
from net.protocol.states import Role

MESSAGE_BYTES = 33
_CALLER, _CALLEE = b"visavis caller", b"visavis callee"


class CodeExchange:
    """One peer's side of an exchange, for one link.

    Args:
        secret: the code's words, as `CallCode.secret` returns them.
    """

    def __init__(self, role: Role, secret: bytes) -> None:
        side = SPAKE2_A if role is Role.CALLER else SPAKE2_B
        self._side = side(secret, idA=_CALLER, idB=_CALLEE)
        self.message: bytes = self._side.start()
        """The half to send to the peer, 33 bytes."""

    def finish(self, message: bytes) -> bytes:
        """Return the key, 32 bytes, which both peers share if both know the words.

        Call it only once.

        Args:
            message: the peer's half.
        Raises:
            ProtocolError: the half is not valid for the peer's role.
        """
        if len(message) != MESSAGE_BYTES:
            raise ProtocolError("The other side's half of the code exchange has the wrong size")
        try:
            key: bytes = self._side.finish(message)
        except (SPAKEError, NotOnCurve, ValueError) as error:
            raise ProtocolError(
                "The other side's half of the code exchange is not valid"
            ) from error
        return key
