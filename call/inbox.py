"""What the call thread is told, and its inbox. Every other thread posts here and decides nothing.

The inbox holds 1024 events; the call thread takes each in far less than a millisecond. When it is
full all the same, a link that posts has its call ended, and anybody else's event is dropped and
said so in the log. What comes from the other side may fill half of it, so that it keeps no person
from hanging up; the end of a thread goes into a reserve, and is never dropped.
"""

import logging
import queue
from dataclasses import dataclass
from typing import TypeAlias

from call.remote_peer import RemotePeer
from net.link.link import Link
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Control
from net.protocol.states import Role
from ui.view import UserEvent

_log = logging.getLogger(__name__)

CAPACITY = 1024
RESERVE = 64
"""For the ends of threads alone, of which a program has far fewer."""


@dataclass(frozen=True, slots=True)
class LineTyped:
    """A line came on standard input."""

    text: str


@dataclass(frozen=True, slots=True)
class InputEnded:
    """No more lines will come on standard input."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A caller's connection stands, and the other side rings."""

    peer: RemotePeer


@dataclass(frozen=True, slots=True)
class Rung:
    """A caller passed all steps and asks for a call; `caller` is its number until it is gone."""

    caller: int
    peer: RemotePeer


@dataclass(frozen=True, slots=True)
class RingGone:
    """The caller that rang has left before it was answered."""

    caller: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Established:
    """Accept went out, or came: the link is there for a call."""

    link: Link
    role: Role
    peer: RemotePeer
    clock: ClockSync
    accepted_us: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side rejected our call."""

    reason: str
    peer_name: str
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class ToldToWait:
    """The other side takes no code from us yet, and we try again by ourselves.

    Attributes:
        peer_name: of the one who said so, or nothing.
    """

    peer_name: str
    wait_s: int


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Somebody claimed to know the code, and did not prove it.

    Attributes:
        name: as it gives it, cleaned.
        total: how many there have been since the program began.
        is_last: no code is taken any more until a person says so.
        was_completed: the code was wrong; else it left before that was seen.
    """

    name: str
    address: str
    total: int
    is_last: bool
    was_completed: bool


@dataclass(frozen=True, slots=True)
class ControlCame:
    """A control message of the call `call`, and when it came, this machine's clock."""

    call: int
    control: Control
    came_us: int


@dataclass(frozen=True, slots=True)
class ThreadEnded:
    """A thread has ended; `call` is the number of the call it worked for, 0 for none."""

    name: str
    error: BaseException | None
    call: int = 0


OutsideEvent: TypeAlias = (
    Rung | RingGone | WrongCode | Reached | Refused | ToldToWait | InputEnded | ThreadEnded
)
"""What a listener and a caller take each in their own way."""
Event: TypeAlias = UserEvent | LineTyped | Established | ControlCame | OutsideEvent


class Inbox:
    """The events that wait for the call thread. Any thread posts, one takes."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue(CAPACITY + RESERVE)

    def post(self, event: Event) -> bool:
        """Add an event; False when the inbox is full and it was dropped. Never blocks."""
        try:
            if self._events.qsize() >= _share(event):
                raise queue.Full
            self._events.put_nowait(event)
        except queue.Full:
            _log.warning("too much at once: an event was dropped")
            return False
        return True

    def take(self, timeout_s: float) -> Event | None:
        """Return the next event, or None when none comes within `timeout_s`."""
        try:
            return self._events.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None


def _share(event: Event) -> int:
    """How many events may wait before this one."""
    if isinstance(event, ControlCame):
        return CAPACITY // 2
    return CAPACITY + RESERVE if isinstance(event, ThreadEnded) else CAPACITY
