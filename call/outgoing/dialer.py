"""The dial thread: a caller's way from what the person typed to an accepted call, or to why not.

It exists because search, look-up and handshake wait for others, and the call thread must not. It
tries its resolver's candidates in turn and stops at the first that rings; `cancel` ends it at once.
"""

import itertools
import logging
from collections.abc import Callable, Iterator

from call.inbox import Inbox, Refused, ToldToWait
from call.local_peer import LocalPeer
from call.outgoing.call_attempt import CallAttempt
from call.outgoing.resolver import Candidate, Resolver
from core.wake_up import WakeUp
from net.errors import DialCancelled, NetError, NotTrusted
from net.link.address import HostPort
from net.link.connector import StartThread
from net.protocol.reasons import Reason
from net.trust.known_peers import KnownPeers

_log = logging.getLogger(__name__)

MAX_WAIT_S = 15
"""In all, for listeners that take no code yet, because there were wrong ones before."""


class Dialer:
    """One call to somebody.

    Args:
        start_thread: for a look-up, which cannot be interrupted.
        known: whom this user knows.
        silence_timeout_us: after which a callee counts as gone.
    """

    def __init__(
        self,
        resolver: Resolver,
        start_thread: StartThread,
        local_peer: LocalPeer,
        known: KnownPeers,
        inbox: Inbox,
        now_us: Callable[[], int],
        *,
        silence_timeout_us: int,
    ) -> None:
        self._resolver = resolver
        self._start_thread = start_thread
        self._local_peer = local_peer
        self._known = known
        self._inbox = inbox
        self._now_us = now_us
        self._silence_timeout_us = silence_timeout_us
        self._is_cancelled = False
        self._attempt: CallAttempt | None = None
        self._candidates = resolver.candidates()
        self._later: list[tuple[Candidate, Refused]] = []
        """Who takes no code from us yet, and says how long."""
        self._wake_up = WakeUp()

    def cancel(self) -> None:
        """End it at once, with a word to the other side. Any thread."""
        self._is_cancelled = True
        self._resolver.cancel()
        if self._attempt is not None:
            self._attempt.cancel()
        self._wake_up.wake()

    def run(self) -> None:
        """Dial, shake hands, ring, and post how it went. The body of the dial thread.

        Raises:
            DialError, NotOurProtocol, ProtocolError, NotTrusted, LinkLost: why there will be no
                call.
        """
        try:
            self._try_candidates()
        except DialCancelled:
            _log.debug("dialling was cancelled")
        finally:
            self._wake_up.close()

    def _try_candidates(self) -> None:
        failure: NetError | None = None
        refusals: dict[HostPort, Refused] = {}
        for candidate in itertools.chain(self._candidates, self._candidates_for_later()):
            if self._is_cancelled:
                return
            refusals.pop(candidate.target, None)
            try:
                refused, is_proven = self._try(candidate)
            except DialCancelled:
                raise
            except NetError as error:
                # A code that was proven wrong says more than a candidate that is not there.
                if failure is None or isinstance(error, NotTrusted):
                    failure = error
                _log.debug("%s: %s", candidate.target, error.sentence)
                continue
            if refused is None:
                return
            refusals[candidate.target] = refused
            if candidate.expected is not None or is_proven:
                # Nobody else is meant. Otherwise it may be a stranger's with the same number.
                self._candidates.close()
                self._later.clear()
            if refused.reason == Reason.TOO_MANY_WRONG_CODES and refused.wait_s > 0:
                self._later.append((candidate, refused))
        if refusals:
            said = list(refusals.values())
            self._inbox.post(
                next((one for one in said if one.reason != Reason.WRONG_CODE), said[0])
            )
        elif failure is not None:
            raise failure

    def _candidates_for_later(self) -> Iterator[Candidate]:
        """Yield those that take a code soon, when they do."""
        left_s = MAX_WAIT_S
        while self._later:
            candidate, refused = self._later.pop(0)
            if refused.wait_s <= left_s:
                left_s -= refused.wait_s
                self._inbox.post(ToldToWait(refused.peer_name, refused.wait_s))
                self._wake_up.wait(refused.wait_s)
                yield candidate

    def _try(self, candidate: Candidate) -> tuple[Refused | None, bool]:
        """Return what became of it, and whether the candidate has proven that it knows the code."""
        attempt = self._attempt = CallAttempt(
            candidate,
            self._start_thread,
            self._local_peer,
            self._known,
            self._inbox,
            self._now_us,
            self._wake_up,
            on_ring=self._candidates.close,  # Nobody else is meant any more.
            silence_timeout_us=self._silence_timeout_us,
        )
        if self._is_cancelled:  # Before it could be told.
            attempt.cancel()
        return attempt.run(), attempt.is_proven
