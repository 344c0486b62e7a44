"""`peer.py find`: the listeners on this network, and which of them this user knows."""

from call.outgoing.resolver import hosts_of
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


def run_find() -> int:
    """Print a line for each listener: number, address, name, known or not; return the exit status.

    Raises:
        DiscoveryFailed: this network cannot be searched.
    """
    known = KnownPeers(data_folder() / KNOWN_PEERS_FILE).all()
    lines: dict[tuple[tuple[str, ...], int], str] = {}
    search = Search()
    try:
        deadline = Deadline(SEARCH_S)
        while not deadline.has_passed:
            found = search.next(deadline.left_s)
            if found is not None:
                lines[found.hosts, found.port] = _line(found, known)
    finally:
        search.close()
    for line in list(lines.values())[:MAX_LINES]:
        print(line)
    if len(lines) > MAX_LINES:
        print(f"and {len(lines) - MAX_LINES} more: somebody is flooding this network")
    if not lines:
        print("Found no listener. Some networks keep their computers apart: try its address.")
    return 0


def _line(found: Advertisement, known: list[KnownPeer]) -> str:
    number = "-" if found.number is None else str(found.number)
    who = f"{clean_name(found.name) or '-'}\tnot known"
    host = found.hosts[0]
    for peer in known:
        if hosts := hosts_of(peer, found):
            who, host = f"{peer.name}\tknown", hosts[0]
            break
    return f"{number}\t{format_host(host, found.port)}\t{who}"
