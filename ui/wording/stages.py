"""The view in words: title, sentence, details, banner and card. Pure: values only."""

import msgspec

from core.program import NAME
from ui.view import (
    PeerView,
    RemotePicture,
    RemoteSound,
    Stage,
    TargetKind,
    View,
    WordsTask,
)
from ui.wording.endings import word_ending
from ui.wording.keys import word_press
from ui.wording.listener import word_waiting, word_waiting_details
from ui.wording.notices import word_notices
from ui.wording.peers import claim_of_peer, name_peer, word_target, word_trust
from ui.wording.quality import word_call
from ui.wording.sharing import word_cut_off

CAMERA_OFF = "Your camera is off (v)"


class Card(msgspec.Struct, frozen=True):
    """The text in the middle of the window.

    Attributes:
        initial: the letter that stands for the other peer, or "".
        sentence: the large line.
        details: further lines.
        hint: the next step, small.
        is_question: whether it has buttons to answer a call.
        leaves_corners: whether it keeps clear of the window's corners, where other text stands.
    """

    initial: str = ""
    sentence: str = ""
    details: tuple[str, ...] = ()
    hint: str = ""
    is_question: bool = False
    leaves_corners: bool = False


def word_title(view: View) -> str:
    """Return the window's title: who, and in which state, such as "Alice — in call"."""
    who = view.peer.display_name if view.peer is not None else NAME
    match view.stage:
        case Stage.WAITING:
            return f"{NAME} — waiting"
        case Stage.DIALLING:
            return f"{who} — calling"
        case Stage.RINGING:
            return f"{who} — ringing"
        case Stage.INCOMING:
            return f"{who} — incoming call"
        case Stage.CALL:
            return f"{who} — {'reconnecting' if view.is_reconnecting else 'in call'}"
        case Stage.ENDED:
            return f"{who} — call ended"


def word_sentence(view: View) -> str:
    """Return the one sentence of a view."""
    match view.stage:
        case Stage.WAITING:
            return "Waiting for a call" if view.listener is None else word_waiting(view.listener)
        case Stage.DIALLING if view.retry_s:
            name = claim_of_peer(view, f"takes the next code in {view.retry_s} s")
            return f"There were wrong codes: {name}"
        case Stage.DIALLING:
            return "Calling…" if view.target is None else f"Calling {word_target(view.target)}…"
        case Stage.RINGING:
            return f"Ringing {name_peer(view)}…"
        case Stage.INCOMING:
            return f"{view.peer.display_name if view.peer is not None else 'Somebody'} calls"
        case Stage.CALL if view.is_reconnecting:
            return f"Reconnecting to {name_peer(view)}…"
        case Stage.CALL:
            return f"In a call with {name_peer(view)}"
        case Stage.ENDED:
            return "The call ended" if view.ending is None else word_ending(view.ending).sentence


def word_details(view: View, *, at_terminal: bool) -> tuple[str, ...]:
    """Return the lines below the sentence.

    Args:
        at_terminal: whether a key takes Enter too.
    """
    match view.stage:
        case Stage.WAITING if view.listener is not None:
            return word_waiting_details(view.listener, at_terminal=at_terminal)
        case Stage.DIALLING if view.retry_s:
            return ("Calling again then",)
        case Stage.RINGING if view.peer is not None:
            give_up = (f"{word_press('q', at_terminal=True)} to give up",) if at_terminal else ()
            return (*_word_callee(view, view.peer), *give_up)
        case Stage.INCOMING if view.peer is not None:
            trust = word_trust(view.peer, is_caller=True)
            return (f"From {view.peer.address}", _capitalized(trust))
        case Stage.CALL:
            return word_words(view, at_terminal=at_terminal)
        case Stage.ENDED if view.ending is not None:
            # What belongs to a call is not that of an attempt to make another. A terminal has
            # already printed what was cut off.
            is_of_call = view.ending.is_of_call
            is_cut_off_told = at_terminal or not is_of_call
            lines = (
                _capitalized(word_ending(view.ending).next_step),
                word_call(view.ending),
                *(() if is_cut_off_told else word_cut_off(view.sharing, name_peer(view))),
                word_report(view) if is_of_call else "",
            )
            return tuple(line for line in lines if line)
        case _:
            return ()


def word_report(view: View) -> str:
    """Return where the report on the call is, or why there is none; "" if none was asked for."""
    if view.report is None or not view.can_report:
        return ""
    return f"The report is in {view.report.path}" if view.report.path else view.report.problem


def _word_callee(view: View, peer: PeerView) -> tuple[str, ...]:
    """Return how we know who is being called, and what to do if it is this computer."""
    trust = _capitalized(word_trust(peer, is_caller=False))
    is_typed = view.target is not None and view.target.kind is TargetKind.ADDRESS
    if not peer.is_self or is_typed:
        return (trust,)
    return trust, "To call another computer, type the line there"


def word_words(view: View, *, at_terminal: bool) -> tuple[str, ...]:
    """Return the user's task with the words that prove both identities, or nothing."""
    peer = view.peer
    if peer is None:
        return ()
    match view.words_task:
        case WordsTask.COMPARE:
            press = word_press("w", at_terminal=at_terminal)
            return (
                f"You have not verified {peer.display_name}. Compare these words aloud:",
                peer.words,
                f"{press} if they are the same on both screens",
            )
        case WordsTask.READ_ALOUD:
            return (f"Read these words to {peer.display_name}: {peer.words}",)
        case WordsTask.NONE | WordsTask.COMPARED:
            return ()


def word_banner(view: View, *, is_picture_shown: bool = True) -> tuple[str, ...]:
    """Return the lines over the picture in a call: a lost link, else a pause of the pictures and
    the words to compare.

    Args:
        is_picture_shown: whether there is a picture; else the card says why it pauses.
    """
    if view.stage is not Stage.CALL:
        return ()
    if view.is_reconnecting:
        return (word_sentence(view),)
    is_pause_due = is_picture_shown and view.remote_picture is RemotePicture.PAUSED
    pause = (word_missing_picture(view),) if is_pause_due else ()
    return *pause, *word_words(view, at_terminal=False)


def word_missing_picture(view: View) -> str:
    """Return why there is no picture of the other peer."""
    match view.remote_picture:
        case RemotePicture.NONE:
            return claim_of_peer(view, "sends no picture")
        case RemotePicture.HIDDEN:
            return claim_of_peer(view, "has turned the camera off")
        case RemotePicture.PAUSED:
            return f"The link is too small for {name_peer(view)}'s picture: sound alone"
        case RemotePicture.EXPECTED | RemotePicture.SHOWN:
            return f"Waiting for {name_peer(view)}'s picture"


def word_remote_sound(view: View) -> str:
    """Return why the other peer is not heard; "" if it is, and outside of a call."""
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
    """Return the text in the middle of the window; None in a call with a picture.

    Args:
        is_picture_shown: whether the other peer's picture fills the window.
    """
    initial = view.peer.display_name[:1].upper() if view.peer is not None else ""
    if view.stage is Stage.CALL:
        if is_picture_shown:
            return None
        sound = word_remote_sound(view)
        return Card(
            initial=initial,
            sentence=word_missing_picture(view),
            details=(*((sound,) if sound else ()), *word_notices(view)),
            leaves_corners=True,
        )
    sentence, details = word_sentence(view), word_details(view, at_terminal=False)
    match view.stage:
        case Stage.WAITING:
            return Card(sentence=sentence, details=details)
        case Stage.INCOMING:
            return Card(initial=initial, sentence=sentence, details=details, is_question=True)
        case Stage.ENDED:
            where = "close" if view.lobby is None else "go back"
            return Card(sentence=sentence, details=details, hint=f"Press any key to {where}")
        case _:
            return Card(initial=initial, sentence=sentence, details=details)


def is_camera_chip_shown(view: View) -> bool:
    """Return whether to show that our camera is off; in a lobby, its preview says so."""
    is_in_lobby = view.stage is Stage.WAITING and view.lobby is not None
    return view.is_camera_off and view.stage is not Stage.ENDED and not is_in_lobby


def word_hint(view: View) -> str:
    """Return the small line in the corner with the keys that matter; "" in a call."""
    match view.stage:
        case Stage.WAITING if view.lobby is not None:
            return ""  # There the keyboard types whom to call.
        case Stage.WAITING:
            return "q quit   ? keys"
        case Stage.DIALLING | Stage.RINGING:
            return "q cancel   ? keys"
        case _:
            return ""


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
