"""The controls of the window in words: names, and the keys that do the same. Pure: values only."""

from enum import Enum

from ui.view import Stage, View


class Control(Enum):
    """A control of the window; each is a button of the bar, an entry of its menu, or both."""

    MUTE = "mute"
    CAMERA = "camera"
    SHARE_SCREEN = "share screen"
    DO_NOT_DISTURB = "do not disturb"
    CHAT = "chat"
    SAVE_CHAT = "save chat"
    REPORT = "report"
    RECORD = "record"
    SNAPSHOT = "snapshot"
    STILL = "still"
    FULL_SCREEN = "full screen"
    SMALL_WINDOW = "small window"
    SELF_VIEW = "self-view"
    NEXT_CORNER = "next corner"
    LARGER = "larger"
    SMALLER = "smaller"
    FIGURES = "figures"
    KEYS = "keys"
    MORE = "more"
    HANG_UP = "hang up"


KEYS = {
    Control.MUTE: "m",
    Control.CAMERA: "v",
    Control.SHARE_SCREEN: "e",
    Control.DO_NOT_DISTURB: "d",
    Control.CHAT: "c",
    Control.RECORD: "r",
    Control.SNAPSHOT: "s",
    Control.STILL: "p",
    Control.FULL_SCREEN: "f",
    Control.SMALL_WINDOW: "t",
    Control.SELF_VIEW: "o",
    Control.FIGURES: "i",
    Control.KEYS: "?",
    Control.HANG_UP: "q",
}
"""The key of each control that has one."""


def name_control(control: Control, view: View, *, is_on: bool = False) -> str:
    """Return the name of a control: what it does now.

    Args:
        is_on: for what only the window knows: whether the control's state is on already.
    """
    match control:
        case Control.MUTE:
            if not view.has_microphone:
                return "You have no microphone"
            return "Unmute yourself" if view.is_muted else "Mute yourself"
        case Control.CAMERA:
            return "Turn your camera on" if view.is_camera_off else "Turn your camera off"
        case Control.SHARE_SCREEN:
            return "Stop sharing your screen" if is_on else "Share your screen"
        case Control.DO_NOT_DISTURB:
            return "Take calls again" if is_on else "Do not disturb"
        case Control.RECORD:
            return "Stop recording" if view.is_recording else "Record the call"
        case Control.CHAT:
            return "Close the chat" if is_on else "Chat and files"
        case Control.FULL_SCREEN:
            return "Leave full screen" if is_on else "Full screen"
        case Control.SMALL_WINDOW:
            return "Back to the large window" if is_on else "Small window on top"
        case Control.SELF_VIEW:
            return "Hide your own picture" if is_on else "Show your own picture"
        case Control.FIGURES:
            return "Hide quality" if is_on else "Show quality"
        case Control.KEYS:
            return "Hide the keys" if is_on else "Show the keys"
        case Control.HANG_UP:
            return _name_end(view.stage)
        case _:
            return _NAMES[control]


def name_unread(name: str, count: int) -> str:
    """Return the name of the chat's button with the number of unread messages."""
    if not count:
        return name
    return f"{name}, {count} unread {'message' if count == 1 else 'messages'}"


def word_tooltip(control: Control, name: str) -> str:
    """Return a control's name with its key."""
    key = KEYS.get(control)
    return f"{name} ({key})" if key else name


def _name_end(stage: Stage) -> str:
    match stage:
        case Stage.CALL:
            return "Hang up"
        case Stage.DIALLING | Stage.RINGING:
            return "Cancel the call"
        case Stage.INCOMING:
            return "Decline the call"
        case Stage.WAITING:
            return "Quit"
        case Stage.ENDED:
            return "Close"


_NAMES = {
    Control.NEXT_CORNER: "Move your own picture to the next corner",
    Control.LARGER: "Make your own picture larger",
    Control.SMALLER: "Make your own picture smaller",
    Control.SAVE_CHAT: "Save the chat",
    Control.REPORT: "Report on the last call",
    Control.SNAPSHOT: "Save a picture of the other side",
    Control.STILL: "Send a photo of your camera",
    Control.MORE: "More",
}
