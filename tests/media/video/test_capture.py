from collections.abc import Callable
from threading import Event, Thread

import numpy as np
import pytest
from av import VideoFrame

from core.mailbox import Mailbox
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.errors import SourceError
from media.frame import Content, Frame, FrameKind
from media.video.camera_spec import CameraIndex, CameraSpec, NoCamera, TestPattern
from media.video.capture import Capture
from media.video.certificate_pins import CameraPins
from media.video.display_sizes import DisplaySizes
from media.video.placeholder import draw_placeholder
from media.video.self_view import SelfView
from media.video.settings import VideoSettings
from media.video.source import Source
from media.video.use_guard import UseGuard
from tests.support.manual_clock import ManualClock
from tests.support.phone_camera import MemoryPins

SETTINGS = VideoSettings(width_px=320, height_px=180)
PICTURE = VideoFrame(320, 180, "yuv420p")


class Device:
    """A fake source whose behaviour the test sets."""

    kind = FrameKind.LIVE
    content = Content.DETAIL

    def __init__(self, world: "World") -> None:
        self._world = world
        self.guard = UseGuard(lambda: world.events.append("close"))

    def open(self) -> None:
        with self.guard.use():
            self._world.events.append("open")
            self._world.on_open()
            if not self._world.is_connected:
                raise SourceError("The first camera was not found", "Connect it")

    def read(self, timeout_s: float) -> VideoFrame | None:
        with self.guard.use():
            if self._world.is_stuck.is_set():
                self._world.is_inside.set()
                self.guard.closed.wait(10)
                return None
            if not self._world.is_connected:
                raise SourceError("The first camera is gone")
            return PICTURE

    def close(self) -> None:
        self.guard.close()


class World:
    """The state of the fake hardware, and the log of its events."""

    def __init__(self) -> None:
        self.is_connected = True
        self.is_stuck = Event()
        self.is_inside = Event()
        self.events: list[str] = []
        self.on_open: Callable[[], object] = lambda: None

    def create(
        self,
        spec: CameraSpec,
        settings: VideoSettings,
        pins: CameraPins,
        now_us: Callable[[], int],
    ) -> Source | None:
        return Device(self)


class Bench:
    def __init__(self, spec: CameraSpec | None = None, self_view: SelfView | None = None) -> None:
        self.world = World()
        self.clock = ManualClock()
        self.frames: Mailbox[Frame] = Mailbox()
        self.capture = Capture(
            spec or CameraIndex(0),
            SETTINGS,
            self.frames,
            pins=MemoryPins(),
            now_us=self.clock,
            name="Alice",
            self_view=self_view,
            create=self.world.create,
        )

    def step(self, count: int = 1, us: int = 33_334) -> None:
        for _ in range(count):
            self.capture.step()
            self.clock.us += us

    def newest(self) -> Frame:
        frame = self.frames.peek()[1]
        assert frame is not None
        return frame


def test_picture_is_published_with_its_content_and_time_of_capture() -> None:
    bench = Bench()
    bench.step(2)
    frame = bench.newest()
    assert frame.picture is PICTURE
    assert frame.kind is FrameKind.LIVE
    assert frame.content is Content.DETAIL
    assert frame.captured_us == bench.clock.us - 33_334
    assert bench.capture.counters.captured == 1


def test_placeholder_shows_that_a_camera_opens_but_not_a_pattern() -> None:
    bench = Bench()
    bench.step()
    assert bench.newest().kind is FrameKind.PLACEHOLDER
    bench = Bench(TestPattern())
    bench.step()
    assert bench.frames.peek() == (0, None)


def test_missing_camera_is_one_placeholder_and_is_retried_every_two_seconds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    bench = Bench(TestPattern())
    bench.world.is_connected = False
    bench.step(2, 2_100_000)
    bench.step(5, 2_100_000)
    assert bench.world.events.count("open") == 7
    assert bench.world.events.count("close") == 7
    assert bench.frames.peek()[0] == 1
    assert bench.newest().kind is FrameKind.PLACEHOLDER
    assert len(caplog.records) == 1
    assert "The first camera was not found. Connect it. It is tried again" in caplog.text
    assert bench.capture.counters.failures == 7


def test_camera_that_appears_is_opened_and_one_that_disappears_is_a_placeholder(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    bench = Bench()
    bench.world.is_connected = False
    bench.step()
    bench.clock.us += 2_000_000
    bench.world.is_connected = True
    bench.step(2)
    assert bench.newest().kind is FrameKind.LIVE
    bench.world.is_connected = False
    bench.step()
    assert bench.newest().kind is FrameKind.PLACEHOLDER
    bench.clock.us += 2_000_000
    bench.world.is_connected = True
    bench.step(2)
    assert bench.newest().kind is FrameKind.LIVE
    assert len(caplog.records) == 4
    assert bench.capture.counters.openings == 2


def test_fast_source_is_limited_to_the_requested_rate() -> None:
    bench = Bench(TestPattern())
    bench.step(1, 0)
    bench.step(200, 10_000)
    assert 58 <= bench.capture.counters.captured <= 62
    assert bench.capture.counters.surplus >= 138


def test_no_camera_publishes_nothing() -> None:
    bench = Bench(NoCamera())
    bench.capture.close()
    bench.step(3)
    assert bench.frames.peek() == (0, None)
    assert bench.world.events == []


def test_pause_closes_the_device_and_stops_pictures_until_resume() -> None:
    bench = Bench(TestPattern())
    bench.step(3)
    number = bench.frames.peek()[0]
    bench.capture.pause()
    assert bench.world.events == ["open", "close"]
    bench.step()
    assert bench.frames.peek()[0] == number
    bench.capture.resume()
    bench.step(2)
    assert bench.frames.peek()[0] == number + 1
    assert bench.world.events == ["open", "close", "open"]


@pytest.mark.parametrize("is_paused", [False, True])
def test_close_ends_a_read_of_the_capture_thread(is_paused: bool) -> None:
    bench = Bench(TestPattern())
    bench.step()
    bench.world.is_stuck.set()

    def loop() -> None:
        while not bench.capture.is_closed:
            bench.capture.step()

    thread = Thread(target=loop)
    thread.start()
    assert bench.world.is_inside.wait(5)
    if is_paused:
        bench.capture.pause()
    bench.capture.close()
    thread.join(5)
    assert not thread.is_alive()
    bench.capture.step()
    assert bench.world.events == ["open", "close"]


def test_self_view_receives_placeholders_and_pictures() -> None:
    view = SelfView(DisplaySizes(own_px=(64, 64)), lambda: None)
    bench = Bench(self_view=view)
    bench.step()
    assert view.pictures.peek()[0] == 1
    bench.step()
    number, shown = view.pictures.peek()
    assert number == 2
    assert shown is not None
    assert (shown.width, shown.height) == (64, 36)


def test_other_peer_reads_who_has_no_camera_and_the_user_reads_why() -> None:
    view = SelfView(DisplaySizes(own_px=(320, 180)), lambda: None)
    bench = Bench(self_view=view)
    bench.world.is_connected = False
    bench.step()
    size = SETTINGS.width_px, SETTINGS.height_px
    for frame, lines in (
        (bench.newest(), ["Alice has no camera"]),
        (view.standing, ["The first camera was not found", "Connect it"]),
    ):
        assert frame is not None
        assert np.array_equal(
            frame.picture.to_ndarray(), draw_placeholder(*size, lines).to_ndarray()
        )


def test_only_pictures_of_a_camera_may_be_mirrored() -> None:
    for spec, is_connected, is_mirrorable in (
        (CameraIndex(0), True, True),
        (CameraIndex(0), False, False),
        (TestPattern(), True, False),
    ):
        view = SelfView(DisplaySizes(own_px=(64, 64)), lambda: None)
        bench = Bench(spec, self_view=view)
        bench.world.is_connected = is_connected
        bench.step(2)
        shown = view.pictures.peek()[1]
        assert shown is not None
        assert shown.is_mirrorable is is_mirrorable


def test_missing_camera_is_a_problem_with_its_remedy_until_it_is_back() -> None:
    bench = Bench()
    bench.world.is_connected = False
    bench.step()
    assert bench.capture.problem == DeviceProblem(
        DeviceProblemKind.UNAVAILABLE,
        DeviceKind.CAMERA,
        detail="The first camera was not found",
        next_step="Connect it",
    )
    bench.world.is_connected = True
    bench.step(3, 2_000_000)
    assert bench.capture.problem is None


def test_failure_after_the_end_of_the_call_is_not_mentioned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    bench = Bench()
    bench.world.is_connected = False
    bench.world.on_open = bench.capture.close
    bench.step()
    assert caplog.records == []
    assert bench.frames.peek()[0] == 1, "only that the camera was starting"


def test_real_pattern_is_captured() -> None:
    clock = ManualClock()
    frames: Mailbox[Frame] = Mailbox()
    capture = Capture(TestPattern(), SETTINGS, frames, pins=MemoryPins(), now_us=clock)
    for _ in range(10):
        capture.step()
        clock.us += 33_334
    assert frames.peek()[0] == 9
    capture.close()
    capture.step()
