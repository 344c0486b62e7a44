"""Contact search: who can be called from here, for as long as a lobby is open. Its own thread.

It reads the known peers and searches this network in rounds, since listeners leave without a word.
Everything in an advertisement is unproven: a name is cleaned, and only a known peer's tag counts.
"""

import logging
from collections.abc import Callable, Iterable
from threading import Event
from typing import TYPE_CHECKING

from call.inbox import ContactsFound
from call.outgoing.resolver import hosts_of, open_search
from core.clock import Deadline
from core.safe_text import clean_name
from net.errors import NetError
from net.link.address import format_host
from net.link.local_addresses import LOOPBACK, local_addresses
from net.trust.known_peers import KnownPeer, KnownPeers
from ui.lobby_view import MAX_SHOWN, Contact

if TYPE_CHECKING:
    from net.link.advertisement import Advertisement
    from net.link.discovery import Search

_log = logging.getLogger(__name__)

ROUND_S = 2.5
"""Listeners answer within 0.2 s on a quiet network; multicast over Wi-Fi takes a second now and
then."""
FIRST_S = 0.4
"""Peers that have answered by then are shown before the round is over."""
PAUSE_S = 7.5
KEPT_ROUNDS = 2
"""A listener that has not answered in this many rounds has left."""


class ContactSearch:
    """Finds contacts until `close`.

    Args:
        own_port: of this program's listener, which is no contact.
        post: receives the contacts whenever they have changed.
    """

    def __init__(
        self,
        known: KnownPeers,
        own_port: int,
        post: Callable[[ContactsFound], object],
        make_search: Callable[[], "Search"] = open_search,
    ) -> None:
        self._known = known
        self._own_port = own_port
        self._post = post
        self._make_search = make_search
        self._found: dict[tuple[tuple[str, ...], int], tuple[int, Advertisement]] = {}
        """Each listener's advertisement, and the round in which it last answered."""
        self._round = 0
        self._is_closed = Event()
        self._may_run = Event()
        self._may_run.set()
        self._search: Search | None = None
        self._posted: ContactsFound | None = None

    def pause(self) -> None:
        """Leave the network alone during a call. Any thread."""
        self._may_run.clear()

    def resume(self) -> None:
        """Search again. Any thread."""
        self._may_run.set()

    def close(self) -> None:
        """End `run`, soon. Any thread."""
        self._is_closed.set()
        self._may_run.set()
        search = self._search
        if search is not None:
            search.cancel()

    def run(self) -> None:
        """Search in rounds until `close`. The body of the thread."""
        self._tell(is_search_over=False)
        while not self._is_closed.is_set():
            self._may_run.wait()
            self._round += 1
            problem = ""
            try:
                self._search_once()
            except NetError as error:
                _log.debug("no contacts are searched for: %s", error.sentence)
                problem = error.sentence
            if not self._is_closed.is_set():
                self._tell(is_search_over=True, problem=problem)
            self._is_closed.wait(PAUSE_S)

    def _search_once(self) -> None:
        has_told = False
        own_hosts = {LOOPBACK, *(each.address for each in local_addresses())}
        search = self._search = self._make_search()
        try:
            deadline, first = Deadline(ROUND_S), Deadline(FIRST_S)
            while not deadline.has_passed and not self._is_closed.is_set():
                found = search.next(min(deadline.left_s, first.left_s or deadline.left_s))
                if found is not None and not self._is_own(found, own_hosts):
                    self._found[found.hosts, found.port] = self._round, found
                    self._shrink()
                if first.has_passed and not has_told:
                    has_told = True
                    self._tell(is_search_over=self._round > 1)
        finally:
            self._search = None
            search.close()
        oldest = self._round - KEPT_ROUNDS
        self._found = {key: kept for key, kept in self._found.items() if kept[0] > oldest}

    def _shrink(self) -> None:
        while len(self._found) > MAX_SHOWN:
            del self._found[next(iter(self._found))]

    def _is_own(self, found: "Advertisement", own_hosts: set[str]) -> bool:
        return found.port == self._own_port and not own_hosts.isdisjoint(found.hosts)

    def _tell(self, *, is_search_over: bool, problem: str = "") -> None:
        found = [advertisement for _, advertisement in self._found.values()]
        contacts = list_contacts(self._known.all(), found)
        event = ContactsFound(contacts, is_search_over, problem)
        if event != self._posted:
            self._posted = event
            self._post(event)


def list_contacts(
    known: Iterable[KnownPeer], found: "Iterable[Advertisement]"
) -> tuple[Contact, ...]:
    """Return whom the user can call: known peers around, strangers around, then the others."""
    peers = list(known)
    around: dict[str, Contact] = {}
    strangers: list[Contact] = []
    for advertisement in found:
        for peer in peers:
            if hosts := hosts_of(peer, advertisement):
                address = format_host(hosts[0], advertisement.port)
                around[peer.name] = Contact(
                    peer.name, peer.name, advertisement.number, address, is_known=True
                )
                break
        else:
            address = format_host(advertisement.hosts[0], advertisement.port)
            name = clean_name(advertisement.name)
            strangers.append(Contact("", name, advertisement.number, address))
    strangers.sort(key=lambda contact: (not contact.name, contact.name.casefold(), contact.address))
    away = [
        Contact(peer.name, peer.name, is_known=True) for peer in peers if peer.name not in around
    ]
    return (*(around[peer.name] for peer in peers if peer.name in around), *strangers, *away)[
        :MAX_SHOWN
    ]
