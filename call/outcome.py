"""How a run ended: errors and reasons become a sentence, a next step and an exit status.

Pure: no I/O, no clock. All text that comes from the other side is cleaned here.
"""

from dataclasses import dataclass

from call.errors import CallError
from core.exit_status import ExitStatus
from core.safe_text import clean_name, cut_controls
from media.errors import CodecError, MediaError
from media.sound.sound_spec import SoundSettingError
from media.video.camera_spec import CameraSettingError
from net.errors import (
    DialCancelled,
    DialError,
    IdentityError,
    ListenError,
    NetError,
    NotTrusted,
)

MAX_REASON_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended.

    Attributes:
        exit_status: one of `ExitStatus`.
        sentence: what happened, without a full stop at its end.
        next_step: what the person may do about it, or nothing.
    """

    exit_status: int
    sentence: str
    next_step: str = ""

    @property
    def text(self) -> str:
        """Sentence and next step, as they are printed on one line."""
        next_step = self.next_step[:1].upper() + self.next_step[1:]
        return " ".join(_with_stop(part) for part in (self.sentence, next_step) if part)


def outcome_of(error: BaseException, *, after_accept: bool) -> Outcome:
    """Return what an error means.

    Args:
        error: one of ours, or a fault of the program.
        after_accept: whether a call was up.
    """
    if isinstance(error, (CallError, MediaError, NetError)):
        status = _status_of(error, after_accept=after_accept)
        sentence = cut_controls(error.sentence)
        return Outcome(status, sentence, cut_controls(error.next_step))
    if isinstance(error, KeyboardInterrupt):
        return outcome_of_user(in_call=after_accept)
    what = cut_controls(str(error))[:MAX_REASON_CHARACTERS]
    kind = type(error).__name__
    return Outcome(
        ExitStatus.FAULT,
        f"Vis-à-vis has a fault: {kind}: {what}" if what else f"Vis-à-vis has a fault: {kind}",
        "Run it again with -v, and report what it prints",
    )


def _status_of(error: CallError | MediaError | NetError, *, after_accept: bool) -> ExitStatus:
    match error:
        case CallError() | ListenError() | IdentityError():
            return ExitStatus.USAGE
        case CameraSettingError() | SoundSettingError():
            return ExitStatus.USAGE
        case DialCancelled():
            return ExitStatus.INTERRUPTED
        case CodecError():
            return ExitStatus.LOST if after_accept else ExitStatus.FAULT
        case MediaError():
            # A device that is away is a placeholder, and a window that cannot be opened is none.
            return ExitStatus.FAULT
        case NotTrusted():
            return ExitStatus.LOST if after_accept else ExitStatus.REFUSED
        case DialError() | NetError():
            return ExitStatus.LOST if after_accept else ExitStatus.NO_CALL


def outcome_of_reject(reason: str, peer_name: str, wait_s: int = 0, code_hint: str = "") -> Outcome:
    """Return what it means that the other side rejected our call, or we its version.

    Args:
        wait_s: after which another attempt makes sense, or 0.
        code_hint: what is wrong with the spelling of the code that we gave, or nothing.
    """
    who = _name(peer_name)
    if reason == "wrong code" and code_hint:
        return Outcome(ExitStatus.REFUSED, f"The code is wrong: {code_hint}")
    known = _REJECTIONS.get(reason)
    if known is not None:
        sentence, next_step = known
        if wait_s:
            next_step = f"Try again in {wait_s} s"
        return Outcome(ExitStatus.REFUSED, sentence.format(who=who), next_step.format(who=who))
    shown = _clean_reason(reason)
    why = f": {shown}" if shown else ""
    return Outcome(ExitStatus.REFUSED, f"{who} refused the call{why}")


_REJECTIONS = {
    "busy": ("{who} is busy with another call", "Try again later"),
    "declined": ("{who} declined the call", ""),
    "program ended": ("The program of {who} was ended before the call was accepted", ""),
    "no answer": ("{who} did not answer", "Try again later"),
    "nobody to ask": (
        "Nobody is there to answer for {who}",
        "Start the listener there with a window, at a terminal, or with --accept",
    ),
    "code needed": (
        "{who} takes only callers who know the code, or whom they know",
        "Ask for the code that the listener shows, and call with it: connect CODE, or"
        " connect HOST --code CODE",
    ),
    "wrong code": (
        "{who} says that the code is wrong",
        "Ask for the code that the listener shows now, and see how it is spelled",
    ),
    "wrong proof": (
        "{who} could not verify who calls",
        "Somebody may sit between both sides: do not call over this network",
    ),
    "too many wrong codes": (
        "{who} takes no code now: there were too many wrong ones",
        "Ask them to press c there, which takes codes again, and call then",
    ),
    "rang too often": (
        "{who} takes no ring from you now: you rang and left too often",
        "Try again later",
    ),
    "do not disturb": ("{who} does not want to be disturbed now", "Try again later"),
    "version": (
        "{who} runs another version of Vis-à-vis",
        "Bring both computers to the same version",
    ),
}


def outcome_of_bye(reason: str, peer_name: str) -> Outcome:
    """Return what it means that the other side said bye in a call."""
    who = _name(peer_name)
    shown = _clean_reason(reason)
    sentence = f"{who} ended the call: {shown}" if shown else f"{who} hung up"
    return Outcome(ExitStatus.OK, sentence)


def outcome_of_user(*, in_call: bool) -> Outcome:
    """Return what it means that the person here ended it."""
    if in_call:
        return Outcome(ExitStatus.OK, "You hung up")
    return Outcome(ExitStatus.INTERRUPTED, "You ended it before there was a call")


def outcome_of_duration(duration_s: float) -> Outcome:
    """Return what it means that the call has lasted as long as it was to."""
    return Outcome(ExitStatus.OK, f"The call ended after its {duration_s:g} s")


def _name(peer_name: str) -> str:
    return clean_name(peer_name) or "The other side"


def _clean_reason(reason: str) -> str:
    return cut_controls(reason).strip()[:MAX_REASON_CHARACTERS].rstrip(" .")


def _with_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
