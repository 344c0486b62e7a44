"""Listener parts: what the session of a listener works with. Built once for a run."""

from collections.abc import Callable

import msgspec

from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.announcer import Announcer
from call.incoming.listener import Listener
from ui.view import ListenerView


class ListenerParts(msgspec.Struct, frozen=True):
    """The parts of a listener's session, besides its context.

    Attributes:
        listener, announcer: not started yet; the announcer is None if nothing is announced.
        admission: the listener's policy.
        view: the code, addresses and availability at the start.
        find_addresses: returns each HOST:PORT of this listener, the best one to type first.
        is_once: whether to end after one call, with its exit status.
        keeps_early_lines: whether a line of standard input from before a ring answers it.
    """

    listener: Listener
    announcer: Announcer | None
    admission: AdmissionPolicy
    view: ListenerView
    find_addresses: Callable[[], tuple[str, ...]]
    is_once: bool
    keeps_early_lines: bool
