"""What happened in a call, in words. Pure: values only."""

from core.call_history import HistoryEvent
from core.safe_text import cut_controls

MAX_CHARACTERS = 300
_OWN = {
    "camera open": "Your camera works again",
    "camera missing": "Your camera is missing",
    "camera off": "You turned your camera off",
    "microphone open": "Your microphone is open",
    "microphone missing": "Your microphone is missing",
    "microphone off": "You are muted",
    "loudspeaker open": "Your loudspeaker works again",
    "loudspeaker missing": "Your loudspeaker is missing",
    "camera closed": "Your camera was closed",
    "microphone closed": "Your microphone was closed",
    "loudspeaker closed": "Your loudspeaker was closed",
}
_PICTURE = {
    "expected": "{who}'s picture is sent",
    "paused": "{who}'s pictures pause, because the link is too small",
    "hidden": "{who} turned the camera off",
    "none": "{who} sends no pictures",
}
_SOUND = {
    "expected": "{who}'s sound is sent",
    "muted": "{who} is muted",
    "none": "{who} sends no sound",
}
_PLAIN = {
    "link_lost": "The link was lost",
    "resumed": "The call goes on",
    "first_picture": "The first picture arrived",
    "snapshot_saved": "You saved a picture",
    "recording_begun": "You began to record",
    "recording_ended": "The recording ended",
    "ended": "The end",
}


def word_event(event: HistoryEvent, who: str) -> str:
    """Return what happened, without a full stop at its end.

    Args:
        who: the name of the other peer.
    """
    match event.name:
        case "device":
            text = _OWN.get(event.detail, event.detail)
        case "remote_picture":
            text = _PICTURE.get(event.detail, event.detail).format(who=who)
        case "remote_sound":
            text = _SOUND.get(event.detail, event.detail).format(who=who)
        case _:
            plain = _PLAIN.get(event.name, event.name.replace("_", " ").capitalize())
            text = f"{plain}: {event.detail}" if event.detail else plain
    return cut_controls(text)[:MAX_CHARACTERS]
