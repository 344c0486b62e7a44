"""call/live/video_receiver.py: pictures are shown at once, or held back for late sound."""

from collections.abc import Callable

import numpy as np
import pytest
from av import VideoFrame

from call.live.video_packet_queue import VideoPacketQueue
from call.live.video_receiver import (
    MAX_HELD,
    TAKE_S,
    DecodedPicture,
    VideoFormats,
    VideoReceiver,
)
from media.frame import Frame
from media.packet import VideoPacket
from media.video.colour_range import FULL_RANGE, LIMITED_RANGE, mark_yuv
from media.video.display_scaler import DisplayScaler
from media.video.encoder import VideoEncoder
from media.video.i420 import frame_from_i420
from media.video.jpeg_encoder import JpegEncoder
from net.protocol.control import VideoFormat

START_US = 9_000_000
SIZE = (64, 48)
HOLD_US = 100_000


def make_jpeg() -> bytes:
    picture = frame_from_i420(np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8))
    picture.pts = 0
    return JpegEncoder(30).encode(picture, 1_000_000, keyframe=True).payload


JPEG = make_jpeg()


class ScriptedQueue(VideoPacketQueue):
    """A queue with a script; it closes after the last step."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Callable[[], None]] = []
        self.waits_s: list[float] = []

    def take(self, timeout_s: float) -> tuple[VideoPacket | None, int]:
        self.waits_s.append(timeout_s)
        if self.steps:
            self.steps.pop(0)()
        else:
            self.close()
        return super().take(0)


class OneEnd:
    """A receiver with a script; it records each shown picture and the time, ms since the start.

    A picture is named by its time of arrival, which is also the time of decoding.
    """

    def __init__(self, hold_us: int = HOLD_US) -> None:
        self.now_us = START_US
        self.queue = ScriptedQueue()
        self.shown_ms: list[tuple[int, int]] = []
        self.newest_ms: list[int] = []
        formats = VideoFormats()
        formats.add(VideoFormat("mjpeg", *SIZE, 0))
        self.receiver = VideoReceiver(
            self.queue,
            formats,
            lambda: self.now_us,
            to_local_us=self._to_local_us,
            request_keyframe=lambda: None,
            show=self._show,
        )
        self.receiver.hold_us = hold_us
        self.while_decoding: Callable[[], None] = lambda: None
        self._sequence = 0

    def _to_local_us(self, their_us: int, now_us: int) -> int:
        self.while_decoding()
        return their_us

    def _show(self, shown: DecodedPicture) -> None:
        assert shown.captured_us is not None
        self.shown_ms.append(
            ((shown.captured_us - START_US) // 1_000, (self.now_us - START_US) // 1_000)
        )

    def at(self, ms: int, *, pictures: int = 0, hold_us: int | None = None) -> None:
        """Add a step: the time, the number of pictures that arrive, and perhaps a new hold."""

        def step() -> None:
            self.now_us = START_US + ms * 1_000
            if hold_us is not None:
                self.receiver.hold_us = hold_us
            _, newest = self.receiver.newest.peek()
            if newest is not None:
                self.newest_ms.append((newest.decoded_us - START_US) // 1_000)
            for _ in range(pictures):
                self.queue.put(VideoPacket(self._sequence, self.now_us, True, JPEG))
                self._sequence += 1

        self.queue.steps.append(step)

    def run(self) -> list[tuple[int, int]]:
        """Run the thread to its end; return each shown picture and its time."""
        self.receiver.run()
        return self.shown_ms


def test_each_picture_is_shown_at_once_without_a_hold() -> None:
    end = OneEnd(hold_us=0)
    end.at(10, pictures=1)
    end.at(40, pictures=1)
    assert end.run() == [(10, 10), (40, 40)]
    assert end.queue.waits_s == [TAKE_S] * 3


def test_picture_is_skipped_without_a_hold_if_a_newer_one_waits() -> None:
    end = OneEnd(hold_us=0)
    end.at(10, pictures=2)
    end.at(11)
    assert len(end.run()) == 1
    assert end.receiver.counters.pictures == 2


def test_held_picture_is_shown_when_due_and_not_before() -> None:
    end = OneEnd()
    end.at(10, pictures=1)
    end.at(50)
    end.at(109)
    end.at(110)
    end.at(120)
    assert end.run() == [(10, 110)]


def test_thread_waits_no_longer_than_a_held_picture() -> None:
    end = OneEnd()
    end.at(10, pictures=1)
    end.at(50)
    end.at(112)
    end.run()
    # For the first picture; until it is due; the same 40 ms later; for the next picture.
    assert end.queue.waits_s == pytest.approx([TAKE_S, 0.1, 0.06, TAKE_S])


def test_there_is_no_wait_for_a_picture_that_became_due_during_decoding() -> None:
    end = OneEnd()

    def take_long() -> None:
        if end.now_us == START_US + 100_000:
            end.now_us += 50_000

    end.while_decoding = take_long
    end.at(10, pictures=1)
    end.at(100, pictures=1)
    end.at(150)
    assert end.run() == [(10, 150)]
    assert end.queue.waits_s[2] == 0


def test_very_long_hold_does_not_lengthen_the_wait() -> None:
    end = OneEnd(hold_us=60_000_000)
    end.at(10, pictures=1)
    end.at(20)
    end.run()
    assert max(end.queue.waits_s) == TAKE_S


def test_held_pictures_keep_their_intervals() -> None:
    end = OneEnd()
    came_ms = [10, 43, 76, 110]
    for ms in sorted([*came_ms, *(ms + 100 for ms in came_ms)]):
        end.at(ms, pictures=int(ms in came_ms))
    assert end.run() == [(ms, ms + 100) for ms in (10, 43, 76)] + [(110, 210)]


def test_newest_of_several_due_pictures_is_shown() -> None:
    end = OneEnd()
    for ms in (10, 20, 30):
        end.at(ms, pictures=1)
    end.at(125)
    end.at(135)
    assert end.run() == [(20, 125), (30, 135)]


def test_end_of_a_hold_shows_the_newest_picture_at_once() -> None:
    end = OneEnd()
    for ms in (10, 20, 30):
        end.at(ms, pictures=1)
    end.at(35, hold_us=0)
    end.at(40, pictures=1)
    assert end.run() == [(30, 35), (40, 40)]


def test_new_hold_delays_the_next_picture() -> None:
    end = OneEnd(hold_us=0)
    end.at(10, pictures=1)
    end.at(20, pictures=1, hold_us=HOLD_US)
    end.at(30)
    end.at(120)
    assert end.run() == [(10, 10), (20, 120)]


def test_shrinking_hold_keeps_the_order() -> None:
    end = OneEnd()
    for ms in range(10, 200, 10):
        end.at(ms, pictures=1, hold_us=max(0, HOLD_US - (ms - 10) * 1_000))
    shown = [picture for picture, _ in end.run()]
    assert len(shown) > 5
    assert shown == sorted(set(shown))


def test_hold_that_ends_during_decoding_keeps_the_order() -> None:
    end = OneEnd()

    def end_hold() -> None:
        if end.now_us == START_US + 30_000:
            end.receiver.hold_us = 0

    end.while_decoding = end_hold
    for ms in (10, 20, 30):
        end.at(ms, pictures=1)
    end.at(31)
    assert end.run() == [(30, 31)]


def test_oldest_held_pictures_are_dropped_beyond_the_capacity() -> None:
    end = OneEnd(hold_us=400_000)
    count = MAX_HELD + 5
    for ms in range(count):
        end.at(ms, pictures=1)
    for ms in range(count):
        end.at(400 + ms)
    shown = end.run()
    assert [picture for picture, _ in shown] == list(range(5, count))
    assert all(at - picture == 400 for picture, at in shown)


def test_newest_picture_is_not_held_back() -> None:
    end = OneEnd()
    end.at(10, pictures=1)
    end.at(20)
    assert end.run() == []
    assert end.newest_ms == [10]


def test_held_picture_counts_when_it_is_decoded() -> None:
    end = OneEnd()
    end.at(10, pictures=1)
    end.at(20, pictures=1)
    end.at(200)
    end.run()
    counters = end.receiver.counters
    assert (counters.pictures, counters.taken) == (2, 2)
    assert counters.decoded_at_us == [START_US + 10_000, START_US + 20_000]
    assert counters.latency_us == [0, 0]


def white(pixels: str) -> VideoFrame:
    picture = VideoFrame(*SIZE, pixels)
    is_full_range = pixels == "yuvj420p"
    for plane, value in zip(picture.planes, (255 if is_full_range else 235, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return mark_yuv(picture, FULL_RANGE if is_full_range else LIMITED_RANGE)


def test_pictures_keep_their_brightness_when_the_range_changes_in_mid_call() -> None:
    encoder = VideoEncoder("h264", 30, 1_000_000, allows_full_range=True)
    queue, formats, shown = ScriptedQueue(), VideoFormats(), list[VideoFrame]()
    receiver = VideoReceiver(
        queue,
        formats,
        lambda: START_US,
        to_local_us=lambda their_us, now_us: their_us,
        request_keyframe=lambda: None,
        show=lambda decoded: shown.append(decoded.picture),
    )
    sources = ["yuvj420p", "yuvj420p", "yuv420p", "yuv420p", "yuvj420p"]

    def step() -> None:
        number = len(shown)
        was_full_range = encoder.is_full_range
        frame = Frame(white(sources[number]), number * 33_333)
        encoded = encoder.encode(frame, 1_000_000, SIZE, refines=True, keyframe=False)
        if number == 0 or encoder.is_full_range != was_full_range:
            formats.add(VideoFormat("h264", *SIZE, number))
        queue.put(VideoPacket(number, 0, encoded.is_keyframe, encoded.payload))

    queue.steps = [step] * len(sources)
    receiver.run()
    assert [picture.color_range == FULL_RANGE for picture in shown] == [
        source == "yuvj420p" for source in sources
    ]
    for picture in shown:
        pixels = DisplayScaler().convert(picture, (32, 24)).to_ndarray()[:, :, :3]
        assert pixels.min() >= 252
