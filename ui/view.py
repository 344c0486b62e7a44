"""What an interface is given to show, and what a person can do at it. Pure: values only.

The window and the terminal take the same `View` and post the same events; neither decides.
"""

from dataclasses import dataclass, field
from enum import Enum


class Stage(Enum):
    """Where a peer stands, as far as a person cares."""

    WAITING = "waiting"
    """A listener without a call."""
    DIALLING = "dialling"
    """A caller who has not reached the other side yet."""
    RINGING = "ringing"
    """A caller whose ring nobody has answered yet."""
    RUNG = "rung"
    """Somebody calls here, and wants an answer."""
    CALL = "call"
    """In a call."""
    ENDED = "ended"
    """A caller after the call: the sentence says why it ended."""


class RemotePicture(Enum):
    """What the other side sends in the way of pictures."""

    EXPECTED = "expected"
    """Nothing has come yet."""
    SHOWN = "shown"
    """Pictures come."""
    NONE = "none"
    """The other side has no camera: it said so."""
    HIDDEN = "hidden"
    """The other side hides its camera, on purpose."""


class RemoteSound(Enum):
    """What the other side sends in the way of sound."""

    EXPECTED = "expected"
    """Sound comes, or will come."""
    NONE = "none"
    """The other side has no microphone: it said so."""
    MUTED = "muted"
    """The other side muted itself, on purpose."""


@dataclass(frozen=True, slots=True)
class View:
    """All that is to be seen of a peer, apart from pixels.

    Attributes:
        stage: where the peer stands.
        local_name: what the other side sees as our name.
        peer_name: the other side's name, cleaned; empty when unknown.
        sentence: the one thing to tell the person now, such as "Alice calls".
        details: further lines, such as the line to type on the other computer, or the next step.
        remote_picture: what the other side sends.
        is_own_picture_hidden: whether the person hid their own camera.
        overlay: the lines of the latency overlay.
        status: the one-line form of the same numbers.
        remote_sound: what the other side sends to be heard.
        is_muted: whether the person muted themselves.
        has_microphone: whether there is anything to mute; False where none was wanted.
        notices: what is amiss with our own sound, such as "You are muted: press m to be heard";
            the shortest first.
    """

    stage: Stage
    local_name: str
    peer_name: str = ""
    sentence: str = ""
    details: tuple[str, ...] = ()
    remote_picture: RemotePicture = RemotePicture.EXPECTED
    is_own_picture_hidden: bool = False
    overlay: tuple[str, ...] = field(default=())
    status: str = ""
    remote_sound: RemoteSound = RemoteSound.EXPECTED
    is_muted: bool = False
    has_microphone: bool = True
    notices: tuple[str, ...] = ()


class UserEvent(Enum):
    """What a person did. The call thread alone decides what it means in the present stage."""

    ACCEPT = "accept"
    """`y`, or the button: take the call that rings."""
    DECLINE = "decline"
    """`n`, or the button: do not take it."""
    HANG_UP = "hang up"
    """`q`, Enter, or Esc when not full screen."""
    QUIT = "quit"
    """The close button, Ctrl-C or SIGTERM."""
    TOGGLE_OWN_PICTURE = "toggle own picture"
    """`v`: hide one's own camera, or show it again."""
    TOGGLE_MUTE = "toggle mute"
    """`m`: be heard no longer, or again."""
    TOGGLE_QUIET = "toggle quiet"
    """`d`: do not disturb, or be called again; where nobody calls."""
    TAKE_CODES = "take codes"
    """`c`: take codes again, after too many wrong ones."""
    CONFIRM_WORDS = "confirm words"
    """`w`: the words are the same on both screens."""
    DISMISS = "dismiss"
    """Any key after the call."""
