"""ui/wording/notices.py: the sentence of each problem of our own sound."""

import pytest

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.view import Stage, View, VoiceNotice
from ui.wording.notices import word_device_problem, word_notices

GONE = DeviceProblem(DeviceProblemKind.GONE, DeviceKind.LOUDSPEAKER)
MICROPHONE = DeviceKind.MICROPHONE


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (
            DeviceProblem(
                DeviceProblemKind.UNAVAILABLE, MICROPHONE, detail='"Headset" is not there'
            ),
            'You have no microphone: "Headset" is not there',
        ),
        (
            DeviceProblem(
                DeviceProblemKind.NOT_OPENED,
                MICROPHONE,
                "Headset",
                "Device unavailable",
                "Does another program use it?",
            ),
            'You have no microphone: "Headset" cannot be opened (Device unavailable).'
            " Does another program use it?",
        ),
        (
            DeviceProblem(DeviceProblemKind.NOT_OPENED, MICROPHONE, detail="Invalid rate"),
            "You have no microphone: the default one cannot be opened (Invalid rate)",
        ),
        (
            DeviceProblem(
                DeviceProblemKind.UNAVAILABLE,
                DeviceKind.CAMERA,
                detail="The first camera was not found",
                next_step="Connect it, or choose another",
            ),
            "You have no camera: the first camera was not found. Connect it, or choose another",
        ),
        (
            DeviceProblem(
                DeviceProblemKind.UNAVAILABLE,
                DeviceKind.CAMERA,
                detail="THE CERTIFICATE OF https://phone HAS CHANGED",
            ),
            "You have no camera: THE CERTIFICATE OF https://phone HAS CHANGED",
        ),
        (GONE, "You have no loudspeaker: it was unplugged or has failed"),
        (
            DeviceProblem(
                DeviceProblemKind.NOT_WRITABLE,
                DeviceKind.LOUDSPEAKER,
                "/dev/full",
                "No space left on device",
            ),
            "You have no loudspeaker: /dev/full cannot be written (No space left on device)",
        ),
        (
            DeviceProblem(
                DeviceProblemKind.NOT_STARTED,
                detail="PyAudio is not installed",
                next_step="Run make setup",
            ),
            "You have no sound: PyAudio is not installed. Run make setup",
        ),
        (
            DeviceProblem(DeviceProblemKind.NOT_ANSWERING),
            "You have no sound: the system's sound does not answer",
        ),
    ],
)
def test_each_device_problem_has_its_sentence(problem: DeviceProblem, sentence: str) -> None:
    assert word_device_problem(problem) == sentence


def test_shortest_notice_comes_first() -> None:
    longest = DeviceProblem(DeviceProblemKind.UNAVAILABLE, MICROPHONE, detail="x" * 80)
    view = View(Stage.CALL, "Me", notices=(longest, VoiceNotice.SILENT, GONE, VoiceNotice.MUTED))
    assert word_notices(view) == (
        "You are muted: press m to be heard",
        "Your microphone gives no sound: is it switched off?",
        "You have no loudspeaker: it was unplugged or has failed",
        f"You have no microphone: {'x' * 80}",
    )


def test_device_that_was_not_changed_is_told_with_the_reason_and_the_remedy() -> None:
    problem = DeviceProblem(
        DeviceProblemKind.NOT_CHANGED,
        DeviceKind.CAMERA,
        'Camera "Back"',
        'Camera "Back" cannot be opened',
        "Close other programs that use it",
    )
    assert word_device_problem(problem) == (
        'Your camera stays as it was: camera "Back" cannot be opened.'
        " Close other programs that use it"
    )


def test_screen_that_was_not_shared_is_told_with_the_permission() -> None:
    problem = DeviceProblem(
        DeviceProblemKind.NOT_SHARED,
        DeviceKind.CAMERA,
        "Screen",
        "The screen cannot be read",
        "Allow screen recording for the terminal in the system's privacy settings",
    )
    assert word_device_problem(problem) == (
        "Your screen is not shared: the screen cannot be read."
        " Allow screen recording for the terminal in the system's privacy settings"
    )
