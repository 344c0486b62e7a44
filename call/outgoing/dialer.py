"""The dial thread: from the code, name or address that the user typed to an accepted call.

Search, look-up and handshake wait for others, which the call thread must not. The dialer tries the
resolver's candidates in turn and stops at the first that rings; `cancel` ends it at once.
"""

import itertools
import logging
from collections.abc import Callable, Iterator
from threading import Event
from typing import Protocol, TypeAlias

from call.inbox import DialInbox, Refused, ThreadEnded, ToldToWait
from call.outgoing.resolver import Candidate, Resolver
from core.threads import Threads
from core.wake_up import WakeUp
from net.errors import DialCancelled, NetError, NotTrusted
from net.link.address import HostPort
from net.protocol.reasons import Reason

_log = logging.getLogger(__name__)

MAX_WAIT_S = 15
"""In all, for listeners that take no code yet, because there were wrong ones before."""


EARLY_LIMIT_S = 3.0
"""An early connection that has not been used by then is closed, and opened again when it may ring.
A listener closes a connection that does not ring within 5 s, and TLS and the hellos take up to 2 s
on a slow link. A busy computer may load for longer than 3 s."""


class Attempt(Protocol):
    """An attempt to call one candidate; see `CallAttempt`."""

    @property
    def is_proven(self) -> bool:
        """True once the candidate has proven that it knows the code."""

    def connect(self) -> None:
        """Connect, which tells the candidate nothing.

        Raises:
            NetError: nothing was reached.
        """

    def close(self) -> None:
        """Close the connection instead of `run`."""

    def run(self) -> Refused | None:
        """Shake hands and ring; return the refusal, or None after an accept or after `cancel`.

        Raises:
            NetError: the attempt failed.
        """

    def cancel(self) -> None:
        """End `run` soon. Any thread."""


MakeAttempt: TypeAlias = Callable[[Candidate, WakeUp, Callable[[], None]], Attempt]
"""Returns an attempt to call a candidate, given its wake-up and a function to call at the ring."""


class Dialer:
    """One call, to one candidate after another. It connects early and rings once it may."""

    def __init__(self, resolver: Resolver, make_attempt: MakeAttempt, inbox: DialInbox) -> None:
        self._resolver = resolver
        self._make_attempt = make_attempt
        self._inbox = inbox
        self._may_ring = Event()
        self._is_cancelled = False
        self._attempt: Attempt | None = None
        self._candidates = resolver.candidates()
        self._later: list[tuple[Candidate, Refused]] = []
        """Candidates that take no code yet, and the refusals that say how long."""
        self._wake_up = WakeUp()

    def start(self, threads: Threads) -> None:
        """Start to search and to connect; `allow_ring` does the rest."""
        threads.start("dial", self.run, lambda error: self._inbox.post(ThreadEnded("dial", error)))

    def allow_ring(self) -> None:
        """Let candidates ring: from now on this end can take an accepted call. Any thread."""
        self._may_ring.set()

    def cancel(self) -> None:
        """End the call at once, with a bye if it rings. Any thread."""
        self._is_cancelled = True
        self._may_ring.set()
        self._resolver.cancel()
        if self._attempt is not None:
            self._attempt.cancel()
        self._wake_up.wake()

    def run(self) -> None:
        """Dial, shake hands, ring, and post the outcome. The body of the dial thread.

        Raises:
            DialError, NotOurProtocol, ProtocolError, NotTrusted, LinkLost: there will be no call.
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
                # A failed proof matters more than a candidate that did not answer.
                if failure is None or isinstance(error, NotTrusted):
                    failure = error
                _log.debug("%s: %s", candidate.target, error.sentence)
                continue
            if refused is None:
                return
            refusals[candidate.target] = refused
            if candidate.expected is not None or is_proven:
                # This is the peer to call. Another may be a stranger with the same number.
                self._candidates.close()
                self._later.clear()
            if refused.reason == Reason.TOO_MANY_WRONG_CODES and refused.wait_s > 0:
                self._later.append((candidate, refused))
        if refusals:
            refused = next(
                (each for each in refusals.values() if each.reason != Reason.WRONG_CODE),
                next(iter(refusals.values())),
            )
            self._inbox.post(refused)
        elif failure is not None:
            raise failure

    def _candidates_for_later(self) -> Iterator[Candidate]:
        """Yield the candidates that take a code soon, each after its wait."""
        left_s = MAX_WAIT_S
        while self._later:
            candidate, refused = self._later.pop(0)
            if refused.wait_s <= left_s:
                left_s -= refused.wait_s
                self._inbox.post(ToldToWait(refused.peer_name, refused.wait_s))
                self._wake_up.wait(refused.wait_s)
                yield candidate

    def _try(self, candidate: Candidate) -> tuple[Refused | None, bool]:
        """Return the refusal, if any, and whether the candidate has proven to know the code."""
        attempt = self._connect(candidate)
        if not self._may_ring.wait(EARLY_LIMIT_S):
            attempt.close()
            self._may_ring.wait()
            attempt = self._connect(candidate)
        return attempt.run(), attempt.is_proven

    def _connect(self, candidate: Candidate) -> Attempt:
        # Once it rings, no other candidate is tried.
        attempt = self._make_attempt(candidate, self._wake_up, self._candidates.close)
        self._attempt = attempt
        if self._is_cancelled:  # `cancel` may have come before there was an attempt.
            attempt.cancel()
        attempt.connect()
        return attempt
