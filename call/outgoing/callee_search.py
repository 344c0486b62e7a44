"""Callee search: new addresses of the callee of a call whose link is lost. Search thread.

The callee may have another address since its network changed. It is recognized by the tag that
only its known peers can check, by the number of the code that was dialled, or by the name that it
announces. None of these has to be true: the redialer compares the key before it sends anything.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from call.outgoing.resolver import hosts_of, open_search
from core.clock import Deadline
from core.safe_text import shown_name
from core.wake_up import WakeUp
from net.errors import DiscoveryFailed
from net.link.address import HostPort
from net.trust.known_peers import KnownPeers

if TYPE_CHECKING:
    from net.link.advertisement import Advertisement
    from net.link.discovery import Search

_log = logging.getLogger(__name__)

SEARCH_AFTER_S = 1.5
"""Most links are back by then. Before the redialer gives up on a port that refuses, 3 s: it may be
another computer's that has got the callee's former address."""
ROUND_S = 10.0
"""For one search. The next one uses the network interfaces that there are by then."""
STEP_S = 0.5


class CalleeSearch:
    """The search beside one redialer. Use it once.

    Args:
        known: the peers that this user knows, whose advertisements can be recognized.
        fingerprint: of the callee's key.
        name: the callee's name for itself.
        number: of the code that was dialled, or None.
        add: given the addresses of each advertisement that may be the callee's.
    """

    def __init__(
        self,
        known: KnownPeers,
        fingerprint: bytes,
        *,
        name: str,
        number: int | None,
        add: Callable[[Sequence[HostPort]], None],
        make_search: "Callable[[], Search]" = open_search,
    ) -> None:
        self._known = known
        self._fingerprint = fingerprint
        self._name = name
        self._number = number
        self._add = add
        self._make_search = make_search
        self._wake_up = WakeUp()
        self._is_cancelled = False
        self._search: Search | None = None

    def cancel(self) -> None:
        """End `run` soon. Any thread."""
        self._is_cancelled = True
        self._wake_up.wake()
        if self._search is not None:
            self._search.cancel()

    def run(self) -> None:
        """Search until `cancel`. The body of the search thread."""
        try:
            self._wake_up.wait(SEARCH_AFTER_S)
            while not self._is_cancelled:
                deadline = Deadline(ROUND_S)
                try:
                    self._search_once(deadline)
                except DiscoveryFailed as error:  # There is no network now.
                    _log.debug("the search for the callee failed: %s", error)
                if not self._is_cancelled:
                    self._wake_up.wait(STEP_S)
        finally:
            self._wake_up.close()

    def _search_once(self, deadline: Deadline) -> None:
        search = self._search = self._make_search()
        try:
            while not self._is_cancelled and not deadline.has_passed:
                found = search.next(STEP_S)
                hosts = () if found is None else self._hosts_of(found)
                if found is not None and hosts:
                    self._add([HostPort(host, found.port) for host in hosts])
        finally:
            search.close()

    def _hosts_of(self, found: "Advertisement") -> tuple[str, ...]:
        """Return the addresses of an advertisement that may be the callee's; () if it is not."""
        peer = self._known.by_fingerprint(self._fingerprint)
        hosts = () if peer is None else hosts_of(peer, found)
        if hosts:
            return hosts
        has_number = self._number is not None and found.number == self._number
        has_name = bool(found.name) and shown_name(found.name) == self._name
        return found.hosts if has_number or has_name else ()
