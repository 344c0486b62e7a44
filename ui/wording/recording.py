"""Sentences about recordings and snapshots for the log and the terminal. Pure: values only.

Each function returns the sentence for the event that its docstring names.
"""

from pathlib import Path

from ui.view import View
from ui.wording.peers import claim_of_peer, name_peer


def recording_begun(path: Path) -> str:
    """A recording begins."""
    return f"You record this call, into {path}. Press r to stop"


def recording_saved(path: Path, duration_s: float) -> str:
    """A recording has ended as it should."""
    return f"The recording is saved in {path} ({word_duration(duration_s)})"


def recording_empty() -> str:
    """A recording ended before anything was written."""
    return "The recording was too short to keep. Press r to record again"


def recording_broken(path: Path, error: BaseException) -> str:
    """A recording ended by a fault of this program."""
    return f"The recording {path} has stopped: {error}. Press r to begin another one"


def still_writing(path: Path) -> str:
    """A recording is to begin while the one before is still being written."""
    return f"The disk is still writing {path}. Press r again in a moment"


def disk_too_slow() -> str:
    """The disk does not take the packets of a recording in time."""
    return (
        "The disk is too slow for the recording, so parts of it are missing. Close other programs"
    )


def other_codec(*, is_picture: bool, is_remote: bool, name: str) -> str:
    """Pictures or sound come in another form than the recording has room for."""
    whose = f"{name}'s" if is_remote else "Your"
    what = "picture" if is_picture else "voice"
    return (
        f"{whose} {what} is not in the recording, because its form has changed."
        " Press r twice to begin another recording"
    )


def remote_recording(name: str, *, is_on: bool) -> str:
    """The other peer begins to record, or stops."""
    return f"{name} records this call" if is_on else f"{name} no longer records this call"


def not_shown_there(name: str) -> str:
    """The other peer's program is too old to show that the call is recorded."""
    return f"{name}'s program is older and does not show that you record. Tell {name}"


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


def snapshot_saved(path: Path) -> str:
    """A snapshot was taken."""
    return f"The picture is saved in {path}"


def no_picture(name: str) -> str:
    """A snapshot was to be taken before the first picture."""
    return f"There is no picture of {name} yet. Press s again when you see one"


def no_own_picture(*, is_camera_off: bool) -> str:
    """A photo was to be taken without a picture of the own camera."""
    if is_camera_off:
        return "Your camera is off. Press v to turn it on, then p again"
    return "Your camera delivers no picture. Press p again when you see yourself"


def word_duration(duration_s: float) -> str:
    """Return a duration, such as "1 h 2 min 3 s"."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
