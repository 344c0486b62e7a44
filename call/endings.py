"""Endings: the cause and the exit status for an error, a reason or an action of the user.

Pure: no I/O, no clock. `ui.wording.endings` makes the sentences.
"""

from collections.abc import Mapping, Sequence

from call.errors import CallError
from core.errors import ReportedError
from core.exit_status import ExitStatus
from media.errors import CodecError, EncoderError, MediaError, shortage_of
from media.sound.sound_spec import SoundSettingError
from media.video.camera_spec import CameraSettingError
from net.errors import DialCancelled, IdentityError, ListenError, NotFound, NotTrusted
from ui.user_interface import ScreenLost
from ui.view import EndCause, Ending


def ending_of_error(error: BaseException, *, after_accept: bool) -> Ending:
    """Return the ending that follows from an error.

    Args:
        error: one of ours, or a fault of the program.
        after_accept: whether the call had been accepted.
    """
    error = shortage_of(error, "The call") or error
    if isinstance(error, ReportedError):
        return Ending(
            EndCause.FAILED,
            _status_of(error, after_accept=after_accept),
            error=error.name,
            error_sentence=error.sentence,
            error_next_step=error.next_step,
            unknown_words=error.unknown_words if isinstance(error, NotFound) else {},
        )
    if isinstance(error, KeyboardInterrupt):
        return ending_of_user(in_call=after_accept)
    what = str(error)
    kind = type(error).__name__
    return Ending(EndCause.FAULT, ExitStatus.FAULT, fault=f"{kind}: {what}" if what else kind)


def _status_of(error: ReportedError, *, after_accept: bool) -> ExitStatus:
    match error:
        case CallError() | ListenError() | IdentityError():
            return ExitStatus.USAGE
        case CameraSettingError() | SoundSettingError():
            return ExitStatus.USAGE
        case DialCancelled():
            return ExitStatus.INTERRUPTED
        case ScreenLost():
            # The program says goodbye, as if the user had hung up.
            return ending_of_user(in_call=after_accept).exit_status
        case CodecError() | EncoderError():
            return ExitStatus.LOST if after_accept else ExitStatus.FAULT
        case MediaError():
            # A missing device does not end a call: a placeholder stands in.
            return ExitStatus.FAULT
        case NotTrusted():
            return ExitStatus.LOST if after_accept else ExitStatus.REFUSED
        case _:
            return ExitStatus.LOST if after_accept else ExitStatus.NO_CALL


def ending_of_reject(
    reason: str,
    peer_name: str,
    wait_s: int = 0,
    unknown_words: Mapping[str, Sequence[str]] | None = None,
) -> Ending:
    """Return the ending of a call that the other peer refused.

    Args:
        reason: as the wire carries it.
        wait_s: seconds after which another attempt makes sense, or 0.
        unknown_words: the words of our code that no code contains, each with similar words.
    """
    return Ending(
        EndCause.REJECTED,
        ExitStatus.REFUSED,
        peer_name=peer_name,
        reason=str(reason),
        wait_s=wait_s,
        unknown_words=unknown_words or {},
    )


def ending_of_bye(reason: str, peer_name: str) -> Ending:
    """Return the ending of a call in which the other peer said bye."""
    return Ending(EndCause.REMOTE_HUNG_UP, ExitStatus.OK, peer_name=peer_name, reason=str(reason))


def ending_of_user(*, in_call: bool) -> Ending:
    """Return the ending of a call, or of the attempt to make one, that the user here ended."""
    if in_call:
        return Ending(EndCause.HUNG_UP, ExitStatus.OK)
    return Ending(EndCause.GIVEN_UP, ExitStatus.INTERRUPTED)


def ending_of_duration(duration_s: float) -> Ending:
    """Return the ending of a call that has reached its set duration."""
    return Ending(EndCause.DURATION_OVER, ExitStatus.OK, duration_s=duration_s)
