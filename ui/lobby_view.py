"""The lobby, as the view shows it: who can be called from it. Pure: values only."""

import msgspec

MAX_SHOWN = 64
"""Listeners of this network in the view; a flood of them must not fill the window."""


class Contact(msgspec.Struct, frozen=True):
    """Somebody who can be called.

    Attributes:
        target: what `Dial` takes to call them; "" for a stranger who needs a code.
        name: what this user calls them, or what they call themselves; "" if they do not say.
        number: the number of their call code; None if they are not around or have none.
        address: HOST:PORT on this network; "" if they are not around.
        is_known: True if this user knows them.
    """

    target: str
    name: str = ""
    number: int | None = None
    address: str = ""
    is_known: bool = False

    @property
    def is_around(self) -> bool:
        """True while they listen on this network."""
        return bool(self.address)


class LobbyView(msgspec.Struct, frozen=True):
    """The things that a lobby shows besides the listener's own code and the devices.

    Attributes:
        contacts: known peers and listeners of this network; those around first.
        is_search_over: True once this network has been searched.
        search_problem: why it cannot be searched, or "".
        dialled: what the user typed last.
        dial_problem, dial_next_step: why that cannot be called, and what to do; or "".
    """

    contacts: tuple[Contact, ...] = ()
    is_search_over: bool = False
    search_problem: str = ""
    dialled: str = ""
    dial_problem: str = ""
    dial_next_step: str = ""
