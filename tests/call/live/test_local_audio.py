"""call/live/local_audio.py: devices are opened once and always closed; files start on time."""

from collections.abc import Callable

import pytest

from call.live.local_audio import FILM_WAIT_US
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.sound.microphone import Recorded
from media.sound.pcm import SILENCE_DBFS
from media.sound.sound_spec import DefaultDevice, DeviceName, MicrophoneSpec, NoSound, Tone
from media.sound.tone import tone_block
from tests.support.local_user import START_US, FakeDevices, LocalUser

DEADLINE_S = 20.0

pytestmark = pytest.mark.usefixtures("fake_devices")


def test_nothing_is_opened_before_the_start() -> None:
    LocalUser()
    assert not FakeDevices.opened


def test_starting_twice_opens_once() -> None:
    user = LocalUser(Tone())
    devices = user.start()
    microphone, speaker = user.audio.microphone, user.audio.speaker
    user.audio.start()
    assert user.threads.join(DEADLINE_S) == []
    assert FakeDevices.opened == [devices]
    assert devices.ran_in == ["sound"]
    assert devices.specs == (Tone(), DefaultDevice())
    assert (user.audio.microphone, user.audio.speaker) == (microphone, speaker)
    assert microphone is devices.microphone
    assert speaker is devices.speaker


def test_stopping_closes_the_devices_once() -> None:
    user = LocalUser()
    devices = user.start()
    user.audio.stop()
    user.audio.stop()
    assert devices.closes == 1


def test_stopping_before_the_start_does_nothing() -> None:
    LocalUser().audio.stop()
    assert not FakeDevices.opened


def test_next_call_has_new_devices_and_a_new_level() -> None:
    user = LocalUser()
    first = user.start()
    user.speak()
    user.audio.stop()
    second = user.start()
    assert second is not first
    assert user.audio.microphone is second.microphone
    assert user.audio.level.level_dbfs == SILENCE_DBFS


def test_file_as_a_microphone_starts_with_the_devices() -> None:
    user = LocalUser()
    devices = user.start()
    user.now_us += 5_000_000
    assert devices.wav_started_us() == START_US
    assert devices.callbacks["now_us"]() == user.now_us


def test_file_as_a_microphone_starts_with_the_film() -> None:
    film_us: list[int | None] = [None]
    user = LocalUser(film_started_us=lambda: film_us[0])
    devices = user.start()
    user.now_us += 500_000
    assert devices.wav_started_us() is None
    film_us[0] = user.now_us
    user.now_us += 500_000
    assert devices.wav_started_us() == START_US + 500_000
    # The film is interrupted: the sound goes on from the same start.
    film_us[0] = None
    user.now_us += 2 * FILM_WAIT_US
    assert devices.wav_started_us() == START_US + 500_000


def test_file_does_not_wait_for_a_film_without_end() -> None:
    film_us: list[int | None] = [None]
    user = LocalUser(film_started_us=lambda: film_us[0])
    devices = user.start()
    user.now_us = START_US + FILM_WAIT_US
    assert devices.wav_started_us() is None
    user.now_us += 1
    assert devices.wav_started_us() == START_US
    film_us[0] = user.now_us
    assert devices.wav_started_us() == user.now_us


def test_each_call_waits_for_its_own_film() -> None:
    film_us: list[int | None] = [START_US]
    user = LocalUser(film_started_us=lambda: film_us[0])
    assert user.start().wav_started_us() == START_US
    user.audio.stop()
    film_us[0] = None
    assert user.start().wav_started_us() is None


def test_mute_lasts_from_call_to_call() -> None:
    user = LocalUser()
    assert not user.audio.is_muted
    user.start()
    user.audio.is_muted = True
    user.audio.stop()
    user.start()
    assert user.audio.is_muted


@pytest.mark.parametrize(
    ("spec", "has_microphone"), [(NoSound(), False), (Tone(), True), (DefaultDevice(), True)]
)
def test_only_the_setting_none_means_no_microphone(
    spec: MicrophoneSpec, has_microphone: bool
) -> None:
    assert LocalUser(spec).audio.has_microphone is has_microphone


def test_devices_that_stop_with_an_error_are_logged(
    monkeypatch: pytest.MonkeyPatch, warnings: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(FakeDevices, "breaks", True)
    user = LocalUser()
    devices = user.start()
    assert user.threads.join(DEADLINE_S) == []
    assert warnings() == ["the sound devices have stopped: The card has burnt"]
    # The call goes on with the devices as they are.
    assert user.audio.microphone is devices.microphone


def test_devices_that_end_without_an_error_are_not_logged(
    warnings: Callable[[], list[str]],
) -> None:
    user = LocalUser()
    user.start()
    user.audio.stop()
    assert user.threads.join(DEADLINE_S) == []
    assert warnings() == []


def test_level_is_measured_on_the_voice() -> None:
    user = LocalUser()
    user.start()
    user.audio.new_pipeline().process(Recorded(tone_block(0), START_US), 0)
    assert user.audio.level_dbfs() == pytest.approx(-26, abs=0.5)


def test_level_is_unknown_without_devices() -> None:
    user = LocalUser()
    assert user.audio.level_dbfs() is None
    user.start()
    assert user.audio.level_dbfs() is not None
    user.audio.stop()
    assert user.audio.level_dbfs() is None


def test_missing_microphone_has_no_level() -> None:
    user = LocalUser()
    user.start().microphone.is_live = False
    assert user.audio.level_dbfs() is None


def test_device_is_changed_once_the_sound_thread_has_opened_it() -> None:
    user = LocalUser()
    devices = user.start()
    user.audio.change_microphone(Tone())
    user.audio.change_speaker(NoSound())
    assert {user.audio.microphone_spec, user.audio.speaker_spec} == {DefaultDevice()}
    assert set(user.audio.changing) == {DeviceKind.MICROPHONE, DeviceKind.LOUDSPEAKER}
    assert not user.audio.on_tick()
    for _, _, on_changed in devices.changes:
        on_changed(None)
    assert user.audio.on_tick()
    assert (user.audio.microphone_spec, user.audio.speaker_spec) == (Tone(), NoSound())
    assert (user.audio.microphone_changes, user.audio.changing) == (1, {})


def test_device_that_cannot_be_opened_leaves_the_present_one(
    warnings: Callable[[], list[str]],
) -> None:
    user = LocalUser()
    devices = user.start()
    user.audio.change_microphone(DeviceName("Busy"))
    problem = DeviceProblem(DeviceProblemKind.NOT_OPENED, DeviceKind.MICROPHONE, "Busy", "in use")
    devices.changes[0][2](problem)
    assert user.audio.on_tick()
    assert user.audio.microphone_spec == DefaultDevice()
    assert user.audio.microphone_changes == 0
    refused = user.audio.change_problems[DeviceKind.MICROPHONE]
    assert (refused.kind, refused.name) == (DeviceProblemKind.NOT_CHANGED, "Busy")
    assert warnings() == ['Your microphone stays as it was: "Busy": in use']
    user.audio.change_microphone(Tone())
    assert user.audio.change_problems == {}


def test_chosen_device_is_opened_at_the_next_start() -> None:
    user = LocalUser()
    user.audio.change_microphone(Tone())
    user.audio.change_speaker(NoSound())
    assert user.start().specs == (Tone(), NoSound())
