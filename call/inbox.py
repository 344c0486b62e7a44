"""Inbox: the events that wait for the call thread. Every other thread posts, and decides nothing.

It holds 1024 events; the call thread handles each in far less than a millisecond. When it is full,
a link that posts ends its call, and any other event is dropped and logged. The other peer's
messages can fill only half of it, so that the user can always hang up. The end of a thread goes
into a reserve and is never dropped.
"""

import logging
import queue
from enum import StrEnum
from threading import Lock
from typing import Protocol, TypeAlias

import msgspec

from call.remote_peer import RemotePeer
from media.device_state import DeviceProblem
from media.video.camera_spec import Screen
from net.link.address import HostPort
from net.link.link import Link
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Control
from net.protocol.resume import FIRST_GENERATION
from net.protocol.states import Role
from ui.actions import UserAction
from ui.call_notice import CallNoticeKind
from ui.device_view import DeviceOption, ScreenOption
from ui.lobby_view import Contact
from ui.user_interface import ScreenLost

_log = logging.getLogger(__name__)

CAPACITY = 1024
RESERVE = 64
"""Room for the ends of threads; a program has far fewer threads."""


class LineTyped(msgspec.Struct, frozen=True):
    """A line arrived on standard input."""

    text: str


class InputEnded(msgspec.Struct, frozen=True):
    """Standard input has ended."""


class Reached(msgspec.Struct, frozen=True):
    """Our call rings at the other peer."""

    peer: RemotePeer


class Rung(msgspec.Struct, frozen=True):
    """A caller has passed the admission policy and rings.

    Attributes:
        caller: its number, which the answer names.
    """

    caller: int
    peer: RemotePeer


class RingLoss(StrEnum):
    """The way in which a caller left."""

    HUNG_UP = "hung_up"
    SILENT = "silent"


class RingGone(msgspec.Struct, frozen=True):
    """The caller left before its ring was answered."""

    caller: int
    loss: RingLoss


class ResumeAsked(msgspec.Struct, frozen=True):
    """The caller of a call has proven itself on a new link, and asks to continue there.

    Attributes:
        caller: the number of the new link, which the answer names.
    """

    caller: int
    call_id: bytes
    generation: int


class Established(msgspec.Struct, frozen=True):
    """The call was accepted, here or by the other peer: its link is ready."""

    link: Link
    role: Role
    peer: RemotePeer
    clock: ClockSync
    accepted_us: int
    session_digest: bytes
    """Of the handshake; see `Handshake.session_digest`."""
    redial: tuple[HostPort, ...] = ()
    """The callee's numeric addresses, the one that worked first; none for a callee."""


class LinkResumed(msgspec.Struct, frozen=True):
    """A new link that continues the call with this id, accepted by the callee.

    Attributes:
        address: the callee's that was dialled; None for a callee.
    """

    link: Link
    call_id: bytes
    generation: int
    address: HostPort | None = None


class RemoteHungUp(msgspec.Struct, frozen=True):
    """The other peer said bye, or answered our bye, on a link that was to continue the call.

    Attributes:
        reason: of its bye.
    """

    call_id: bytes
    reason: str


class LinkStillHeard(msgspec.Struct, frozen=True):
    """The callee refused another link, because it still hears the present one."""


class Refused(msgspec.Struct, frozen=True):
    """The other peer refused our call."""

    reason: str
    peer_name: str
    wait_s: int = 0


class ToldToWait(msgspec.Struct, frozen=True):
    """The other peer takes no code from us yet; the dialer tries again after a while.

    Attributes:
        peer_name: its name, or "" while unknown.
    """

    peer_name: str
    wait_s: int


class WrongCode(msgspec.Struct, frozen=True):
    """A caller claimed to know the code and did not prove it.

    Attributes:
        name: the name that the caller sent, cleaned.
        total: the number of wrong codes since the program started.
        is_last: True if codes are blocked from now on, until the user allows them.
        was_completed: True if the code was checked; False if the caller left before.
    """

    name: str
    address: str
    total: int
    is_last: bool
    was_completed: bool


class ControlCame(msgspec.Struct, frozen=True):
    """A control message arrived.

    Attributes:
        call: the number of the call.
        came_us: the time of arrival on this machine's clock.
        link: the generation of the link that it came on.
    """

    call: int
    control: Control
    came_us: int
    link: int = FIRST_GENERATION


class ThreadEnded(msgspec.Struct, frozen=True):
    """A thread has ended.

    Attributes:
        call: the number of its call, or 0.
        link: the generation of the link that it served, or 0 if it served the whole call.
    """

    name: str
    error: BaseException | None
    call: int = 0
    link: int = 0


class DevicesListed(msgspec.Struct, frozen=True):
    """The devices of this computer were looked for.

    Attributes:
        cameras, microphones, loudspeakers: values of the settings, and names.
    """

    cameras: tuple[DeviceOption, ...]
    microphones: tuple[DeviceOption, ...]
    loudspeakers: tuple[DeviceOption, ...]


class ContactsFound(msgspec.Struct, frozen=True):
    """The network was searched for listeners, and the known peers were read.

    Attributes:
        is_search_over: False for a first look at the known peers alone.
        problem: why the network cannot be searched, or "".
    """

    contacts: tuple[Contact, ...]
    is_search_over: bool
    problem: str = ""


class OfDial(msgspec.Struct, frozen=True):
    """An event of one dial, of which a lobby makes many.

    Attributes:
        number: of the dial; the event of another dial than the present one comes too late.
    """

    number: int
    event: "Established | OutsideEvent"


class ReportWritten(msgspec.Struct, frozen=True):
    """The page about the last call was written, or could not be.

    Attributes:
        path: of the page, or "".
        problem: why it was not written, or "".
    """

    path: str
    problem: str


class ScreensListed(msgspec.Struct, frozen=True):
    """The screens and windows that can be shared now.

    Attributes:
        specs: one for each option.
        problem: why whole screens cannot be shared; None if they can.
    """

    options: tuple[ScreenOption, ...]
    specs: tuple[Screen, ...]
    problem: DeviceProblem | None = None


class StillTaken(msgspec.Struct, frozen=True):
    """A photo of the own camera is ready to be sent.

    Attributes:
        call: the number of the call that it was taken for.
        name: of the file.
        data: a JPEG file.
    """

    call: int
    name: str
    data: bytes


class NoticePosted(msgspec.Struct, frozen=True):
    """A thread has something to tell the user.

    Attributes:
        path: of the file that it is about, or "".
        detail: the text of an error, or "".
    """

    kind: CallNoticeKind
    path: str = ""
    detail: str = ""


class ScreenGone(msgspec.Struct, frozen=True):
    """The window can no longer be shown."""

    error: ScreenLost


OutsideEvent: TypeAlias = (
    Rung
    | RingGone
    | WrongCode
    | ResumeAsked
    | LinkStillHeard
    | Reached
    | Refused
    | ToldToWait
    | InputEnded
    | DevicesListed
    | ContactsFound
    | ThreadEnded
)
"""Events that a listener and a caller handle differently."""
Event: TypeAlias = (
    UserAction
    | LineTyped
    | Established
    | LinkResumed
    | RemoteHungUp
    | ControlCame
    | OfDial
    | ScreensListed
    | StillTaken
    | ReportWritten
    | NoticePosted
    | ScreenGone
    | OutsideEvent
)


class DialInbox(Protocol):
    """Takes the events of a dial. Any thread."""

    def post(self, event: "Established | OutsideEvent") -> bool:
        """Add an event; return False if it is dropped. Never blocks."""


class Inbox:
    """A bounded queue of events. Any thread posts; the call thread takes."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue(CAPACITY + RESERVE)
        self._lock = Lock()
        self._is_closed = False

    def post(self, event: Event) -> bool:
        """Add an event; return False if the inbox is full or closed and drops it. Never blocks."""
        try:
            with self._lock:
                if self._is_closed:
                    return False
                if self._events.qsize() >= _share(event):
                    raise queue.Full
                self._events.put_nowait(event)
        except queue.Full:
            _log.warning(
                "Too much happens at once: an event was dropped", extra={"key": "inbox_full"}
            )
            return False
        return True

    def close(self) -> list[Event]:
        """Accept no more events, and return the waiting ones. Call thread, at its end."""
        with self._lock:
            self._is_closed = True
        waiting = []
        while (event := self.take(0)) is not None:
            waiting.append(event)
        return waiting

    def take(self, timeout_s: float) -> Event | None:
        """Return the next event, or None after `timeout_s`."""
        try:
            return self._events.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None


class NumberedInbox:
    """Marks the events of one dial with its number."""

    def __init__(self, inbox: Inbox, number: int) -> None:
        self._inbox = inbox
        self._number = number

    def post(self, event: Established | OutsideEvent) -> bool:
        """Add an event; return False if the inbox is full or closed and drops it. Never blocks."""
        return self._inbox.post(OfDial(self._number, event))


def _share(event: Event) -> int:
    """Return the number of events that may wait before this one."""
    if isinstance(event, ControlCame):
        return CAPACITY // 2
    ended = event.event if isinstance(event, OfDial) else event
    return CAPACITY + RESERVE if isinstance(ended, ThreadEnded) else CAPACITY
