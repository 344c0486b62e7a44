"""call/live/local_video.py: sources that are opened, tried, replaced and closed. Fake sources."""

from collections.abc import Callable, Iterator

import pytest
from av import VideoFrame

from call.live.local_video import TRIAL_US, LocalVideo
from core.clock import now_us
from core.mailbox import Mailbox
from core.threads import Threads
from media.device_state import DeviceKind
from media.errors import SourceError
from media.frame import Content, Frame, FrameKind
from media.video import camera_list
from media.video.camera_list import CameraDevice
from media.video.camera_spec import (
    CameraIndex,
    CameraName,
    CameraSpec,
    NoCamera,
    Screen,
    TestPattern,
)
from media.video.capture import Capture
from media.video.certificate_pins import CameraPins
from media.video.settings import VideoSettings
from media.video.source import Source
from media.video.use_guard import UseGuard
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until
from tests.support.phone_camera import MemoryPins

FRONT, BACK = CameraIndex(0), CameraName("Back")
WINDOW = Screen(window=7, title="Letter")
WIDTHS_PX: dict[CameraSpec, int] = {
    FRONT: 64,
    BACK: 96,
    Screen(): 128,
    WINDOW: 192,
    TestPattern(): 160,
}
"""The width of each source's pictures tells which one they come from."""


class FakeSource:
    """A source that delivers pictures of its own width."""

    kind = FrameKind.LIVE
    content = Content.MOTION

    def __init__(self, cameras: "Cameras", spec: CameraSpec) -> None:
        self._cameras = cameras
        self._spec = spec
        self._guard = UseGuard(lambda: cameras.open.remove(spec))

    def open(self) -> None:
        with self._guard.use():
            self._cameras.open.append(self._spec)
            if self._spec in self._cameras.busy:
                raise SourceError(f"{self._spec.label} cannot be opened", "Close other programs")

    def read(self, timeout_s: float) -> VideoFrame | None:
        with self._guard.use():
            self._guard.closed.wait(0.005)
            if self._spec in self._cameras.closed:
                raise SourceError("The window was closed", "Share another window")
            if self._spec in self._cameras.silent:
                return None
            return VideoFrame(WIDTHS_PX[self._spec], 64, "yuv420p")

    def close(self) -> None:
        self._guard.close()


class Cameras:
    """The sources of a computer, and the local video that uses them."""

    def __init__(self, spec: CameraSpec = FRONT) -> None:
        self.busy: set[CameraSpec] = set()
        self.silent: set[CameraSpec] = set()
        self.closed: set[CameraSpec] = set()
        """Those that were there and have ended."""
        self.open: list[CameraSpec] = []
        self.threads = Threads()
        self.video = LocalVideo(spec, self.threads, self._make_capture)

    def _make_capture(self, spec: CameraSpec, frames: Mailbox[Frame], is_on_trial: bool) -> Capture:
        return Capture(
            spec,
            VideoSettings(width_px=64, height_px=64),
            frames,
            pins=MemoryPins(),
            now_us=now_us,
            is_on_trial=is_on_trial,
            create=self._create,
        )

    def _create(
        self, spec: CameraSpec, settings: VideoSettings, pins: CameraPins, now: Callable[[], int]
    ) -> Source:
        return FakeSource(self, spec)

    def wait_picture(self, spec: CameraSpec) -> None:
        """Wait for a picture of a source."""
        wait_until(lambda: self._is_newest(spec), f"a picture of {spec}")

    def _is_newest(self, spec: CameraSpec) -> bool:
        self.video.on_tick(now_us())
        frame = self.video.frames.peek()[1]
        return (
            frame is not None
            and frame.kind is FrameKind.LIVE
            and frame.picture.width == WIDTHS_PX[spec]
        )

    def wait_end_of_trial(self) -> None:
        def has_ended() -> bool:
            self.video.on_tick(now_us())
            return self.video.changing_to is None

        wait_until(has_ended, "the trial ends")

    def close(self) -> None:
        self.video.stop()
        assert self.threads.join(DEADLINE_S) == []
        assert self.open == []


@pytest.fixture(name="cameras")
def _cameras(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cameras]:
    devices = [CameraDevice(0, "Front"), CameraDevice(2, "Back")]
    monkeypatch.setattr(camera_list, "list_cameras", lambda: devices)
    cameras = Cameras()
    yield cameras
    cameras.close()


def test_another_camera_replaces_the_present_one_in_the_same_stream(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.wait_picture(FRONT)
    frames = cameras.video.frames
    cameras.video.change(BACK)
    assert (cameras.video.changing_to, cameras.video.spec) == (BACK, FRONT)
    cameras.wait_picture(BACK)
    assert cameras.video.spec == BACK
    assert cameras.video.frames is frames
    wait_until(lambda: cameras.open == [BACK], "the former camera is released")


def test_busy_camera_leaves_the_present_one_and_says_why(cameras: Cameras) -> None:
    cameras.busy.add(BACK)
    cameras.video.start()
    cameras.wait_picture(FRONT)
    cameras.video.change(BACK)
    cameras.wait_end_of_trial()
    problem = cameras.video.problem
    assert problem is not None
    assert problem.device is DeviceKind.CAMERA
    assert problem.detail == 'Camera "Back" cannot be opened'
    assert problem.next_step == "Close other programs"
    assert cameras.video.spec == FRONT
    number, _ = cameras.video.frames.peek()
    _, frame = cameras.video.frames.wait_newer(number, DEADLINE_S)
    assert frame is not None
    assert frame.picture.width == WIDTHS_PX[FRONT]


def test_camera_without_pictures_is_given_up(cameras: Cameras) -> None:
    cameras.silent.add(BACK)
    cameras.video.start()
    cameras.video.change(BACK)
    assert not cameras.video.on_tick(1_000_000)
    assert not cameras.video.on_tick(1_000_000 + TRIAL_US)
    assert cameras.video.on_tick(1_000_001 + TRIAL_US)
    assert cameras.video.problem is not None
    assert cameras.video.spec == FRONT


def test_present_camera_under_another_name_is_not_opened_again(cameras: Cameras) -> None:
    name = CameraName("Front")
    WIDTHS_PX[name] = 64
    cameras.busy.add(name)
    cameras.video.start()
    cameras.wait_picture(FRONT)
    cameras.video.change(name)
    cameras.wait_end_of_trial()
    assert cameras.video.problem is None
    assert cameras.video.spec == name
    wait_until(lambda: cameras.open == [FRONT], "the trial is closed")


def test_last_choice_counts(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.wait_picture(FRONT)
    cameras.video.change(BACK)
    cameras.video.change(TestPattern())
    cameras.wait_picture(TestPattern())
    wait_until(lambda: cameras.open == [TestPattern()], "the others are released")


def test_choice_while_closed_is_opened_at_the_start(cameras: Cameras) -> None:
    cameras.video.change(BACK)
    assert cameras.video.spec == BACK
    assert cameras.open == []
    cameras.video.start()
    cameras.wait_picture(BACK)


def test_choice_while_the_camera_is_off_is_opened_when_it_is_on_again(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.wait_picture(FRONT)
    cameras.video.set_hidden(True)
    cameras.video.change(BACK)
    wait_until(lambda: cameras.open == [], "the camera is released")
    cameras.video.set_hidden(False)
    cameras.wait_picture(BACK)


def test_no_camera_can_be_chosen_and_left_again(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.wait_picture(FRONT)
    cameras.video.change(NoCamera())
    assert cameras.video.state == "none"
    wait_until(lambda: cameras.open == [], "the camera is released")
    cameras.video.change(BACK)
    cameras.wait_picture(BACK)
    assert cameras.video.state == "sent"


def test_shared_screen_replaces_the_camera_and_gives_way_at_once(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.wait_picture(FRONT)
    cameras.video.share_screen(Screen())
    cameras.wait_picture(Screen())
    assert (cameras.video.is_sharing_screen, cameras.video.camera_spec) == (True, FRONT)
    cameras.silent.add(FRONT)
    cameras.video.share_screen(None)
    assert not cameras.video.is_sharing_screen
    wait_until(lambda: cameras.open == [FRONT], "the screen is released")
    assert cameras.video.spec == FRONT


def test_screen_is_sent_although_the_camera_is_off(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.video.set_hidden(True)
    assert cameras.video.state == "hidden"
    cameras.video.share_screen(Screen())
    cameras.wait_picture(Screen())
    assert cameras.video.state == "sent"
    cameras.video.share_screen(None)
    assert cameras.video.state == "hidden"
    wait_until(lambda: cameras.open == [], "everything is released")


def test_refused_screen_leaves_the_camera_and_says_why(cameras: Cameras) -> None:
    cameras.busy.add(Screen())
    cameras.video.start()
    cameras.wait_picture(FRONT)
    cameras.video.share_screen(Screen())
    cameras.wait_end_of_trial()
    assert not cameras.video.is_sharing_screen
    assert cameras.video.problem is not None
    assert cameras.video.spec == FRONT


def test_camera_chosen_while_the_screen_is_shared_follows_it(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.video.share_screen(Screen())
    cameras.wait_picture(Screen())
    cameras.video.change(BACK)
    assert cameras.video.camera_spec == BACK
    cameras.video.share_screen(None)
    cameras.wait_picture(BACK)


def test_screen_is_not_shared_in_the_next_call(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.video.share_screen(Screen())
    cameras.wait_picture(Screen())
    cameras.video.stop()
    assert not cameras.video.is_sharing_screen
    cameras.video.start()
    cameras.wait_picture(FRONT)


def test_window_replaces_the_shared_screen_and_the_camera_follows_both(cameras: Cameras) -> None:
    cameras.video.start()
    cameras.video.share_screen(Screen())
    cameras.wait_picture(Screen())
    cameras.video.share_screen(WINDOW)
    cameras.wait_picture(WINDOW)
    assert (cameras.video.is_screen, cameras.video.camera_spec) == (True, FRONT)
    cameras.video.share_screen(None)
    cameras.wait_picture(FRONT)
    assert not cameras.video.is_screen


def test_camera_follows_a_shared_window_that_is_closed_and_the_user_is_told(
    cameras: Cameras,
) -> None:
    cameras.video.start()
    cameras.video.share_screen(WINDOW)
    cameras.wait_picture(WINDOW)
    cameras.closed.add(WINDOW)
    cameras.wait_picture(FRONT)
    assert not cameras.video.is_sharing_screen
    assert cameras.video.problem is not None
    assert cameras.video.problem.detail == "The window was closed"
