"""call/live/local_audio.py: problems of our own sound, shown in a window and logged once."""

from collections.abc import Callable

import pytest

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.sound.pcm import SILENCE_DBFS
from tests.support.local_user import LocalUser
from ui.view import VoiceNotice
from ui.wording.notices import word_device_problem

NO_MICROPHONE = DeviceProblem(
    DeviceProblemKind.UNAVAILABLE, DeviceKind.MICROPHONE, detail='"nowhere" is not there'
)
NO_LOUDSPEAKER = DeviceProblem(DeviceProblemKind.GONE, DeviceKind.LOUDSPEAKER)

pytestmark = pytest.mark.usefixtures("fake_devices")


def test_there_are_no_notices_without_devices() -> None:
    user = LocalUser()
    user.audio.is_muted = True
    user.speak()
    assert user.notices() == ()


def test_speaking_while_muted_is_noticed() -> None:
    user = LocalUser()
    user.start()
    user.audio.is_muted = True
    assert user.notices() == ()
    user.speak()
    assert user.notices() == (VoiceNotice.MUTED,)
    user.hear(-65, 5_000_000)
    assert user.notices() == ()


def test_speaking_while_not_muted_causes_no_notice() -> None:
    user = LocalUser()
    user.start()
    user.speak()
    assert user.notices() == ()


def test_microphone_that_is_switched_off_is_noticed() -> None:
    user = LocalUser()
    user.start()
    user.hear(SILENCE_DBFS, 9_000_000)
    assert user.notices() == ()
    user.hear(SILENCE_DBFS, 2_000_000)
    assert user.notices() == (VoiceNotice.SILENT,)
    user.audio.is_muted = True
    assert user.notices() == ()


def test_device_problem_is_a_notice_only_in_a_window(warnings: Callable[[], list[str]]) -> None:
    user = LocalUser()
    user.start().problems = (NO_MICROPHONE,)
    assert user.notices() == ()
    user.audio.set_window(True)
    assert user.notices() == (NO_MICROPHONE,)
    user.audio.set_window(False)
    assert user.notices() == ()
    # The log has it in both cases.
    assert warnings() == [word_device_problem(NO_MICROPHONE)]


def test_device_problems_and_the_voice_are_noticed_together() -> None:
    user = LocalUser()
    user.audio.set_window(True)
    user.start().problems = (NO_LOUDSPEAKER,)
    user.audio.is_muted = True
    user.speak()
    assert user.notices() == (NO_LOUDSPEAKER, VoiceNotice.MUTED)


def test_each_device_problem_is_logged_once(warnings: Callable[[], list[str]]) -> None:
    user = LocalUser()
    devices = user.start()
    devices.problems = (NO_MICROPHONE,)
    user.notices()
    user.notices()
    devices.problems = (NO_MICROPHONE, NO_LOUDSPEAKER)
    user.notices()
    user.notices()
    assert warnings() == [word_device_problem(NO_MICROPHONE), word_device_problem(NO_LOUDSPEAKER)]


def test_device_problem_that_returns_is_logged_again(warnings: Callable[[], list[str]]) -> None:
    user = LocalUser()
    devices = user.start()
    for problems in ((NO_LOUDSPEAKER,), (), (NO_LOUDSPEAKER,)):
        devices.problems = problems
        user.notices()
    assert warnings() == [word_device_problem(NO_LOUDSPEAKER)] * 2
