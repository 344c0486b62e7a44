"""Keys: what each key does in the window. Imports Qt for the numbers of keys; holds no state.

A letter is recognised by the text that it types, wherever the user's keyboard has it, and by its
key where an input method leaves no text.
"""

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ui.view import Stage, UserEvent

Key = Qt.Key


class WindowAction(Enum):
    """An action of a key on the window alone."""

    TOGGLE_FULL_SCREEN = "toggle full screen"
    LEAVE_FULL_SCREEN = "leave full screen"
    TOGGLE_CHAT = "toggle chat"
    SAVE_CHAT = "save chat"
    TOGGLE_SMALL_WINDOW = "toggle small window"
    TOGGLE_OVERLAY = "toggle overlay"
    TOGGLE_KEYS = "toggle keys"
    TOGGLE_SELF_VIEW = "toggle self-view"
    NEXT_CORNER = "next corner"
    LARGER = "larger"
    SMALLER = "smaller"


_WAITING = frozenset({Stage.WAITING})
_INCOMING = frozenset({Stage.INCOMING})
_CALLING = frozenset({Stage.DIALLING, Stage.RINGING})
_CALL = frozenset({Stage.CALL})
_ANY = frozenset(Stage)
_KEYS = (
    ("y", "accept the call", _INCOMING),
    ("n", "decline the call", _INCOMING),
    ("q", "decline the call", _INCOMING),
    ("q", "cancel the call", _CALLING),
    ("q", "hang up", _CALL),
    ("q", "quit", _WAITING),
    ("Enter", "hang up", _CALL),
    ("Esc", "close the chat; leave full screen; hang up", _CALL),
    ("Esc", "from a field or a control to these keys", _WAITING),
    ("Tab", "go from one control to the next", _ANY),
    ("f", "full screen (or F11, double click)", _ANY),
    ("t", "small window on top of the others", _CALL),
    ("v", "turn your camera off or on", _ANY),
    ("m", "mute or unmute yourself", _ANY),
    ("e", "share your screen, or stop", _CALL),
    ("o", "hide or show your own picture here", _ANY - _WAITING),
    ("r", "record the call, or stop", _CALL),
    ("s", "save the picture of the other side", _CALL),
    ("p", "send a photo of your camera", _CALL),
    ("w", "the words are the same on both screens", _CALL),
    ("d", "do not disturb, or take calls again", _WAITING),
    ("c", "take codes again, after wrong ones", _WAITING),
    ("c", "chat and files", _CALL),
    ("i", "latency and quality", _CALL),
    ("?", "this list (or F1)", _ANY - _INCOMING),
)
"""Each key, what it does, and in which stages."""


def list_keys(stage: Stage) -> tuple[str, ...]:
    """Return a line for each key that does something in a stage."""
    return tuple(f"{key:<8}{does}" for key, does, stages in _KEYS if stage in stages)


def read_key(
    event: QKeyEvent, *, stage: Stage, is_full_screen: bool
) -> UserEvent | WindowAction | None:
    """Return what a pressed key means, or None.

    A repeating key means nothing, and neither does one with Ctrl, Alt or Meta: those are for the
    desktop and for copying text.
    """
    if event.isAutoRepeat() or event.modifiers() & _FOREIGN or event.key() in _MODIFIERS:
        return None
    if stage is Stage.ENDED:
        return UserEvent.DISMISS
    if event.key() == Key.Key_Escape and is_full_screen:
        return WindowAction.LEAVE_FULL_SCREEN
    if event.key() in _HANG_UP:
        return UserEvent.HANG_UP if stage is Stage.CALL else None
    if event.key() in _BY_KEY:
        return _BY_KEY[event.key()]
    for text in (event.text().lower(), _LATIN.get(event.key(), "")):
        if stage is Stage.INCOMING and text in _ANSWERS:
            return _ANSWERS[text]
        if stage is Stage.CALL and text in _IN_CALL:
            return _IN_CALL[text]
        if text in _BY_TEXT:
            return _BY_TEXT[text]
    return None


_FOREIGN = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_MODIFIERS = {
    0,
    Key.Key_unknown,
    Key.Key_Shift,
    Key.Key_Control,
    Key.Key_Alt,
    Key.Key_AltGr,
    Key.Key_Meta,
    Key.Key_Super_L,
    Key.Key_Super_R,
    Key.Key_Hyper_L,
    Key.Key_Hyper_R,
    Key.Key_CapsLock,
    Key.Key_NumLock,
    Key.Key_ScrollLock,
}
_HANG_UP = {Key.Key_Escape, Key.Key_Return, Key.Key_Enter}
_BY_KEY: dict[int, UserEvent | WindowAction] = {
    Key.Key_F11: WindowAction.TOGGLE_FULL_SCREEN,
    Key.Key_F1: WindowAction.TOGGLE_KEYS,
}
_IN_CALL = {"c": WindowAction.TOGGLE_CHAT}
_ANSWERS = {"y": UserEvent.ACCEPT, "n": UserEvent.DECLINE}
_BY_TEXT: dict[str, UserEvent | WindowAction] = {
    "q": UserEvent.HANG_UP,
    "v": UserEvent.TOGGLE_CAMERA,
    "e": UserEvent.SHARE_SCREEN,
    "m": UserEvent.TOGGLE_MUTE,
    "r": UserEvent.TOGGLE_RECORDING,
    "s": UserEvent.TAKE_SNAPSHOT,
    "p": UserEvent.SEND_STILL,
    "w": UserEvent.CONFIRM_WORDS,
    "d": UserEvent.TOGGLE_DO_NOT_DISTURB,
    "c": UserEvent.ALLOW_CODES,
    "f": WindowAction.TOGGLE_FULL_SCREEN,
    "t": WindowAction.TOGGLE_SMALL_WINDOW,
    "o": WindowAction.TOGGLE_SELF_VIEW,
    "i": WindowAction.TOGGLE_OVERLAY,
    "?": WindowAction.TOGGLE_KEYS,
}
_LATIN: dict[int, str] = {
    Key.Key_Y: "y",
    Key.Key_N: "n",
    Key.Key_Q: "q",
    Key.Key_V: "v",
    Key.Key_E: "e",
    Key.Key_M: "m",
    Key.Key_R: "r",
    Key.Key_S: "s",
    Key.Key_P: "p",
    Key.Key_W: "w",
    Key.Key_D: "d",
    Key.Key_C: "c",
    Key.Key_F: "f",
    Key.Key_T: "t",
    Key.Key_O: "o",
    Key.Key_I: "i",
    Key.Key_Question: "?",
}
