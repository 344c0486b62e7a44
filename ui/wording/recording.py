"""Recordings in words: who records, and for how long. Pure: values only."""

from ui.view import View
from ui.wording.peers import claim_of_peer, name_peer


def remote_recording(name: str, *, is_on: bool) -> str:
    """Return that the other peer begins to record, or stops."""
    return f"{name} records this call" if is_on else f"{name} no longer records this call"


def word_recording(view: View) -> str:
    """Return who records the call, or ""."""
    if view.is_recording:
        who = f"You and {name_peer(view)}" if view.is_remote_recording else "You"
        return f"{who} record this call"
    return claim_of_peer(view, "records this call") if view.is_remote_recording else ""


def mark_recording(view: View, status: str) -> str:
    """Return the status line of a call, with who records it first."""
    recording = word_recording(view)
    return f"{recording}. {status}" if recording and status else status


def word_duration(duration_s: float) -> str:
    """Return a duration, such as "1 h 2 min 3 s"."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
