"""Who may ring: the code, the known peers, and how often may be guessed. The listen thread's.

The call thread changes what is marked so; everything else belongs to the listen thread.
"""

import math
from collections.abc import Callable

from call.incoming.ring_rate_limit import RingRateLimit
from call.remote_peer import RemotePeer, remote_peer_of
from core.safe_text import shown_name
from net.protocol.handshake import Exchange, Handshake
from net.protocol.reasons import Reason
from net.protocol.states import Role
from net.trust.call_code import CallCode
from net.trust.guess_limit import GuessLimit
from net.trust.known_peers import KnownPeers
from ui.view import Trust


class AdmissionPolicy:
    """The rules of one listener.

    Args:
        code: what callers prove to know.
        is_open: whether those are taken who know no code and are not known.
    """

    def __init__(
        self, code: CallCode, known: KnownPeers, own_fingerprint: bytes, *, is_open: bool
    ) -> None:
        self.code = code
        self.is_open = is_open
        self.guesses = GuessLimit()
        self.rings = RingRateLimit()
        self.is_quiet = False
        """Do not disturb: nobody may ring. Set by the call thread."""
        self.may_guess_again = False
        """A person said so. Set by the call thread, taken by the listen thread."""
        self._known = known
        self._own_fingerprint = own_fingerprint

    def turns_away(self, *, is_busy: Callable[[], bool]) -> str:
        """Return why nobody may ring now, or nothing; asked after hello."""
        if self.is_quiet:
            return Reason.DO_NOT_DISTURB
        return Reason.BUSY if is_busy() else ""

    @property
    def takes_no_codes(self) -> bool:
        """Whether a person has to say that codes may be taken, and has not said so yet."""
        return self.guesses.is_exhausted and not self.may_guess_again

    def wait_s(self, source: str, now_us: int) -> int | None:
        """Return after how many seconds that address may guess; None until a person says so."""
        if self.may_guess_again:
            self.may_guess_again = False
            self.guesses.allow()
        if self.guesses.is_exhausted:
            return None
        return math.ceil(self.guesses.wait_us(source, now_us) / 1e6)

    def make_exchange(self) -> Exchange:
        """Return our half of an exchange, for one link."""
        # Only here: it takes 0.1 s to import, and many listeners do without.
        from net.trust.code_exchange import CodeExchange

        return CodeExchange(Role.CALLEE, self.code.secret)

    def see(self, handshake: Handshake, address: str) -> RemotePeer:
        """Return who it is that has come to its ring."""
        known = self._known.by_fingerprint(handshake.peer_fingerprint)
        name = shown_name(handshake.peer_name)
        namesake = self._known.namesake(name, handshake.peer_fingerprint)
        return remote_peer_of(
            handshake, address, known, namesake, own_fingerprint=self._own_fingerprint
        )

    def may_ring(self, caller: RemotePeer) -> bool:
        """Whether that caller may ring."""
        return self.is_open or caller.trust is not Trust.NONE
