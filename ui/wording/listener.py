"""A waiting listener in words: how it can be called. Pure: values only."""

from collections.abc import Iterator

from ui.view import Availability, ListenerView
from ui.wording.keys import word_press

MAX_ADDRESSES = 6
"""The most other addresses in the invitation: more would push the code off the screen."""


def word_waiting(listener: ListenerView) -> str:
    """Return the one sentence of a listener that waits."""
    match listener.availability:
        case Availability.AVAILABLE:
            return f"Waiting for a call: {listener.code}"
        case Availability.DO_NOT_DISTURB:
            return "Do not disturb: nobody can ring"
        case Availability.CODES_BLOCKED:
            return "Somebody may be guessing the code: no codes are taken now"


def word_waiting_details(listener: ListenerView, *, at_terminal: bool) -> tuple[str, ...]:
    """Return the lines below: what to type on the other computer, and what has happened."""
    wrong_codes = word_wrong_codes(listener)
    match listener.availability:
        case Availability.AVAILABLE:
            return (*_word_invitation(listener), *wrong_codes)
        case Availability.DO_NOT_DISTURB:
            return (f"{word_press('d', at_terminal=at_terminal)} to take calls again",)
        case Availability.CODES_BLOCKED if listener.can_ask:
            how = f"{word_press('c', at_terminal=at_terminal)} to take codes again"
            return (*wrong_codes, how)
        case Availability.CODES_BLOCKED:
            return (*wrong_codes, "Restart the listener to take codes again")


def word_wrong_codes(listener: ListenerView) -> tuple[str, ...]:
    """Return how many wrong codes were given, or nothing."""
    wrong = listener.wrong_codes
    if wrong is None:
        return ()
    codes = "wrong code" if wrong.total == 1 else "wrong codes"
    return (f"{wrong.total} {codes} so far, the last one from {wrong.last_address}",)


def word_news(listener: ListenerView) -> tuple[str, ...]:
    """Return what happened while nobody looked: a line for each missed call, and wrong codes."""
    missed = (f"{each.peer_name} called at {each.at:%H:%M}" for each in listener.missed)
    return (*missed, *word_wrong_codes(listener))


def _word_invitation(listener: ListenerView) -> Iterator[str]:
    if listener.is_local:
        yield "Only this computer can call: no other one reaches its address. Here, type:"
    else:
        yield "On the other computer, type:"
    if listener.is_announced:
        yield f"  {listener.command} connect {listener.code}"
        yield "or, if that finds nobody:"
    yield f"  {listener.command} connect {listener.address} --code {listener.code}"
    if listener.is_open:
        yield "This listener is open: anybody can ring, even without the code."
    if listener.other_addresses:
        yield "This computer's other addresses:"
        yield from (f"  {address}" for address in listener.other_addresses[:MAX_ADDRESSES])
