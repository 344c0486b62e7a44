"""`peer.py find`: the listeners on this network, and which of them this user knows."""

from call.outgoing.resolver import hosts_of
from cli.table import print_table
from core.clock import Deadline
from core.safe_text import clean_name
from core.user_folders import data_folder
from net.link.address import format_host
from net.link.advertisement import Advertisement
from net.link.discovery import Search
from net.trust.known_peers import KnownPeer, KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE

SEARCH_S = 2.0
MAX_LINES = 256
HEADINGS = ("code begins with", "address", "name", "do you know them?")


def run_find() -> int:
    """Print a table of the listeners: number, address, name, known or not; return the exit status.

    Raises:
        DiscoveryFailed: this network cannot be searched.
    """
    known = KnownPeers(data_folder() / KNOWN_PEERS_FILE).all()
    rows: dict[tuple[tuple[str, ...], int], tuple[str, ...]] = {}
    search = Search()
    try:
        deadline = Deadline(SEARCH_S)
        while not deadline.has_passed:
            found = search.next(deadline.left_s)
            if found is not None:
                rows[found.hosts, found.port] = _row(found, known)
    finally:
        search.close()
    if not rows:
        print("Found no listener. Some networks keep their computers apart: try its address.")
        return 0
    print_table(HEADINGS, list(rows.values())[:MAX_LINES])
    if len(rows) > MAX_LINES:
        print(f"and {len(rows) - MAX_LINES} more: somebody is flooding this network")
    return 0


def _row(found: Advertisement, known: list[KnownPeer]) -> tuple[str, ...]:
    number = "-" if found.number is None else str(found.number)
    who = clean_name(found.name) or "-", "not known"
    host = found.hosts[0]
    for peer in known:
        if hosts := hosts_of(peer, found):
            who, host = (peer.name, "known"), hosts[0]
            break
    return number, format_host(host, found.port), *who
