"""Missed calls: who rang without an answer, for the window of a waiting listener. Call thread."""

from msgspec.structs import replace

from core.clock import local_now
from net.protocol.reasons import Reason
from ui.view import ListenerView, MissedCall

MOST_MISSED = 3
"""The newest are kept: a caller who rings all the time must not fill the window."""
MISSED = (Reason.BUSY, Reason.NO_ANSWER)
"""The reasons of a refusal for which the user has missed a call."""


def add_missed(listener: ListenerView, peer_name: str) -> ListenerView:
    """Return the view with one more missed call, of now."""
    missed = (*listener.missed, MissedCall(peer_name, local_now()))
    return replace(listener, missed=missed[-MOST_MISSED:])
