"""What a window says in each stage: its title and the card in its middle. Pure: values only.

Sentences come with the view; what stands here is for a view without one.
"""

from dataclasses import dataclass

from core.program import NAME
from ui.view import RemotePicture, RemoteSound, Stage, View

CAMERA_OFF = "Your camera is off (v)"


@dataclass(frozen=True, slots=True)
class Card:
    """The text in the middle of the window.

    Attributes:
        initial: the letter that stands for the other side, or nothing.
        sentence: what is to be read first.
        details: further lines.
        hint: what to do next, small.
        is_question: whether somebody calls, so that there are buttons to answer.
        is_to_type: whether the details are to be typed elsewhere, letter by letter.
        leaves_corners: whether what is said in the corners of the window stays in sight.
    """

    initial: str = ""
    sentence: str = ""
    details: tuple[str, ...] = ()
    hint: str = ""
    is_question: bool = False
    is_to_type: bool = False
    leaves_corners: bool = False


def name_peer(view: View) -> str:
    """Return the other side's name, or what to call it as long as it has none."""
    return view.peer_name or "the other side"


def claim_of_peer(view: View, claim: str) -> str:
    """Return a sentence about the other side, such as "Alice is muted"."""
    text = f"{name_peer(view)} {claim}"
    return text if view.peer_name else text[0].upper() + text[1:]


def word_title(view: View) -> str:
    """Return the title: who, and in which state, such as "Alice — in call"."""
    who = view.peer_name or NAME
    match view.stage:
        case Stage.WAITING:
            return f"{NAME} — waiting"
        case Stage.DIALLING:
            return f"{who} — dialling"
        case Stage.RINGING:
            return f"{who} — ringing"
        case Stage.RUNG:
            return f"{who} — calls"
        case Stage.ENDED:
            return f"{who} — call ended"
        case Stage.CALL:
            state = "" if _is_ordinary(view) else view.sentence
            if view.peer_name and view.peer_name in state:
                return state
            return f"{who} — {state[0].lower()}{state[1:]}" if state else f"{who} — in call"


def word_banner(view: View) -> tuple[str, ...]:
    """Return what lies on the picture in a call; nothing as long as the call goes on as it should.

    The sentence with which every call begins says no more than picture and title do.
    """
    if view.stage is not Stage.CALL:
        return ()
    sentence = "" if _is_ordinary(view) else view.sentence
    return tuple(line for line in (sentence, *view.details) if line)


def word_sentence(view: View) -> str:
    """Return the one sentence of this view; empty in a call about which there is nothing to say."""
    if view.sentence or view.stage is Stage.CALL:
        return view.sentence
    return {
        Stage.WAITING: "Waiting for a call",
        Stage.DIALLING: "Dialer…",
        Stage.RINGING: f"Ringing {name_peer(view)}…",
        Stage.RUNG: f"{view.peer_name or 'Somebody'} calls",
        Stage.ENDED: "The call has ended",
    }[view.stage]


def word_missing_picture(view: View) -> str:
    """Return why there is no picture of the other side."""
    name = name_peer(view)
    match view.remote_picture:
        case RemotePicture.NONE:
            text = f"{name} sends no picture"
        case RemotePicture.HIDDEN:
            text = f"{name}'s camera is hidden"
        case RemotePicture.EXPECTED | RemotePicture.SHOWN:
            text = f"Waiting for {name}'s picture"
    return text if view.peer_name else text[0].upper() + text[1:]


def word_remote_sound(view: View) -> str:
    """Return why the other side is not heard; empty if it is, and outside of a call."""
    if view.stage is not Stage.CALL:
        return ""
    match view.remote_sound:
        case RemoteSound.NONE:
            return claim_of_peer(view, "has no microphone")
        case RemoteSound.MUTED:
            return claim_of_peer(view, "is muted")
        case RemoteSound.EXPECTED:
            return ""


def word_card(view: View, *, is_picture_shown: bool) -> Card | None:
    """Return the text in the middle; none in a call with a picture.

    Args:
        view: what is to be seen.
        is_picture_shown: whether the other side's picture fills the window.
    """
    initial = view.peer_name[:1].upper()
    if view.stage is Stage.CALL:
        if is_picture_shown:
            return None
        details = tuple(line for line in (word_remote_sound(view), *view.notices) if line)
        return Card(
            initial=initial,
            sentence=word_missing_picture(view),
            details=details,
            leaves_corners=True,
        )
    sentence = word_sentence(view)
    match view.stage:
        case Stage.WAITING:
            return Card(sentence=sentence, details=view.details, is_to_type=True)
        case Stage.RUNG:
            return Card(initial=initial, sentence=sentence, details=view.details, is_question=True)
        case Stage.ENDED:
            return Card(sentence=sentence, details=view.details, hint="press any key to close")
        case _:
            return Card(initial=initial, sentence=sentence, details=view.details)


def word_hint(view: View) -> str:
    """Return the small line in the corner that tells how to get on; empty in a call."""
    match view.stage:
        case Stage.WAITING:
            return "q quit   ? keys"
        case Stage.DIALLING | Stage.RINGING:
            return "q cancel   ? keys"
        case _:
            return ""


def _is_ordinary(view: View) -> bool:
    return view.sentence in ("", f"In a call with {view.peer_name}")
