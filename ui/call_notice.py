"""Call notices: what became of a recording, a snapshot, a photo or a report. Pure: values only."""

from enum import Enum

import msgspec


class CallNoticeKind(Enum):
    """What happened."""

    RECORDING_BEGUN = "recording begun"
    RECORDING_SAVED = "recording saved"
    RECORDING_EMPTY = "recording empty"
    """It ended before anything was written."""
    RECORDING_STOPPED = "recording stopped"
    """It ended by an error; `detail` is its sentence and its next step."""
    RECORDING_BROKEN = "recording broken"
    """It ended by a fault of this program; `detail` is the fault's text."""
    STILL_WRITING = "still writing"
    """A recording is to begin while the one before is still being written."""
    DISK_TOO_SLOW = "disk too slow"
    """The disk does not take the packets of a recording in time."""
    OWN_PICTURE_MISSING = "own picture missing"
    """This track has changed to a form that the recording has no room for; likewise below."""
    OWN_VOICE_MISSING = "own voice missing"
    REMOTE_PICTURE_MISSING = "remote picture missing"
    REMOTE_VOICE_MISSING = "remote voice missing"
    NOT_SHOWN_THERE = "not shown there"
    """The other peer's program is too old to show that the call is recorded."""
    SNAPSHOT_SAVED = "snapshot saved"
    SNAPSHOT_FAILED = "snapshot failed"
    """`detail` says why."""
    NO_PICTURE = "no picture"
    """A snapshot was to be taken before the first picture."""
    CAMERA_OFF = "camera off"
    """A photo was to be taken while the own camera is off."""
    NO_OWN_PICTURE = "no own picture"
    """A photo was to be taken while the own camera delivers nothing."""
    STILL_FAILED = "still failed"
    """A photo was not taken; `detail` says why."""
    REPORT_SAVED = "report saved"
    REPORT_FAILED = "report failed"
    """`detail` says why."""


class CallNotice(msgspec.Struct, frozen=True):
    """Something to tell the user once.

    Attributes:
        serial: grows with each notice of a run.
        peer_name: how this user knows the other peer of the call.
        path: of the file that it is about, or "".
        detail: the text of an error, or "".
        duration_s: of a recording.
    """

    serial: int
    kind: CallNoticeKind
    peer_name: str = ""
    path: str = ""
    detail: str = ""
    duration_s: float = 0.0
