"""media/sound/watched_device.py: every state of a device, without hardware."""

from typing import cast

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.errors import SourceError
from media.sound.device_buffer import BUFFER_SAMPLES, STALLS_BEFORE_GROWTH
from media.sound.portaudio import DeviceList, PortAudio, SoundDevice, SoundStream
from media.sound.sound_spec import DefaultDevice, DeviceName, DeviceSpec
from media.sound.watched_device import FIRST_BUFFER_US, NEXT_BUFFER_US, WatchedDevice

HEADSET_NAME = DeviceName("Headset")
HEADSET = SoundDevice(3, "Headset", True, True)
WITH = DeviceList((HEADSET,), "Headset", "Headset")
OTHER = DeviceList((HEADSET, SoundDevice(1, "Webcam", True, True)), "Webcam", "Webcam")
WITHOUT = DeviceList((), None, None)
STEP_US = 250_000
BUFFER_US = 5_000
STEP_BUFFERS = STEP_US // BUFFER_US
GONE = DeviceProblem(DeviceProblemKind.GONE, DeviceKind.MICROPHONE)
BUSY = DeviceProblem(
    DeviceProblemKind.NOT_OPENED,
    DeviceKind.MICROPHONE,
    name="Headset",
    detail="Device unavailable",
    next_step="Does another program use it?",
)
AUDIO = cast(PortAudio, None)


class Hardware:
    """A device that the test controls."""

    latency_us = 7_000

    def __init__(self) -> None:
        self.is_active = True
        self.is_busy = False
        self.is_open = False
        self.opened: list[int | None] = []
        self.sizes: list[int] = []
        self.stalls = 0

    def open(self, audio: PortAudio, index: int | None, buffer_samples: int) -> SoundStream:
        self.opened.append(index)
        self.sizes.append(buffer_samples)
        if self.is_busy:
            raise SourceError("Device unavailable", "Does another program use it?")
        self.is_open = True
        return cast(SoundStream, self)

    def close(self) -> None:
        self.is_open = False


class Watched:
    """A watched device, its hardware and its ring."""

    def __init__(self, spec: DeviceSpec = HEADSET_NAME) -> None:
        self.now_us = 50_000_000
        self.hardware = Hardware()
        self.ring: list[int | None] = []
        self.latencies_us: list[int] = []
        self.every = 1
        """How many buffers are recorded for each that is delivered."""
        self.direction = WatchedDevice(
            spec,
            DeviceKind.MICROPHONE,
            self.hardware.open,
            buffer_samples=BUFFER_SAMPLES,
            ring=self,
            stalls=lambda: self.hardware.stalls,
        )

    def attach(self, latency_us: int) -> None:
        self.ring.append(latency_us)

    def detach(self) -> None:
        self.ring.append(None)

    def follow_latency(self, latency_us: int) -> None:
        self.latencies_us.append(latency_us)

    def open(self, found: DeviceList = WITH) -> None:
        self.direction.open(AUDIO, found, self.now_us)

    def problem(self) -> DeviceProblem | None:
        return self.direction.problem

    def watch(self, duration_us: int, *, buffers: bool) -> None:
        """Let time pass, and watch the device every quarter of a second."""
        for _ in range(duration_us // STEP_US):
            if buffers:
                for number in range(STEP_BUFFERS):
                    passed = BUFFER_SAMPLES if number % self.every == 0 else 0
                    self.direction.note_buffer(self.now_us + number * BUFFER_US, passed)
            self.now_us += STEP_US
            self.direction.watch(self.now_us)


def test_open_device_has_no_problem() -> None:
    watched = Watched()
    watched.open()
    assert watched.hardware.opened == [3]
    assert watched.ring == [7_000]
    assert watched.problem() is None
    watched.watch(20_000_000, buffers=True)
    assert not watched.direction.is_lost


def test_default_is_opened_without_an_index() -> None:
    watched = Watched(DefaultDevice())
    watched.open()
    assert watched.hardware.opened == [None]


def lost_after_us(watched: Watched) -> int:
    """Deliver no more buffers; return the time until the device is lost."""
    started_us = watched.now_us
    while not watched.direction.is_lost:
        watched.watch(STEP_US, buffers=False)
    return watched.now_us - started_us


def test_first_buffer_may_take_longer_than_later_ones() -> None:
    watched = Watched()
    watched.open()
    assert lost_after_us(watched) == FIRST_BUFFER_US
    watched.direction.close()
    watched.open()
    watched.watch(STEP_US, buffers=True)
    assert lost_after_us(watched) == NEXT_BUFFER_US


def test_lost_device_is_a_problem_before_it_is_closed() -> None:
    watched = Watched()
    watched.open()
    watched.hardware.is_active = False
    watched.watch(STEP_US, buffers=True)
    assert (watched.direction.is_lost, watched.hardware.is_open) == (True, True)
    assert watched.ring == [7_000, None]
    assert watched.problem() == GONE
    watched.direction.close()
    assert (watched.direction.is_lost, watched.hardware.is_open) == (False, False)
    assert watched.direction.is_missing


def test_device_is_not_lost_after_a_suspend() -> None:
    watched = Watched()
    watched.open()
    watched.watch(2_000_000, buffers=True)
    watched.now_us += 600_000_000
    watched.direction.watch(watched.now_us)
    assert not watched.direction.is_lost


def test_device_is_not_lost_while_this_thread_hardly_runs() -> None:
    watched = Watched()
    watched.open()
    watched.watch(2_000_000, buffers=True)
    for _ in range(3):
        watched.now_us += NEXT_BUFFER_US - STEP_US
        watched.direction.watch(watched.now_us)
        assert not watched.direction.is_lost
    assert lost_after_us(watched) == NEXT_BUFFER_US


def test_missing_device_is_worth_a_restart_once_it_is_found() -> None:
    watched = Watched()
    watched.open(WITHOUT)
    assert watched.problem() == DeviceProblem(
        DeviceProblemKind.UNAVAILABLE, DeviceKind.MICROPHONE, detail='"Headset" is not there'
    )
    assert not watched.direction.note_found(WITHOUT)
    assert watched.direction.note_found(WITH)


def test_lost_device_is_worth_a_restart() -> None:
    """Another device may have its index by now, so it is not simply reopened."""
    watched = Watched()
    watched.open()
    watched.hardware.is_active = False
    watched.watch(STEP_US, buffers=False)
    watched.direction.close()
    assert not watched.direction.is_refused
    assert watched.direction.note_found(WITH)


def test_busy_device_is_retried_but_not_worth_a_restart() -> None:
    watched = Watched()
    watched.hardware.is_busy = True
    watched.open()
    assert watched.direction.is_refused
    assert watched.problem() == BUSY
    assert not watched.direction.note_found(WITH)
    watched.hardware.is_busy = False
    watched.open()
    assert watched.problem() is None
    assert not watched.direction.is_refused


def test_lost_device_stays_gone_until_it_opens() -> None:
    watched = Watched()
    watched.open()
    watched.hardware.is_active, watched.hardware.is_busy = False, True
    watched.watch(STEP_US, buffers=False)
    watched.direction.close()
    for found in (WITH, WITHOUT):
        watched.open(found)
        assert watched.problem() == GONE
    watched.hardware.is_active, watched.hardware.is_busy = True, False
    watched.open()
    watched.watch(STEP_US, buffers=True)
    assert watched.problem() is None
    watched.hardware.is_busy = True
    watched.direction.close()
    watched.open()
    assert watched.problem() == BUSY


def test_lost_device_is_open_again_with_its_first_buffer() -> None:
    """PipeWire opens a stream where no device is left, and calls back once there is one."""
    watched = Watched()
    watched.open()
    watched.watch(STEP_US, buffers=True)
    lost_after_us(watched)
    watched.direction.close()
    watched.open()
    watched.watch(FIRST_BUFFER_US - STEP_US, buffers=False)
    assert watched.problem() == GONE
    assert watched.ring == [7_000, None, None]
    watched.watch(STEP_US, buffers=True)
    assert watched.problem() is None
    assert watched.ring == [7_000, None, None, 7_000]


def test_silent_device_is_retried_but_not_worth_a_restart() -> None:
    watched = Watched()
    watched.open()
    for _ in range(3):
        assert lost_after_us(watched) == FIRST_BUFFER_US
        watched.direction.close()
        assert watched.direction.is_refused
        assert not watched.direction.note_found(WITH)
        watched.open()
        assert watched.problem() == GONE


def test_busy_device_that_was_replugged_is_worth_a_restart() -> None:
    watched = Watched()
    watched.hardware.is_busy = True
    watched.open()
    assert not watched.direction.note_found(WITHOUT)
    assert watched.direction.note_found(WITH)


def test_another_default_is_noticed_whether_the_former_opened_or_not() -> None:
    watched = Watched(DefaultDevice())
    watched.open()
    assert not watched.direction.has_other_default(WITH)
    assert not watched.direction.has_other_default(WITHOUT)
    assert watched.direction.has_other_default(OTHER)
    watched.hardware.is_active, watched.hardware.is_busy = False, True
    watched.watch(STEP_US, buffers=False)
    watched.direction.close()
    watched.open()
    assert not watched.direction.note_found(WITH)
    assert watched.direction.note_found(OTHER)


def test_named_device_does_not_follow_the_default() -> None:
    watched = Watched()
    watched.open()
    assert not watched.direction.has_other_default(OTHER)


def test_device_that_stalls_repeatedly_needs_larger_buffers() -> None:
    watched = Watched()
    watched.open()
    for _ in range(STALLS_BEFORE_GROWTH):
        assert not watched.direction.needs_larger_buffers(watched.now_us)
        watched.watch(1_000_000, buffers=True)
        watched.hardware.stalls += 1
    assert watched.direction.needs_larger_buffers(watched.now_us)
    watched.direction.close()
    watched.open()
    assert watched.hardware.sizes == [BUFFER_SAMPLES, 2 * BUFFER_SAMPLES]


def test_lost_device_needs_no_larger_buffers() -> None:
    watched = Watched()
    watched.open()
    watched.watch(20_000_000, buffers=False)
    assert watched.direction.is_lost
    watched.hardware.stalls += 10
    assert not watched.direction.needs_larger_buffers(watched.now_us)
    watched.direction.close()
    watched.open()
    assert not watched.direction.needs_larger_buffers(watched.now_us)


def fill(watched: Watched, buffers: int) -> None:
    """Have a device that does not play yet request its first buffers."""
    for _ in range(buffers):
        watched.direction.note_buffer(watched.now_us, BUFFER_SAMPLES)


def test_loudspeaker_that_takes_two_seconds_to_wake_is_not_lost() -> None:
    """It fills its buffers at once, and requests no more until it plays."""
    watched = Watched()
    watched.open()
    fill(watched, 13)
    watched.watch(2_000_000, buffers=False)
    assert watched.problem() is None
    watched.watch(10_000_000, buffers=True)
    assert watched.ring == [7_000]
    assert lost_after_us(watched) == NEXT_BUFFER_US


def test_device_that_never_runs_is_tried_with_other_sizes_in_turn() -> None:
    watched = Watched()
    for _ in range(4):
        watched.open()
        assert lost_after_us(watched) == FIRST_BUFFER_US
        watched.direction.close()
    assert watched.hardware.sizes == [240, 960, 2_880, 240]


def test_device_that_requests_a_buffer_a_second_does_not_run() -> None:
    """So does PipeWire with buffers that are too small for it."""
    watched = Watched()
    watched.open()
    for _ in range(FIRST_BUFFER_US // 1_000_000):
        assert watched.direction.needs_larger_buffers(watched.now_us) is False
        watched.watch(1_000_000, buffers=False)
        fill(watched, 1)
    assert watched.direction.is_lost
    watched.direction.close()
    watched.open()
    assert watched.hardware.sizes == [240, 960]
    watched.watch(5_000_000, buffers=True)
    assert watched.problem() is None


def test_device_that_has_run_keeps_its_size_when_it_is_gone() -> None:
    watched = Watched()
    watched.open()
    watched.watch(1_000_000, buffers=True)
    for _ in range(3):
        lost_after_us(watched)
        watched.direction.close()
        watched.open()
    assert watched.hardware.sizes == [240] * 4


def test_ring_follows_the_latency_that_the_device_reports() -> None:
    watched = Watched()
    watched.open()
    watched.hardware.latency_us = 250_000
    watched.watch(STEP_US, buffers=True)
    assert watched.latencies_us == [250_000]


def watch_long(watched: Watched, steps: int) -> int | None:
    """Watch in steps as the thread does; return the step in which other buffers are due."""
    for step in range(steps):
        watched.watch(STEP_US, buffers=True)
        if watched.direction.needs_larger_buffers(watched.now_us):
            return step
    return None


def test_microphone_that_delivers_only_half_of_the_sound_gets_larger_buffers() -> None:
    """So does PipeWire with buffers that are too small for it."""
    watched = Watched()
    watched.open()
    watched.every = 2
    assert watch_long(watched, 20) is not None
    watched.direction.close()
    watched.open()
    assert watched.hardware.sizes == [240, 960]
    watched.every = 1
    assert watch_long(watched, 100) is None


def test_moment_of_lost_sound_does_not_change_the_buffers() -> None:
    watched = Watched()
    watched.open()
    for _ in range(3):
        assert watch_long(watched, 20) is None
        watched.every = 2
        assert watch_long(watched, 3) is None
        watched.every = 1
