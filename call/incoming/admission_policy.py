"""Admission policy: who may ring, and how often a call code may be guessed.

Listen thread, except for the attributes that the call thread sets.
"""

import hmac
import math
from dataclasses import dataclass, field

from call.incoming.measurement_limit import MeasurementLimit
from call.incoming.ring_rate_limit import RingRateLimit
from call.remote_peer import RemotePeer, remote_peer_of
from core.safe_text import shown_name
from net.protocol.handshake import Exchange, Handshake
from net.protocol.reasons import Reason
from net.protocol.resume import CallIdentity
from net.protocol.states import Role
from net.trust.call_code import CallCode
from net.trust.guess_limit import GuessLimit
from net.trust.known_peers import KnownPeer, KnownPeers
from ui.view import Trust

MAX_HUNG_UP = 4
"""Calls that we hung up and still answer for; one has no link for a minute at most."""


@dataclass(frozen=True, slots=True)
class HungUpCall:
    """A call that we hung up, and whose caller may not know it.

    Attributes:
        bye_reason: of our bye.
    """

    identity: CallIdentity = field(repr=False)
    bye_reason: str


class AdmissionPolicy:
    """The rules of one listener.

    Args:
        code: the call code that lets a caller ring.
        is_open: whether callers may ring who neither know the code nor are known.
    Attributes:
        guesses: the wrong codes, and the wait that follows from them.
        rings: the abandoned rings, and the wait that follows from them.
        measurements: the measurements of goodput, and the wait that follows from them.
        do_not_disturb: nobody may ring. Set by the call thread.
        is_engaged: this user calls somebody or is in a call, whichever end began it. Set by the
            call thread of a lobby.
        may_guess_again: the user has allowed codes again. Set by the call thread, and cleared by
            the listen thread when it applies.
        present_call: the identity of the present call, whose caller may resume it. Set by the call
            thread.
        held_for: the fingerprint of the peer whose call has lost its link, and which may ring to
            replace it; b"" for none. Set by the call thread.
    """

    def __init__(
        self, code: CallCode, known: KnownPeers, own_fingerprint: bytes, *, is_open: bool
    ) -> None:
        self.code = code
        self.is_open = is_open
        self.guesses = GuessLimit()
        self.rings = RingRateLimit()
        self.measurements = MeasurementLimit()
        self.do_not_disturb = False
        self.is_engaged = False
        self.may_guess_again = False
        self.present_call: CallIdentity | None = None
        self._hung_up: tuple[HungUpCall, ...] = ()
        self.held_for = b""
        self._known = known
        self._own_fingerprint = own_fingerprint

    def find_refusal(self, fingerprint: bytes, *, is_in_call: bool, is_ringing: bool) -> str:
        """Return the reason why a caller may not ring now, or "".

        Args:
            fingerprint: the caller's; b"" before it has proven its key.
        """
        if self.do_not_disturb:
            return Reason.DO_NOT_DISTURB
        held_for = self.held_for
        is_replacing = bool(held_for) and fingerprint in (b"", held_for)
        return Reason.BUSY if is_ringing or (is_in_call and not is_replacing) else ""

    def find_measurement_refusal(
        self, *, is_in_call: bool, is_ringing: bool, is_measuring: bool
    ) -> str:
        """Return the reason why nobody may measure goodput now, or "".

        Args:
            is_measuring: whether another caller does.
        """
        if self.do_not_disturb:
            return Reason.DO_NOT_DISTURB
        if is_in_call or is_ringing or self.is_engaged:
            return Reason.BUSY
        return Reason.MEASURING if is_measuring else ""

    def find_known(self, fingerprint: bytes) -> KnownPeer | None:
        """Return the known peer with this key, which alone may measure goodput; or None."""
        return self._known.by_fingerprint(fingerprint)

    def find_call(self, call_id: bytes) -> CallIdentity | None:
        """Return the identity of the call with this id: present, or hung up by us; or None."""
        present = self.present_call
        calls = [call.identity for call in self._hung_up] + ([] if present is None else [present])
        return next((it for it in calls if hmac.compare_digest(it.call_id, call_id)), None)

    def note_hung_up(self, identity: CallIdentity, bye_reason: str) -> None:
        """Remember a call that we hung up, for a caller that asks to continue it. Call thread."""
        if self.bye_reason(identity.call_id) is None:
            self._hung_up = (*self._hung_up, HungUpCall(identity, bye_reason))[-MAX_HUNG_UP:]

    def bye_reason(self, call_id: bytes) -> str | None:
        """Return the reason with which we hung up a call; None if we did not. Any thread."""
        for call in self._hung_up:
            if hmac.compare_digest(call.identity.call_id, call_id):
                return call.bye_reason
        return None

    @property
    def blocks_codes(self) -> bool:
        """True when no code is accepted until the user allows it."""
        return self.guesses.is_exhausted and not self.may_guess_again

    def code_wait_s(self, source: str, now_us: int) -> int | None:
        """Return the seconds until a source may guess a code; None if the user must allow it."""
        if self.may_guess_again:
            self.may_guess_again = False
            self.guesses.allow()
        if self.guesses.is_exhausted:
            return None
        return math.ceil(self.guesses.wait_us(source, now_us) / 1e6)

    def prepare(self) -> None:
        """Load the arithmetic of a code exchange, so that the first caller does not wait for it."""
        self.make_exchange()

    def make_exchange(self) -> Exchange:
        """Return the callee's side of a SPAKE2 exchange, for one link."""
        # Imported here: it takes 0.1 s, which the listen thread spends before anybody calls.
        from net.trust.code_exchange import CodeExchange

        return CodeExchange(Role.CALLEE, self.code.secret)

    def identify(self, handshake: Handshake, address: str) -> RemotePeer:
        """Return the caller of a handshake that has come to its ring."""
        known = self._known.by_fingerprint(handshake.peer_fingerprint)
        name = shown_name(handshake.peer_name)
        namesake = self._known.namesake(name, handshake.peer_fingerprint)
        return remote_peer_of(
            handshake, address, known, namesake, own_fingerprint=self._own_fingerprint
        )

    def may_ring(self, caller: RemotePeer) -> bool:
        """Return whether a caller may ring."""
        return self.is_open or caller.trust is not Trust.NONE
