"""The events that `--events` reports to other programs. Pure: values only.

One JSON object a line: `{"at": ..., "event": NAME, ...}`; docs/events.md has every key. Keys may be
added; none is renamed or removed.
"""

from datetime import datetime

import msgspec


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="event",
    tag=lambda name: "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_"),
):
    """One event; its name is that of the class, in snake case."""


class Listening(Event, frozen=True, kw_only=True):
    """A listener takes calls at these addresses; sent again when they change.

    Attributes:
        addresses: HOST:PORT each; the first is the one for callers to type.
    """

    addresses: tuple[str, ...]
    code: str


class Calling(Event, frozen=True, kw_only=True):
    """A caller starts to dial.

    Attributes:
        target: a name, an address, or the number of a code.
    """

    target: str


class Ringing(Event, frozen=True, kw_only=True):
    """A call rings: here for a listener, at the other peer for a caller.

    Attributes:
        peer: how this user knows the other peer.
        trust: `code`, `known` or `none`.
        address: where the other peer is.
    """

    peer: str
    trust: str
    address: str


class Accepted(Event, frozen=True, kw_only=True):
    """The call was accepted and begins."""

    peer: str
    trust: str
    address: str


class FirstPicture(Event, frozen=True, kw_only=True):
    """The first picture of the other peer was decoded, `after_ms` milliseconds after accept."""

    after_ms: float


class Rejected(Event, frozen=True, kw_only=True):
    """A call was refused: by this listener, or by the peer that this user called.

    Attributes:
        reason: the reason on the wire, such as `busy`; if the listener sent none, `left`,
            `timed_out`, or the name of an error, such as `protocol_error`.
        peer: how this user knows the other peer, or "".
    """

    reason: str
    peer: str = ""
    address: str = ""


class RingGone(Event, frozen=True, kw_only=True):
    """The caller left before its ring was answered.

    Attributes:
        reason: `hung_up` or `silent`.
    """

    peer: str
    reason: str


class Waiting(Event, frozen=True, kw_only=True):
    """A listener waits for a call, for the first time or again.

    Attributes:
        availability: `available`, `do not disturb` or `codes blocked`.
    """

    availability: str


class Words(Event, frozen=True, kw_only=True):
    """The users compare words that prove both identities; their task has changed.

    Attributes:
        task: `compare`, `read aloud`, `compared` or `none`.
    """

    task: str
    words: str


class Known(Event, frozen=True, kw_only=True):
    """A peer was stored; its name is enough to call it from now on."""

    peer: str


class RemoteState(Event, frozen=True, kw_only=True):
    """The other peer's camera or microphone was turned off or on, it shares its screen or no longer
    does, or its pictures pause.

    Attributes:
        picture: `expected`, `paused`, `hidden` or `none`.
        sound: `expected`, `muted` or `none`.
        is_screen: whether the pictures show a screen.
    """

    picture: str
    sound: str
    is_screen: bool = False


class RecordingBegun(Event, frozen=True, kw_only=True):
    """The call is recorded here from now on.

    Attributes:
        file: where; if there is such a file already, the recording takes another name.
    """

    file: str


class RecordingEnded(Event, frozen=True, kw_only=True):
    """A recording has ended.

    Attributes:
        file: where it is; "" if nothing was recorded.
        is_complete: False if it ended early, such as on a full disk.
    """

    file: str
    duration_s: float
    is_complete: bool


class RemoteRecording(Event, frozen=True, kw_only=True):
    """The other peer records the call from now on, or no longer does."""

    is_on: bool


class SnapshotSaved(Event, frozen=True, kw_only=True):
    """The other peer's picture was saved, because the user asked for it."""

    file: str


class LinkLost(Event, frozen=True, kw_only=True):
    """The call's link carries nothing any more; the call waits for another, or for this one."""

    peer: str


class Resumed(Event, frozen=True, kw_only=True):
    """The call goes on, `after_ms` milliseconds after `link_lost`.

    Attributes:
        reconnects: links after the first; the same as before if the old link came back.
    """

    after_ms: float
    reconnects: int


class Chat(Event, frozen=True, kw_only=True):
    """A chat message was written here, or arrived.

    Attributes:
        is_own: whether the user here wrote it.
    """

    is_own: bool
    text: str


class ChatDelivered(Event, frozen=True, kw_only=True):
    """The other peer has more of our chat messages; `undelivered` is how many it still lacks."""

    undelivered: int


class File(Event, frozen=True, kw_only=True):
    """The transfer of a file has entered another state.

    Attributes:
        transfer: its number, the same at both ends.
        is_own: whether the user here sends it.
        state: `offered`, `waiting`, `moving`, `stored`, `declined`, `cancelled` or `failed`.
        reason: why it ended, such as `disk_full`, or "".
        path: where it was stored here, or "".
    """

    transfer: int
    is_own: bool
    state: str
    name: str
    size_bytes: int
    reason: str = ""
    path: str = ""


class Ended(Event, frozen=True, kw_only=True):
    """A call, or an attempt to call, ended.

    Attributes:
        reason: `hung_up`, `remote_hung_up`, `duration_over`, `given_up`, `rejected`, `fault` or the
            name of an error, such as `link_lost` or `no_reply`.
        sentence: the reason in a sentence for people.
    """

    reason: str
    exit_status: int
    sentence: str


class Device(Event, frozen=True, kw_only=True):
    """A device of this computer changed its state.

    Attributes:
        which: `camera`, `microphone` or `loudspeaker`.
        state: `open`, `missing` or `closed`.
        name: the device's name, or "".
    """

    which: str
    state: str
    name: str


class WarningGiven(Event, frozen=True, kw_only=True, tag="warning"):
    """Something that a user should know.

    Attributes:
        key: names the kind of warning; stable.
        sentence: for people; may change.
    """

    key: str
    sentence: str


_encoder = msgspec.json.Encoder()


def to_json(event: Event, at: datetime) -> str:
    """Return one line of JSON, without a line end.

    Args:
        at: when the event happened, in UTC.
    """
    when = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = msgspec.to_builtins(event)
    return _encoder.encode({"at": when, **fields}).decode()
