"""The probe: the opening of a handshake that never rings. Pure: no I/O, no clock, no randomness.

    caller                              callee
      hello (padded to a size)     ->
                                   <-  hello
      bye                          ->

The padding is an unknown field, which every version ignores. A callee that answers has received all
of it, so the path carries packets as large as the padding fills. The bye ends the link before any
proof: nobody is asked, and nobody learns who called.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from net.protocol.control import PROTOCOL_VERSION, Bye, Control, Hello, encode_control
from net.protocol.states import Direction, Role, State, next_state
from net.protocol.transcript import commitment

MAX_PADDING_BYTES = 8192


class _PaddedHello(Hello, frozen=True, tag="hello"):
    """A hello with bytes that say nothing."""

    padding: Annotated[bytes, Meta(max_length=MAX_PADDING_BYTES)] = b""


class Probe:
    """One probe, from the caller's hello to the bye.

    Args:
        name: this peer's name, or "" to withhold it.
        nonce: 32 random bytes.
        padding_bytes: at most `MAX_PADDING_BYTES`.
    Attributes:
        answer: the callee's hello; None before it arrives.
    """

    def __init__(self, *, name: str, nonce: bytes, padding_bytes: int) -> None:
        self.state = State.AWAITS_HELLO
        self.answer: Hello | None = None
        padding = bytes(padding_bytes)
        self._hello = _PaddedHello(PROTOCOL_VERSION, name, commitment(nonce), padding=padding)

    def start(self) -> list[bytes]:
        """Return the payload of the hello."""
        return [msgspec.msgpack.encode(self._hello)]

    def send(self, control: Control) -> bytes:
        """Return the payload of a control message.

        Raises:
            ValueError: the state does not allow it; a bug in this program.
        """
        self.state = next_state(Role.CALLER, self.state, Direction.OUT, control)
        return encode_control(control)

    def receive(self, control: Control, payload: bytes) -> list[bytes]:
        """Handle a message of the callee, and return the payloads that answer it.

        Raises:
            ProtocolError: the callee may not send it now.
        """
        self.state = next_state(Role.CALLER, self.state, Direction.IN, control)
        if not isinstance(control, Hello):
            return []
        self.answer = control
        return [self.send(Bye())]
