"""The notification of a ring in words. Pure: values only."""

from ui.view import PeerView
from ui.wording.peers import word_trust

ACCEPT = "Accept"
DECLINE = "Decline"


def word_ring_title(peer: PeerView) -> str:
    """Return the notification's title."""
    return f"{peer.display_name} is calling"


def word_ring_notice(peer: PeerView) -> str:
    """Return the line below."""
    trust = word_trust(peer, is_caller=True)
    return f"{trust[:1].upper()}{trust[1:]}"
