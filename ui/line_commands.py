"""What a line of standard input means, which stands for a key in the window. Pure."""

from ui.view import Stage, UserEvent

_IN_CALL = {
    "": UserEvent.HANG_UP,
    "q": UserEvent.HANG_UP,
    "m": UserEvent.TOGGLE_MUTE,
    "w": UserEvent.CONFIRM_WORDS,
}
_OUTSIDE = {
    "q": UserEvent.QUIT,
    "d": UserEvent.TOGGLE_QUIET,
    "c": UserEvent.TAKE_CODES,
}


def meaning(line: str, stage: Stage) -> UserEvent | None:
    """Return what the person wants with that line at that stage, or None where it is nothing."""
    answer = line.strip().lower()
    match stage:
        case Stage.RUNG:
            return UserEvent.ACCEPT if answer in ("y", "yes") else UserEvent.DECLINE
        case Stage.CALL:
            return _IN_CALL.get(answer)
        case Stage.ENDED:
            return UserEvent.DISMISS
        case _:
            return _OUTSIDE.get(answer)
