from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from media.errors import SourceError
from media.video.settings import VideoSettings
from media.video.video_file import VideoFileSource
from tests.support.manual_clock import ManualClock

MakeVideo = Callable[..., Path]


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    """Return a function that writes a video; each picture is lighter by 4, starting at 30."""

    def make(
        name: str = "video.mp4", *, count: int = 30, rate: int = 30, codec: str = "h264"
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=rate)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            if codec == "mjpeg":
                stream.pix_fmt = "yuvj420p"
            stream.bit_rate = 2_000_000
            for number in range(count):
                pixels = np.full((72, 64), 128, np.uint8)
                pixels[:48] = 30 + number % 50 * 4
                picture = av.VideoFrame.from_ndarray(pixels, stream.pix_fmt)
                picture.pts, picture.time_base = number, Fraction(1, rate)
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return path

    return make


def play(
    source: VideoFileSource, clock: ManualClock, duration_us: int, step_us: int = 5_000
) -> list[tuple[int, int]]:
    """Return the time and number of each picture."""
    start, seen = clock.us, []
    while clock.us - start < duration_us:
        picture = source.read(0)
        if picture is not None:
            luma = np.frombuffer(memoryview(picture.planes[0]), np.uint8)
            line = picture.planes[0].line_size
            value = luma.reshape(-1, line)[:, : picture.width].mean()
            seen.append((clock.us - start, round((float(value) - 30) / 4)))
        clock.us += step_us
    return seen


def test_video_plays_in_real_time(make_video: MakeVideo) -> None:
    clock = ManualClock()
    source = VideoFileSource(make_video(), VideoSettings(), clock)
    source.open()
    seen = play(source, clock, 990_000)
    assert [number for _, number in seen] == list(range(30))
    for at, number in seen:
        assert 0 <= at - number * 33_333 <= 5_000
    source.close()


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("f.mp4", "h264"),
        ("f.mkv", "h264"),
        ("f.ts", "h264"),
        ("f.avi", "mjpeg"),
        ("f.h264", "h264"),
    ],
)
def test_video_loops_without_a_gap(make_video: MakeVideo, name: str, codec: str) -> None:
    clock = ManualClock()
    source = VideoFileSource(make_video(name, count=12, codec=codec), VideoSettings(), clock)
    source.open()
    seen = play(source, clock, 2_000_000)
    gaps = [b - a for (a, _), (b, _) in pairwise(seen)]
    numbers = [number for _, number in seen]
    assert max(gaps) < 100_000
    assert len(seen) >= 45
    assert numbers[:24] == list(range(12)) * 2
    source.close()


def test_video_of_60_hz_is_halved_to_the_requested_30_hz(make_video: MakeVideo) -> None:
    clock = ManualClock()
    source = VideoFileSource(make_video(rate=60, count=60), VideoSettings(frame_rate_hz=30), clock)
    source.open()
    numbers = [number for _, number in play(source, clock, 800_000)]
    assert numbers == list(range(0, 48, 2))
    source.close()


def test_late_pictures_are_skipped_not_queued(make_video: MakeVideo) -> None:
    clock = ManualClock()
    source = VideoFileSource(make_video(count=45), VideoSettings(), clock)
    source.open()
    play(source, clock, 200_000)
    clock.us += 300_000
    source.read(0)  # decoded ahead before the pause
    seen = play(source, clock, 100_000)
    assert 14 <= seen[0][1] <= 16
    assert source.skipped >= 7
    source.close()


def test_slow_decoder_plays_slowly_and_without_gaps(make_video: MakeVideo) -> None:
    clock = ManualClock()

    def slow_us() -> int:
        clock.us += 15_000
        return clock.us

    source = VideoFileSource(
        make_video(rate=60, count=60), VideoSettings(frame_rate_hz=60), slow_us
    )
    source.open()
    seen = play(source, clock, 3_000_000)
    assert max(later - earlier for (earlier, _), (later, _) in pairwise(seen)) < 150_000
    source.close()


def test_video_resumes_where_it_was_after_the_computer_slept(make_video: MakeVideo) -> None:
    clock = ManualClock()
    source = VideoFileSource(make_video(count=45), VideoSettings(), clock)
    source.open()
    play(source, clock, 200_000)
    clock.us += 3_600_000_000
    numbers = [number for _, number in play(source, clock, 200_000)]
    assert numbers[0] in (6, 7)
    assert len(numbers) >= 6
    source.close()


def test_video_of_a_phone_is_turned_upright(make_video: MakeVideo) -> None:
    path = make_video()
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    one = 1 << 16
    values = (0, one, 0, -one & 0xFFFFFFFF, 0, 0, 48 * one, 0, 1 << 30)
    data[matrix : matrix + 36] = b"".join(value.to_bytes(4, "big") for value in values)
    path.write_bytes(data)
    source = VideoFileSource(path, VideoSettings(), ManualClock())
    source.open()
    picture = source.read(0)
    assert picture is not None
    assert (picture.width, picture.height) == (48, 64)
    source.close()


def test_file_that_is_not_a_video_is_a_source_error(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("not a video")
    (tmp_path / "empty.mp4").touch()
    for name in ("text.mp4", "empty.mp4", "missing.mp4"):
        with pytest.raises(SourceError):
            VideoFileSource(tmp_path / name, VideoSettings(), ManualClock()).open()


def test_file_without_pictures_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(SourceError, match="contains no pictures"):
        VideoFileSource(path, VideoSettings(), ManualClock()).open()
