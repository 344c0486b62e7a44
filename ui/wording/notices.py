"""Problems of our own sound and camera in words. Pure: values only.

Each sentence begins with "You", since another about the other peer may stand beside it.
"""

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.view import Stage, View, VoiceNotice


def word_device_problem(problem: DeviceProblem) -> str:
    """Return why a device, or all sound, is missing."""
    missing = f"You have no {problem.device or 'sound'}"
    match problem.kind:
        case DeviceProblemKind.UNAVAILABLE if problem.device is DeviceKind.CAMERA:
            hint = f". {problem.next_step}" if problem.next_step else ""
            return f"{missing}: {_uncapitalized(problem.detail)}{hint}"
        case DeviceProblemKind.UNAVAILABLE:
            return f"{missing}: {problem.detail}"
        case DeviceProblemKind.NOT_OPENED:
            name = f'"{problem.name}"' if problem.name else "the default one"
            hint = f". {problem.next_step}" if problem.next_step else ""
            return f"{missing}: {name} cannot be opened ({problem.detail}){hint}"
        case DeviceProblemKind.NOT_CHANGED:
            return f"Your {problem.device} stays as it was: {_reason(problem)}"
        case DeviceProblemKind.NOT_SHARED:
            return f"Your screen is not shared: {_reason(problem)}"
        case DeviceProblemKind.GONE:
            return f"{missing}: it was unplugged or has failed"
        case DeviceProblemKind.NOT_WRITABLE:
            return f"{missing}: {problem.name} cannot be written ({problem.detail})"
        case DeviceProblemKind.NOT_STARTED:
            return f"{missing}: {problem.detail}. {problem.next_step}"
        case DeviceProblemKind.NOT_ANSWERING:
            return f"{missing}: the system's sound does not answer"


def word_notice(notice: DeviceProblem | VoiceNotice) -> str:
    """Return one notice about our own sound or camera."""
    match notice:
        case VoiceNotice.MUTED:
            return "You are muted: press m to be heard"
        case VoiceNotice.SILENT:
            return "Your microphone gives no sound: is it switched off?"
        case DeviceProblem():
            return word_device_problem(notice)


def word_notices(view: View) -> tuple[str, ...]:
    """Return our own problems, the shortest first; nothing outside of a call."""
    if view.stage is not Stage.CALL:
        return ()
    return tuple(sorted(map(word_notice, view.notices), key=len))


def _reason(problem: DeviceProblem) -> str:
    """Return what is wrong, and what to do."""
    is_of_camera = problem.device is DeviceKind.CAMERA  # Its sentences name it.
    name = "" if is_of_camera or not problem.name else f'"{problem.name}": '
    hint = f". {problem.next_step}" if problem.next_step else ""
    return f"{name}{_uncapitalized(problem.detail)}{hint}"


def _uncapitalized(sentence: str) -> str:
    """Return a sentence as it stands after a colon, unless its first word is all in capitals."""
    is_plain = sentence[1:2].islower()
    return sentence[:1].lower() + sentence[1:] if is_plain else sentence
