"""Video files of every kind, shown upright, in their colours and at their pace, or refused."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from media.frame import Frame, FrameKind
from media.video.camera_spec import CameraSettingError, FilePath
from media.video.decoder import open_decoder
from media.video.encoder import VideoEncoder
from media.video.settings import VideoSettings
from media.video.source import Source, check_camera, create_source
from tests.inputs.quadrants import BLUE, GREEN, RED, UPRIGHT, WHITE, Colour, assert_shows
from tests.inputs.videos import turn_video, write_sound, write_video
from tests.support.manual_clock import ManualClock
from tests.support.phone_camera import MemoryPins

STEP_US = 10_000


def open_source(path: Path, clock: ManualClock) -> Source:
    check_camera(FilePath(path))
    source = create_source(FilePath(path), VideoSettings(), MemoryPins(), clock)
    assert source is not None
    assert source.kind is FrameKind.LIVE
    source.open()
    return source


def first_picture(path: Path) -> av.VideoFrame:
    source = open_source(path, ManualClock())
    picture = source.read(0)
    source.close()
    assert picture is not None
    return picture


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mp4", "libx264", "yuv420p10le"),
        ("a.mp4", "libx264", "yuv422p"),
        ("a.mp4", "libx264", "yuv444p"),
        ("a.mov", "prores_ks", "yuv422p10le"),
        ("a.mov", "prores_ks", "yuva444p10le"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.avi", "mpeg4", "yuv420p"),
    ],
)
def test_video_of_each_format_is_shown_in_its_colours(
    tmp_path: Path, name: str, codec: str, pixel_format: str
) -> None:
    path = tmp_path / name
    write_video(path, codec=codec, pixel_format=pixel_format)
    picture = first_picture(path)
    assert picture.format.name == "yuv420p"
    assert (picture.width, picture.height) == (64, 48)
    assert_shows(picture)


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        (0, UPRIGHT),
        (90, (GREEN, WHITE, BLUE, RED)),
        (180, (BLUE, GREEN, RED, WHITE)),
        (270, (RED, BLUE, WHITE, GREEN)),
    ],
)
def test_video_of_a_phone_is_turned_upright(
    tmp_path: Path, degrees: int, expected: tuple[Colour, ...]
) -> None:
    path = tmp_path / "phone.mp4"
    write_video(path)
    turn_video(path, degrees)
    picture = first_picture(path)
    assert (picture.width, picture.height) == ((64, 48) if degrees % 180 == 0 else (48, 64))
    assert_shows(picture, expected)


def test_variable_frame_rate_keeps_its_times(tmp_path: Path) -> None:
    times_ms = (0, 100, 500, 560, 900)
    path = tmp_path / "a.mkv"
    write_video(path, times_ms=times_ms)
    clock = ManualClock()
    source = open_source(path, clock)
    start_us, seen_ms = clock.us, []
    while clock.us - start_us <= 910_000:
        if source.read(0) is not None:
            seen_ms.append((clock.us - start_us) // 1000)
        clock.us += STEP_US
    assert [round(seen_ms[number] - at_ms, -1) for number, at_ms in enumerate(times_ms)] == [0] * 5
    source.close()


@pytest.mark.parametrize("size_px", [(65, 49), (65, 48), (64, 49), (17, 33)])
def test_odd_size_passes_encoder_and_decoder(tmp_path: Path, size_px: tuple[int, int]) -> None:
    path = tmp_path / "odd.webm"
    write_video(path, codec="libvpx-vp9", size_px=size_px)
    picture = first_picture(path)
    assert (picture.width, picture.height) == size_px
    encoder = VideoEncoder("h264", 30, 2_500_000)
    encoded = encoder.encode(Frame(picture, 0), 2_000_000, (1280, 720), refines=True, keyframe=True)
    width, height = encoder.size_px
    assert abs(width - size_px[0]) <= 1
    assert abs(height - size_px[1]) <= 1
    assert_shows(open_decoder("h264", encoder.size_px).decode(encoded.payload))


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.h264"])
def test_video_without_a_keyframe_at_its_start_begins_at_the_next_one(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    write_video(path, skips_packets=2)
    assert_shows(first_picture(path))


@pytest.mark.parametrize(
    ("name", "write", "sentence"),
    [
        ("talk.m4a", write_sound, "contains no pictures"),
        (
            "a.mkv",
            lambda path: write_video(path, skips_packets=1, keyframe_interval=100),
            "no picture that can be decoded",
        ),
    ],
)
def test_file_without_a_picture_is_refused_in_one_sentence(
    tmp_path: Path, name: str, write: Callable[[Path], None], sentence: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(CameraSettingError, match=sentence) as caught:
        check_camera(FilePath(tmp_path / name))
    assert name in caught.value.sentence
    assert caught.value.next_step
