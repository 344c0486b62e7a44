"""Lines of standard input: keys of the window, and in a call commands and chat. Pure: no I/O."""

from ui.call_commands import LineMeaning, read_call_line
from ui.view import Stage, UserEvent

_IN_CALL = {
    "": UserEvent.HANG_UP,
    "q": UserEvent.HANG_UP,
    "m": UserEvent.TOGGLE_MUTE,
    "v": UserEvent.TOGGLE_CAMERA,
    "e": UserEvent.SHARE_SCREEN,
    "r": UserEvent.TOGGLE_RECORDING,
    "s": UserEvent.TAKE_SNAPSHOT,
    "p": UserEvent.SEND_STILL,
    "w": UserEvent.CONFIRM_WORDS,
}
_OUTSIDE = {
    "q": UserEvent.HANG_UP,
    "d": UserEvent.TOGGLE_DO_NOT_DISTURB,
    "c": UserEvent.ALLOW_CODES,
}


def read_line(line: str, stage: Stage) -> LineMeaning:
    """Return the action that a line stands for in a stage, the reply that it gets, or None."""
    answer = line.strip().lower()
    match stage:
        case Stage.INCOMING:
            return UserEvent.ACCEPT if answer in ("y", "yes") else UserEvent.DECLINE
        case Stage.CALL:
            return _IN_CALL.get(answer) or read_call_line(line)
        case Stage.ENDED:
            return UserEvent.DISMISS
        case _:
            return _OUTSIDE.get(answer)
