"""Stored packets of a call, compared with the film.

bench/received_quality.py, bench/received_pictures.py and bench/recording_peer.py.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from bench.film import HEIGHT_PX, RATE_HZ, WIDTH_PX, Film, write_film
from bench.received_pictures import decode_recording, read_captures
from bench.received_quality import received_psnr_db, sample_pictures
from bench.recording_peer import HEADER, read_recording, record
from bench.screen import SCREEN_PX, STAMP_MIDDLE, read_row, window_box
from call.live.video_packet_queue import VideoPacketQueue
from media.frame import Frame
from media.packet import VideoPacket
from media.video.encoder import VideoEncoder
from media.video.frame_stamp import read_stamp

PICTURES = 45
START_US = 7_000_000


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """A film of moving stripes and noise."""
    folder = tmp_path_factory.mktemp("film")
    raw = folder / "raw.mp4"
    dice = np.random.default_rng(3)
    texture = dice.integers(60, 200, (90, 160), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(raw), "w") as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for number in range(PICTURES):
            block = np.full((HEIGHT_PX * 3 // 2, WIDTH_PX), 128, np.uint8)
            block[:HEIGHT_PX] = np.roll(texture, number * 6, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(block, "yuv420p")))
        container.mux(stream.encode(None))
    return write_film([raw], folder, is_stamped=True)


def packets(film: Film, target_bps: int, within_px: tuple[int, int]) -> Iterator[VideoPacket]:
    """Yield the film's packets, as a sender makes them."""
    encoder = VideoEncoder("h264", RATE_HZ, 2_500_000)
    with av.open(str(film.path)) as container:
        for number, picture in enumerate(container.decode(video=0)):
            frame = Frame(picture, START_US + number * 1_000_000 // RATE_HZ)
            encoded = encoder.encode(frame, target_bps, within_px, refines=True, keyframe=False)
            yield VideoPacket(number, frame.captured_us, encoded.is_keyframe, encoded.payload)


def write_recording(path: Path, sent: Iterator[VideoPacket]) -> Path:
    with path.open("wb") as file:
        for packet in sent:
            file.write(HEADER.pack(packet.captured_us, len(packet.payload)) + packet.payload)
    return path


def test_stamped_film_shows_the_number_of_each_picture(film: Film) -> None:
    numbers = [read_stamp(block[:HEIGHT_PX]) for block in film.pictures()]
    assert numbers == list(range(PICTURES))


@pytest.mark.parametrize(
    ("target_bps", "within_px"), [(2_500_000, (1280, 720)), (40_000, (320, 180))]
)
def test_two_pictures_a_second_are_found_by_their_number(
    film: Film, tmp_path: Path, target_bps: int, within_px: tuple[int, int]
) -> None:
    path = write_recording(tmp_path / "received", packets(film, target_bps, within_px))
    samples = sample_pictures(path)
    numbers = [number for number, _ in samples]
    assert len(numbers) == 3
    assert np.diff(numbers).tolist() == [15, 15]
    assert {luma.shape for _, luma in samples} == {within_px[::-1]}


def test_captures_are_those_of_the_pictures_sent(film: Film, tmp_path: Path) -> None:
    path = write_recording(tmp_path / "received", packets(film, 300_000, (320, 180)))
    period_us = 1_000_000 / RATE_HZ
    assert read_captures(path) == [(n, START_US + int(n * period_us)) for n in range(PICTURES)]


def test_stamp_of_a_small_picture_is_legible_in_a_window(film: Film, tmp_path: Path) -> None:
    path = write_recording(tmp_path / "received", packets(film, 300_000, (320, 180)))
    box = window_box()
    assert box.width < SCREEN_PX[0]
    numbers = []
    for _, picture in decode_recording(path):
        pixels = picture.reformat(box.width, box.height, "bgra").to_ndarray()
        numbers.append(read_row(pixels[round(box.height * STAMP_MIDDLE)].tobytes()))
    assert numbers == list(range(PICTURES))


def test_coarser_pictures_have_a_lower_psnr(film: Film, tmp_path: Path) -> None:
    measured_db = []
    for target_bps in (2_500_000, 400_000):
        path = write_recording(tmp_path / "received", packets(film, target_bps, (640, 360)))
        measured_db.append(received_psnr_db(path, film))
    fine_db, coarse_db = measured_db
    assert fine_db is not None
    assert coarse_db is not None
    assert 20 < coarse_db < fine_db - 3


def test_picture_resembles_the_one_of_its_number(film: Film, tmp_path: Path) -> None:
    path = write_recording(tmp_path / "received", packets(film, 1_000_000, (1280, 720)))
    [*_, (number, luma)] = sample_pictures(path, every_us=1)
    assert number == PICTURES - 1
    blocks = list(film.pictures())
    errors = [float(np.mean((luma.astype(float) - block[:HEIGHT_PX]) ** 2)) for block in blocks]
    assert errors.index(min(errors)) == number


def test_call_without_pictures_has_no_psnr(film: Film, tmp_path: Path) -> None:
    assert received_psnr_db(write_recording(tmp_path / "none", iter(())), film) is None


def test_taken_packets_are_stored_and_a_cut_end_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(VideoPacketQueue, "take", VideoPacketQueue.take)
    file = io.BytesIO()
    record(file)
    queue = VideoPacketQueue()
    for number in range(3):
        queue.put(VideoPacket(number, START_US + number, True, bytes([number]) * 10))
    assert [queue.take(0)[0] is not None for _ in range(4)] == [True, True, True, False]
    whole = [(START_US + number, bytes([number]) * 10) for number in range(3)]
    assert list(read_recording(io.BytesIO(file.getvalue()))) == whole
    assert list(read_recording(io.BytesIO(file.getvalue()[:-1]))) == whole[:2]
    assert list(read_recording(io.BytesIO(file.getvalue()[:-15]))) == whole[:2]
