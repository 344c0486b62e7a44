"""call/session/device_choices.py: what the user can choose, what stays, and what is remembered."""

from threading import Event
from typing import cast
from unittest.mock import MagicMock

import pytest
from msgspec.structs import replace

from call.inbox import DevicesListed, ScreensListed
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from call.session.device_choices import NOTICE_US, DeviceChoices
from call.session.session_context import SessionContext
from call.settings import Settings
from core.threads import Threads
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.errors import SourceError
from media.sound.settings import AudioSettings
from media.sound.sound_spec import DefaultDevice, DeviceName
from media.video.camera_spec import CameraIndex, CameraName, NoCamera, Screen
from media.video.capture import Capture
from tests.support.local_user import FakeDevices
from ui.actions import ChooseDevice, ShareScreen
from ui.device_view import DeviceOption, ScreenOption

LISTED = DevicesListed(
    (DeviceOption("Front", "Front", 0), DeviceOption("Back", "Back", 2)),
    (DeviceOption("default"), DeviceOption("Headset", "Headset", 3)),
    (DeviceOption("default"),),
)


class Bench:
    """Choices over real local video and audio, whose captures are fakes."""

    def __init__(self) -> None:
        self._pause = Event()
        self.captures: list[MagicMock] = []
        self.remembered: list[dict[str, str]] = []
        self.threads = Threads()
        context = MagicMock()
        context.settings = Settings()
        context.threads = self.threads
        context.remember = lambda settings: self.remembered.append(dict(settings))
        self.video = context.local_video = LocalVideo(
            CameraIndex(0), self.threads, self._make_capture
        )
        self.audio = context.local_audio = LocalAudio(
            DefaultDevice(), DefaultDevice(), AudioSettings(), self.threads, lambda: 0
        )
        self.choices = DeviceChoices(cast(SessionContext, context))
        self.choices.on_listed(LISTED)

    def _make_capture(self, *_: object) -> Capture:
        capture = MagicMock(spec=Capture, device_state=None, failure=None)
        capture.step.side_effect = lambda: self._pause.wait(0.01)
        self.captures.append(capture)
        return cast(Capture, capture)

    def choose(self, kind: DeviceKind, value: str) -> None:
        self.choices.choose(ChooseDevice(kind, value))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    FakeDevices.opened.clear()
    monkeypatch.setattr("call.live.local_audio.SoundDevices", FakeDevices)
    return Bench()


def test_devices_are_listed_with_the_present_one_and_none(bench: Bench) -> None:
    view = bench.choices.view
    assert [option.value for option in view.camera.options] == ["Front", "Back", "none"]
    # The setting names camera 0, which is the front one.
    assert view.camera.chosen == "Front"
    assert view.microphone.chosen == "default"
    assert [option.value for option in view.loudspeaker.options] == ["default", "none"]


def test_present_device_that_is_not_listed_can_still_be_seen(bench: Bench) -> None:
    bench.choices.on_listed(DevicesListed((), (), ()))
    view = bench.choices.view
    assert (view.camera.chosen, view.camera.options[0].name) == ("0", "0")


def test_device_that_no_search_finds_can_be_chosen_again(bench: Bench) -> None:
    for value in ("http://phone:8080/video", "test", "none", "test", "Back"):
        bench.choose(DeviceKind.CAMERA, value)
    values = [option.value for option in bench.choices.view.camera.options]
    assert values == ["Front", "Back", "test", "http://phone:8080/video", "none"]


def test_choice_while_devices_are_closed_counts_at_once_and_is_remembered(bench: Bench) -> None:
    bench.choose(DeviceKind.CAMERA, "Back")
    bench.choose(DeviceKind.MICROPHONE, "Headset")
    bench.choose(DeviceKind.LOUDSPEAKER, "none")
    assert bench.video.spec == CameraName("Back")
    assert bench.audio.microphone_spec == DeviceName("Headset")
    assert bench.remembered == [
        {"video.camera": "Back"},
        {"audio.microphone": "Headset"},
        {"audio.speaker": "none"},
    ]
    assert bench.choices.view.camera.chosen == "Back"


def test_camera_is_remembered_only_once_it_delivers(bench: Bench) -> None:
    bench.video.start()
    bench.choose(DeviceKind.CAMERA, "Back")
    assert bench.choices.view.camera.changing_to == "Back"
    assert bench.remembered == []
    bench.captures[1].device_state = MagicMock(is_open=True)
    assert bench.choices.on_tick(0)
    assert bench.remembered == [{"video.camera": "Back"}]
    assert bench.choices.view.camera.chosen == "Back"
    bench.video.stop()


def test_busy_camera_is_not_remembered_and_the_view_says_why(bench: Bench) -> None:
    bench.video.start()
    bench.choose(DeviceKind.CAMERA, "none")
    bench.choose(DeviceKind.CAMERA, "Back")
    bench.captures[1].failure = SourceError("It is busy", "Close the other program")
    while bench.video.changing_to is not None:  # Until it is known not to be the present one.
        bench.choices.on_tick(0)
    assert bench.remembered == [{"video.camera": "none"}]
    camera = bench.choices.view.camera
    assert (camera.chosen, camera.changing_to) == ("none", "")
    assert camera.problem == DeviceProblem(
        DeviceProblemKind.NOT_CHANGED,
        DeviceKind.CAMERA,
        'Camera "Back"',
        "It is busy",
        "Close the other program",
    )
    assert bench.video.spec == NoCamera()
    bench.video.stop()


def test_microphone_that_does_not_open_leaves_the_present_one(bench: Bench) -> None:
    bench.audio.start()
    bench.choose(DeviceKind.MICROPHONE, "Headset")
    assert bench.choices.view.microphone.changing_to == "Headset"
    problem = DeviceProblem(DeviceProblemKind.UNAVAILABLE, DeviceKind.MICROPHONE, detail="gone")
    kind, spec, on_changed = FakeDevices.opened[-1].changes[0]
    assert (kind, spec) == (DeviceKind.MICROPHONE, DeviceName("Headset"))
    on_changed(problem)
    assert bench.choices.on_tick(0)
    microphone = bench.choices.view.microphone
    assert (microphone.chosen, microphone.changing_to) == ("default", "")
    assert microphone.problem == replace(problem, kind=DeviceProblemKind.NOT_CHANGED)
    assert bench.remembered == []
    assert bench.audio.microphone_changes == 0


def test_impossible_value_is_refused_with_a_reason(bench: Bench) -> None:
    bench.choose(DeviceKind.CAMERA, "/nowhere.mp4")
    bench.choose(DeviceKind.LOUDSPEAKER, "tone")
    view = bench.choices.view
    assert view.camera.problem is not None
    assert view.loudspeaker.problem is not None
    assert bench.remembered == []
    bench.choose(DeviceKind.CAMERA, "Back")
    assert bench.choices.view.camera.problem is None


def test_screen_that_is_refused_is_no_problem_of_the_camera(bench: Bench) -> None:
    bench.video.start()
    bench.choices.screens.toggle()
    assert bench.choices.view.screens.is_opening
    bench.captures[1].failure = SourceError("No screen", "Log in to an X11 desktop")
    while bench.video.changing_to is not None:
        bench.choices.on_tick(0)
    view = bench.choices.view
    assert not view.screens.is_shared
    assert view.camera.problem is None
    assert view.screens.problem is not None
    assert view.screens.problem.next_step == "Log in to an X11 desktop"
    bench.choices.screens.toggle()
    bench.captures[2].device_state = MagicMock(is_open=True)
    bench.choices.on_tick(0)
    view = bench.choices.view
    assert (view.screens.is_shared, view.screens.problem) == (True, None)
    bench.choices.screens.toggle()
    assert not bench.choices.view.screens.is_shared
    assert bench.remembered == []
    bench.video.stop()


def test_device_that_was_not_changed_is_told_for_a_while(bench: Bench) -> None:
    bench.choose(DeviceKind.CAMERA, "/nowhere.mp4")
    bench.choices.on_tick(0)
    assert [problem.kind for problem in bench.choices.notices(0)] == [DeviceProblemKind.NOT_CHANGED]
    bench.choices.on_tick(NOTICE_US)
    assert bench.choices.notices(NOTICE_US) == ()


def test_only_a_screen_or_window_of_the_list_is_shared(bench: Bench) -> None:
    window = Screen(window=7, title="Letter")
    options = (ScreenOption("0", number=1), ScreenOption("1", title="Letter"))
    bench.video.start()
    bench.choices.handle(ShareScreen("1"), is_in_call=True)
    assert not bench.choices.view.screens.is_opening
    bench.choices.screens.on_listed(ScreensListed(options, (Screen(1), window)))
    bench.choices.handle(ShareScreen("1"), is_in_call=False)
    assert not bench.choices.view.screens.is_opening
    bench.choices.handle(ShareScreen("1"), is_in_call=True)
    assert bench.video.changing_to == window
    bench.captures[1].device_state = MagicMock(is_open=True)
    bench.choices.on_tick(0)
    view = bench.choices.view.screens
    assert (view.options, view.is_shared, view.shared_window) == (options, True, "Letter")
    bench.video.stop()
