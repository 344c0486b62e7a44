"""Call notices in words: recordings, snapshots, photos and reports. Pure: values only."""

from ui.call_notice import CallNotice, CallNoticeKind
from ui.wording.recording import word_duration

_MISSING = {
    CallNoticeKind.OWN_PICTURE_MISSING: "Your picture",
    CallNoticeKind.OWN_VOICE_MISSING: "Your voice",
    CallNoticeKind.REMOTE_PICTURE_MISSING: "{name}'s picture",
    CallNoticeKind.REMOTE_VOICE_MISSING: "{name}'s voice",
}


def word_call_notice(notice: CallNotice) -> str:
    """Return what happened, and the next step where there is one."""
    name, path = notice.peer_name, notice.path
    match notice.kind:
        case CallNoticeKind.RECORDING_BEGUN:
            return f"You record this call, into {path}. Press r to stop"
        case CallNoticeKind.RECORDING_SAVED:
            return f"The recording is saved in {path} ({word_duration(notice.duration_s)})"
        case CallNoticeKind.RECORDING_EMPTY:
            return "The recording was too short to keep. Press r to record again"
        case CallNoticeKind.RECORDING_STOPPED:
            return notice.detail
        case CallNoticeKind.RECORDING_BROKEN:
            return f"The recording {path} has stopped: {notice.detail}. Press r to begin another"
        case CallNoticeKind.STILL_WRITING:
            return f"The disk is still writing {path}. Press r again in a moment"
        case CallNoticeKind.DISK_TOO_SLOW:
            return (
                "The disk is too slow for the recording, so parts of it are missing."
                " Close other programs"
            )
        case CallNoticeKind.NOT_SHOWN_THERE:
            return f"{name}'s program is older and does not show that you record. Tell {name}"
        case CallNoticeKind.SNAPSHOT_SAVED:
            return f"The picture is saved in {path}"
        case CallNoticeKind.SNAPSHOT_FAILED:
            return notice.detail
        case CallNoticeKind.NO_PICTURE:
            return f"There is no picture of {name} yet. Press s again when you see one"
        case CallNoticeKind.CAMERA_OFF:
            return "Your camera is off. Press v to turn it on, then p again"
        case CallNoticeKind.NO_OWN_PICTURE:
            return "Your camera delivers no picture. Press p again when you see yourself"
        case CallNoticeKind.STILL_FAILED:
            return f"The photo was not taken: {notice.detail}. Press p to try again"
        case CallNoticeKind.REPORT_SAVED:
            return f"The report on the call is in {path}"
        case CallNoticeKind.REPORT_FAILED:
            return notice.detail
        case _:
            whose = _MISSING[notice.kind].replace("{name}", name)
            return (
                f"{whose} is not in the recording, because its form has changed."
                " Press r twice to begin another recording"
            )
