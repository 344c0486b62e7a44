from datetime import datetime
from threading import Event, Thread

import numpy as np
import pytest

from media.video.frame_stamp import read_stamp
from media.video.pattern import PatternSource, TestCard
from media.video.settings import VideoSettings
from media.video.use_guard import SourceClosedError
from tests.support.manual_clock import ManualClock


@pytest.mark.parametrize("size", [(1280, 720), (64, 64), (1920, 1080), (426, 240), (66, 1080)])
def test_every_allowed_size_can_be_drawn(size: tuple[int, int]) -> None:
    card = TestCard(*size, 30)
    for number in (0, 1, 29, 12_345):
        picture = card.draw(number, "23:59:59.999")
        assert (picture.width, picture.height, picture.format.name) == (*size, "yuv420p")
        luma = picture.to_ndarray()[: size[1]]
        assert read_stamp(luma) == number
        assert luma.min() >= 16
        assert luma.max() <= 235


def test_returned_picture_never_changes() -> None:
    card = TestCard(320, 180, 30)
    first = card.draw(1, "00:00:00.000")
    before = first.to_ndarray().copy()
    for number in range(2, 40):
        card.draw(number, "11:11:11.111")
    assert (first.to_ndarray() == before).all()


def test_small_part_of_the_picture_moves() -> None:
    card = TestCard(1280, 720, 30)
    one = card.draw(10, "12:00:00.000").to_ndarray().astype(int)
    two = card.draw(11, "12:00:00.033").to_ndarray().astype(int)
    changed = np.count_nonzero(one != two) / one.size
    assert 0.001 < changed < 0.05


def test_pictures_come_at_the_requested_rate_and_late_ones_are_skipped() -> None:
    clock = ManualClock()
    settings = VideoSettings(width_px=320, height_px=180, frame_rate_hz=10)
    source = PatternSource(settings, clock, lambda: datetime(2026, 1, 2, 3, 4, 5, 678_900))
    source.open()
    numbers = []
    for _ in range(60):
        picture = source.read(0)
        if picture is not None:
            numbers.append(read_stamp(picture.to_ndarray()[:180]))
        clock.us += 25_000
    assert numbers == list(range(15))
    clock.us += 1_000_000
    picture = source.read(0)
    assert picture is not None
    assert read_stamp(picture.to_ndarray()[:180]) == 25
    source.close()


def test_clock_shows_milliseconds() -> None:
    settings = VideoSettings(width_px=320, height_px=180)
    source = PatternSource(settings, ManualClock(), lambda: datetime(2026, 1, 2, 3, 4, 5, 67_900))
    source.open()
    picture = source.read(0)
    assert picture is not None
    expected = TestCard(320, 180, settings.frame_rate_hz).draw(0, "03:04:05.067")
    assert (picture.to_ndarray() == expected.to_ndarray()).all()
    source.close()


def test_close_wakes_a_waiting_reader() -> None:
    is_inside = Event()

    def clock() -> int:
        is_inside.set()
        return 0

    source = PatternSource(VideoSettings(frame_rate_hz=1), clock)
    source.open()
    assert source.read(0) is not None
    is_inside.clear()
    ended: list[object] = []
    thread = Thread(target=lambda: ended.append(source.read(30)))
    thread.start()
    assert is_inside.wait(5)
    source.close()
    thread.join(5)
    assert not thread.is_alive()
    assert ended == [None]
    with pytest.raises(SourceClosedError):
        source.read(0)
