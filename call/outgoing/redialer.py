"""Redialer: dials the callee of a call whose link is lost, until a new link continues the call.

Redial thread. Four times a second it starts an attempt beside those that are still under way: after
a break in the network, the system repeats a connection attempt only seconds later. Each attempt
checks the callee's key before it sends anything, and has its own generation.
"""

import errno
import logging
import selectors
import ssl
from collections.abc import Callable, Iterator, Sequence

from call.inbox import Inbox, LinkResumed, LinkStillHeard, RemoteHungUp
from call.outgoing.resume_attempt import ResumeAttempt
from core.wake_up import WakeUp
from net.errors import LinkLost, NetError
from net.link.address import HostPort
from net.link.tls import client_context
from net.protocol.reasons import Reason
from net.protocol.resume import CallIdentity

_log = logging.getLogger(__name__)

INTERVAL_US = 250_000
"""Half of it is the usual wait after the network's return. An attempt that gets no answer costs a
packet."""
UNREACHABLE_INTERVAL_US = 100_000
"""While this computer has no way to the callee: such an attempt sends nothing."""
MAX_FOUND = 4
"""Addresses that a search has found and that are dialled; a newer one replaces the oldest."""
MAX_TALKING = 2
"""Attempts that have connected; a listener keeps no more of one address."""
REFUSED_LIMIT_US = 3_000_000
"""If every attempt is refused for this long, the other program no longer listens."""
UNKNOWN_LIMIT_US = 1_000_000
"""If the callee knows of no such call for this long, it has given the call up. At the start of a
call it may not have handled our share of the call's identity yet."""
WAIT_S = 0.05
"""The longest wait of the selector, and so the resolution of the time limits."""


class Redialer:
    """The attempts to continue one call after one loss of its link. Use it once.

    Args:
        addresses: numeric, the one that worked first.
        fingerprint: of the callee's key.
        generations: yields the generation of each attempt, higher than any before.
    """

    def __init__(
        self,
        addresses: Sequence[HostPort],
        fingerprint: bytes,
        identity: CallIdentity,
        generations: Iterator[int],
        inbox: Inbox,
        now_us: Callable[[], int],
    ) -> None:
        self._first, *self._others = addresses
        self._found: tuple[HostPort, ...] = ()
        self._fingerprint = fingerprint
        self._identity = identity
        self._generations = generations
        self._inbox = inbox
        self._now_us = now_us
        self._wake_up = WakeUp()
        self._attempts: list[ResumeAttempt] = []
        self._context: ssl.SSLContext = client_context()
        self._rounds = 0
        self._is_unreachable = False
        self._started_us: int | None = None
        self._refused_us: int | None = None
        """Since when every attempt has been refused."""
        self._unknown_us: int | None = None
        """When the callee first knew of no such call."""
        self._is_settled = False
        self._is_cancelled = False
        self._bye_reason: str | None = None
        self._is_leaving = False

    def settle(self) -> None:
        """Drop the attempts that have not proven themselves: the old link is back. Any thread."""
        self._is_settled = True
        self._wake_up.wake()

    def hang_up(self, reason: str) -> None:
        """Say bye on the attempts instead of continuing the call, until the callee has heard it.

        Any thread. Later calls do nothing.
        """
        if self._bye_reason is None:
            self._bye_reason = reason
            self._wake_up.wake()

    def add(self, addresses: Sequence[HostPort]) -> None:
        """Dial these addresses too: a search has found them for the callee. One other thread."""
        known = (self._first, *self._others, *self._found)
        new = tuple(address for address in addresses if address not in known)
        if new:
            _log.debug("the callee may be at %s now", ", ".join(map(str, new)))
            self._found = (*new[:MAX_FOUND], *self._found)[:MAX_FOUND]
            self._rounds = 0

    def cancel(self) -> None:
        """Drop all attempts, because the call is over. Any thread."""
        self._is_cancelled = True
        self._wake_up.wake()

    def run(self) -> None:
        """Dial until a new link continues the call. The body of the redial thread.

        Raises:
            LinkLost: the other program is gone, or is not in this call any more.
        """
        with selectors.DefaultSelector() as selector:
            try:
                selector.register(self._wake_up, selectors.EVENT_READ)
                while not self._is_cancelled and not self._step(selector):
                    pass
            finally:
                for attempt in self._attempts:
                    attempt.close()
                self._wake_up.close()

    def _step(self, selector: selectors.BaseSelector) -> bool:
        """Start attempts that are due, and handle events; return whether all is done."""
        if self._bye_reason is not None and not self._is_leaving:
            self._begin_leaving(selector, self._bye_reason)
        self._drop_repeated(selector)
        if self._is_settled:
            self._drop_unproven(selector)
            if not self._attempts:
                return True
        elif self._is_due():
            self._start_attempts(selector)
        for attempt in self._attempts:
            selector.modify(attempt, attempt.awaited_events, attempt)
        for key, events in selector.select(WAIT_S):
            if key.data is None:
                self._wake_up.clear()
            elif key.data in self._attempts and self._advance(selector, key.data, events):
                return True
        now_us = self._now_us()
        for attempt in [each for each in self._attempts if each.is_late(now_us)]:
            self._drop(selector, attempt)
            self._refused_us = None
        return False

    def _begin_leaving(self, selector: selectors.BaseSelector, reason: str) -> None:
        self._is_leaving = True
        self._started_us = None  # There is little time, so the next attempt is due.
        for attempt in self._attempts[:]:
            try:
                attempt.hang_up(reason)
            except (OSError, NetError):
                self._drop(selector, attempt)

    def _is_due(self) -> bool:
        if self._has_enough:
            return False
        interval_us = UNREACHABLE_INTERVAL_US if self._is_unreachable else INTERVAL_US
        return self._started_us is None or self._now_us() - self._started_us >= interval_us

    def _start_attempts(self, selector: selectors.BaseSelector) -> None:
        """Dial the address that worked, and one of the others in turn."""
        self._started_us = self._now_us()
        others = self._all_others
        dialled = [self._first]
        if others:
            talking = {each.host_port for each in self._attempts if each.is_connected}
            dialled.append(others[self._rounds % len(others)])
            dialled = [address for address in dialled if address not in talking]
        self._rounds += 1
        attempts = len(self._attempts)
        for host_port in dialled:
            self._start_attempt(selector, host_port)
        has_failed = bool(dialled) and len(self._attempts) == attempts
        self._is_unreachable = has_failed and self._refused_us is None

    def _start_attempt(self, selector: selectors.BaseSelector, host_port: HostPort) -> None:
        try:
            attempt = ResumeAttempt(
                host_port,
                self._context,
                self._fingerprint,
                self._identity,
                next(self._generations),
                self._now_us,
            )
        except OSError as error:
            self._note_failure(error)
            return
        if self._bye_reason is not None:
            attempt.hang_up(self._bye_reason)
        self._attempts.append(attempt)
        selector.register(attempt, attempt.awaited_events, attempt)

    def _advance(
        self, selector: selectors.BaseSelector, attempt: ResumeAttempt, events: int
    ) -> bool:
        """Handle the events of an attempt; return whether it continues the call."""
        try:
            attempt.advance(events)
        except (OSError, NetError) as error:
            self._drop(selector, attempt)
            self._note_failure(error)
            return False
        if self._has_enough:
            self._drop_unconnected(selector)
        if attempt.is_accepted:
            self._attempts.remove(attempt)
            selector.unregister(attempt)
            link = attempt.detach()
            resumed = LinkResumed(
                link, self._identity.call_id, attempt.generation, attempt.host_port
            )
            if self._inbox.post(resumed):
                return True
            link.hang_up()
        elif attempt.bye_reason is not None:
            self._inbox.post(RemoteHungUp(self._identity.call_id, attempt.bye_reason))
            return True
        elif attempt.rejection is not None:
            is_over = self._is_over(attempt.rejection)
            self._drop(selector, attempt)
            return is_over
        return False

    def _note_failure(self, error: Exception) -> None:
        """Count the time for which all attempts are refused.

        Raises:
            LinkLost: that has lasted too long.
        """
        _log.debug("an attempt to reconnect failed: %s", error)
        if not isinstance(error, OSError) or error.errno != errno.ECONNREFUSED:
            self._refused_us = None
            return
        now_us = self._now_us()
        if self._refused_us is None:
            self._refused_us = now_us
        elif now_us - self._refused_us >= REFUSED_LIMIT_US and not self._is_settled:
            raise LinkLost(
                "The other program has ended without a goodbye", "ask why, and call again"
            )

    def _is_over(self, rejection: str) -> bool:
        """Return whether a rejection leaves nobody to say bye to; go on if it may change.

        Raises:
            LinkLost: the callee is not in this call any more.
        """
        self._refused_us = None
        if rejection == Reason.LINK_ALIVE:
            self._inbox.post(LinkStillHeard())
        elif rejection == Reason.NO_SUCH_CALL and self._is_leaving:
            self._inbox.post(RemoteHungUp(self._identity.call_id, ""))
            return True
        elif rejection == Reason.NO_SUCH_CALL and not self._is_settled:
            now_us = self._now_us()
            if self._unknown_us is None:
                self._unknown_us = now_us
            elif now_us - self._unknown_us >= UNKNOWN_LIMIT_US:
                raise LinkLost("The other side has given the call up", "call again")
        return False

    @property
    def _all_others(self) -> tuple[HostPort, ...]:
        return (*self._found, *self._others)

    @property
    def _has_enough(self) -> bool:
        return sum(attempt.is_connected for attempt in self._attempts) >= MAX_TALKING

    def _drop_unconnected(self, selector: selectors.BaseSelector) -> None:
        """Drop attempts that would evict those that talk."""
        for attempt in [each for each in self._attempts if not each.is_connected]:
            self._drop(selector, attempt)

    def _drop_repeated(self, selector: selectors.BaseSelector) -> None:
        """Keep one attempt of each address that talks, if there are other addresses.

        Otherwise one that connects and then stays silent, such as a proxy, would keep them out.
        """
        if not self._all_others:
            return
        talking: set[HostPort] = set()
        for attempt in [each for each in self._attempts if each.is_connected]:
            if attempt.host_port in talking and not attempt.has_proven:
                self._drop(selector, attempt)
            talking.add(attempt.host_port)

    def _drop_unproven(self, selector: selectors.BaseSelector) -> None:
        for attempt in [each for each in self._attempts if not each.has_proven]:
            self._drop(selector, attempt)

    def _drop(self, selector: selectors.BaseSelector, attempt: ResumeAttempt) -> None:
        self._attempts.remove(attempt)
        selector.unregister(attempt)
        attempt.close()
