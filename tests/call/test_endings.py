"""call/endings.py: the cause and the exit status of every ending."""

import errno

import pytest

from call.endings import (
    ending_of_bye,
    ending_of_duration,
    ending_of_error,
    ending_of_reject,
    ending_of_user,
)
from call.errors import OutputFileError, SettingsError
from core.exit_status import ExitStatus
from media.errors import CodecError, EncoderError, SourceError
from media.video.camera_spec import CameraSettingError
from net import errors
from net.protocol.reasons import Reason
from ui.user_interface import ScreenLost
from ui.view import EndCause, Ending

OF_ERRORS = [
    (SettingsError("a"), 2, 2),
    (OutputFileError("a"), 2, 2),
    (CameraSettingError("a"), 2, 2),
    (errors.PortTaken("a"), 2, 2),
    (errors.AddressUnusable("a"), 2, 2),
    (errors.IdentityError("a"), 2, 2),
    (errors.HostUnknown("a"), 3, 5),
    (errors.NotFound("a"), 3, 5),
    (errors.DiscoveryFailed("a"), 3, 5),
    (errors.NotTrusted("a"), 4, 5),
    (errors.ProofWrong("a"), 3, 5),
    (errors.NobodyListens("a"), 3, 5),
    (errors.NoReply("a"), 3, 5),
    (errors.DialCancelled("a"), 130, 130),
    (errors.NotOurProtocol("a"), 3, 5),
    (errors.ProtocolError("a"), 3, 5),
    (errors.LinkLost("a"), 3, 5),
    (CodecError("a"), 1, 5),
    (SourceError("a"), 1, 1),
    (EncoderError("a"), 1, 5),
    (MemoryError(), 1, 1),
    (OSError(errno.EMFILE, "a"), 1, 1),
    (RuntimeError("a"), 1, 1),
    (KeyboardInterrupt(), 130, 0),
    (ScreenLost(), 130, 0),
]


@pytest.mark.parametrize(("error", "before", "after"), OF_ERRORS, ids=lambda it: repr(it))
def test_each_error_has_its_status_before_and_after_accept(
    error: BaseException, before: int, after: int
) -> None:
    assert ending_of_error(error, after_accept=False).exit_status == before
    assert ending_of_error(error, after_accept=True).exit_status == after


def test_every_error_of_the_link_is_in_the_table() -> None:
    kinds = {type(error) for error, _, _ in OF_ERRORS}
    bases = {errors.NetError, errors.DialError, errors.ListenError}
    ours = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.NetError)
    }
    assert ours - bases <= kinds


def test_error_keeps_its_sentence_and_next_step() -> None:
    assert ending_of_error(errors.LinkLost("It broke", "call again"), after_accept=True) == Ending(
        EndCause.FAILED,
        ExitStatus.LOST,
        error="link_lost",
        error_sentence="It broke",
        error_next_step="call again",
    )


def test_code_that_is_not_found_keeps_its_unknown_words() -> None:
    error = errors.NotFound("Nobody listens", unknown_words={"lmap": ("lamp",)})
    assert ending_of_error(error, after_accept=False).unknown_words == {"lmap": ("lamp",)}


def test_fault_names_its_error() -> None:
    ending = ending_of_error(ZeroDivisionError("division by zero"), after_accept=False)
    assert (ending.cause, ending.fault) == (EndCause.FAULT, "ZeroDivisionError: division by zero")
    assert ending_of_error(ZeroDivisionError(), after_accept=True).fault == "ZeroDivisionError"


def test_rejection_keeps_its_reason_and_has_the_status_refused() -> None:
    ending = ending_of_reject(Reason.BUSY, "Alice", 3, {"lmap": ("lamp",)})
    assert ending == Ending(
        EndCause.REJECTED,
        ExitStatus.REFUSED,
        peer_name="Alice",
        reason="busy",
        wait_s=3,
        unknown_words={"lmap": ("lamp",)},
    )


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_to_reject_is_exit_status_4_and_each_bye_0(reason: Reason) -> None:
    assert ending_of_reject(reason, "Alice").exit_status == 4
    assert ending_of_bye(reason, "Alice").exit_status == 0


def test_user_and_duration_end_a_call_with_status_0() -> None:
    assert ending_of_user(in_call=True).exit_status == 0
    assert ending_of_user(in_call=False).exit_status == 130
    assert ending_of_duration(5.0).exit_status == 0


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.EMFILE, "Too many open files")])
def test_shortage_of_the_system_is_no_fault_of_the_program(error: BaseException) -> None:
    ending = ending_of_error(error, after_accept=True)
    assert ending.cause is EndCause.FAILED
    assert ending.error == "shortage_error"
    assert ending.error_next_step
