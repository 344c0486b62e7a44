"""call/live/local_audio.py: the processing of each kind of microphone."""

import sys
from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from call.live import local_audio
from media.sound.microphone import Recorded
from media.sound.pcm import Samples, silence
from media.sound.settings import AudioSettings
from media.sound.sound_spec import MicrophoneSpec, NoSound, Tone
from media.sound.tone import tone_block
from media.sound.voice_processing import VoiceProcessor
from tests.support.local_user import START_US, UNPROCESSED, LocalUser

pytestmark = pytest.mark.usefixtures("fake_devices")


class RecordingProcessor:
    """Records what it is given of the loudspeaker's sound."""

    delay_us = 0
    is_double_talk = None

    def __init__(self, **settings: bool) -> None:
        self.far: list[Samples] = []
        self.disturbed: list[bool] = []
        processors.append(self)

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool) -> Samples:
        self.far.append(far)
        self.disturbed.append(is_disturbed)
        return near


processors: list[RecordingProcessor] = []


@pytest.mark.parametrize("setting", ["echo_cancellation", "noise_suppression", "gain_control"])
def test_one_setting_is_enough_to_process_the_microphone(setting: str) -> None:
    user = LocalUser(settings=replace(UNPROCESSED, **{setting: True}))
    user.start()
    expected = VoiceProcessor(
        echo_cancellation=setting == "echo_cancellation",
        noise_suppression=setting == "noise_suppression",
        gain_control=setting == "gain_control",
    )
    assert user.audio.new_pipeline().delay_us == expected.delay_us > 0


def test_microphone_is_sent_unchanged_with_all_settings_off() -> None:
    user = LocalUser(settings=UNPROCESSED)
    user.start()
    pipeline = user.audio.new_pipeline()
    block = tone_block(0)
    assert pipeline.delay_us == 0
    assert pipeline.process(Recorded(block, START_US), 0) is block


@pytest.mark.parametrize("microphone", [Tone(), NoSound()])
def test_test_tone_is_not_processed(microphone: MicrophoneSpec) -> None:
    user = LocalUser(microphone, AudioSettings())
    user.start()
    assert user.audio.new_pipeline().delay_us == 0


def test_missing_library_that_no_setting_needs_is_not_logged(
    monkeypatch: pytest.MonkeyPatch, warnings: Callable[[], list[str]]
) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    for user in (LocalUser(settings=UNPROCESSED), LocalUser(Tone(), AudioSettings())):
        user.start()
        user.audio.new_pipeline()
    assert warnings() == []


def test_missing_library_is_logged_once_and_the_call_continues(
    monkeypatch: pytest.MonkeyPatch, warnings: Callable[[], list[str]]
) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    user = LocalUser(settings=AudioSettings())
    for _ in range(2):
        user.start()
        block = tone_block(0)
        assert user.audio.new_pipeline().process(Recorded(block, START_US), 0) is block
        user.audio.stop()
    assert warnings() == [
        "Echo and noise cannot be removed: pywebrtc-audio is not installed. "
        "Run make setup, or go on with headphones."
    ]


def test_processor_gets_the_sound_of_the_loudspeaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_audio, "VoiceProcessor", RecordingProcessor)
    processors.clear()
    user = LocalUser(settings=AudioSettings())
    # The second call opens other devices.
    for number in range(2):
        devices = user.start()
        pipeline = user.audio.new_pipeline()
        devices.callbacks["on_played"](tone_block(0).tobytes())
        pipeline.process(Recorded(silence(), START_US), 0)
        assert np.array_equal(processors[number].far, [tone_block(0)])
        devices.callbacks["on_stall"]()
        pipeline.process(Recorded(silence(), START_US), 0)
        assert processors[number].disturbed == [False, True]
        user.audio.stop()
