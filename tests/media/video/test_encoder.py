"""media/video/encoder.py: pictures of every source are scaled, converted and encoded."""

from typing import get_args

import numpy as np
import pytest
from av import VideoFrame
from av.video.frame import PictureType

from media.frame import Content, Frame
from media.packet import EncodedPicture
from media.video.colour_range import FULL_RANGE, LIMITED_RANGE, mark_rgb, mark_yuv
from media.video.decoder import open_decoder
from media.video.encoder import VideoEncoder
from media.video.settings import DECODED_CODECS, VideoCodec

LARGEST = (320, 240)
TARGET_BPS = 2_000_000
CODECS: tuple[VideoCodec, ...] = get_args(VideoCodec)


def encoder_of(codec: VideoCodec, *, allows_full_range: bool = False) -> VideoEncoder:
    return VideoEncoder(codec, 30, TARGET_BPS, allows_full_range=allows_full_range)


def encode(
    encoder: VideoEncoder,
    frame: Frame,
    *,
    within_px: tuple[int, int] = LARGEST,
    refines: bool = True,
    keyframe: bool = False,
) -> EncodedPicture:
    return encoder.encode(frame, TARGET_BPS, within_px, refines=refines, keyframe=keyframe)


def grey(width: int, height: int, pixels: str = "yuv420p", value: int = 126) -> VideoFrame:
    """Return a grey picture marked as sources do: full range if the format has it, else limited."""
    if pixels in ("bgr24", "bgra"):
        channels = 3 if pixels == "bgr24" else 4
        return mark_rgb(
            VideoFrame.from_ndarray(np.full((height, width, channels), value, np.uint8), pixels)
        )
    picture = VideoFrame(width, height, pixels)
    for index, plane in enumerate(picture.planes):
        filling = bytes([value, 128]) if pixels == "yuyv422" else bytes([128 if index else value])
        plane.update((filling * plane.buffer_size)[: plane.buffer_size])
    return mark_yuv(picture, FULL_RANGE if pixels.startswith("yuvj") else LIMITED_RANGE)


def median_of_luma(picture: VideoFrame) -> int:
    """Return the median of the luma, converted to limited range."""
    rows = np.frombuffer(memoryview(picture.planes[0]), np.uint8)
    luma = int(np.median(rows.reshape(-1, picture.planes[0].line_size)[:, : picture.width]))
    return round(luma * 219 / 255) + 16 if picture.color_range == FULL_RANGE else luma


def test_every_codec_of_the_settings_is_decoded() -> None:
    assert set(CODECS) == set(DECODED_CODECS)


@pytest.mark.parametrize("allows_full_range", [False, True])
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("pixels", "value", "luma"),
    [
        ("yuv420p", 126, 126),
        ("yuv420p", 200, 200),
        ("yuyv422", 200, 200),
        ("yuvj420p", 128, 126),
        ("yuvj422p", 255, 235),
        ("yuvj420p", 0, 16),
        ("bgr24", 128, 126),
        ("bgra", 255, 235),
    ],
)
def test_picture_of_any_format_keeps_its_brightness(
    codec: VideoCodec, pixels: str, value: int, luma: int, *, allows_full_range: bool
) -> None:
    encoder = encoder_of(codec, allows_full_range=allows_full_range)
    encoded = encode(encoder, Frame(grey(160, 120, pixels, value), 1_000))
    picture = open_decoder(codec, encoder.size_px).decode(encoded.payload)
    assert abs(median_of_luma(picture) - luma) <= 4


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("size", "encoded_size"),
    [
        ((320, 240), (320, 240)),
        ((160, 120), (160, 120)),
        ((640, 480), (320, 240)),
        ((1280, 720), (320, 180)),
        ((161, 121), (160, 120)),
        ((720, 1280), (136, 240)),
        ((8, 8), (16, 16)),
        ((640, 2), (320, 16)),
        ((2, 480), (16, 240)),
    ],
)
def test_picture_is_scaled_to_a_size_that_both_peers_allow(
    codec: VideoCodec, size: tuple[int, int], encoded_size: tuple[int, int]
) -> None:
    encoder = encoder_of(codec)
    encoded = encode(encoder, Frame(grey(*size), 1_000))
    assert encoder.size_px == encoded_size
    picture = open_decoder(codec, encoded_size).decode(encoded.payload)
    assert (picture.width, picture.height) == encoded_size


def test_change_of_size_begins_with_a_keyframe_of_the_new_size() -> None:
    encoder = encoder_of("h264")
    results = []
    for number, size in enumerate(((320, 240), (320, 240), (240, 320), (240, 320), (320, 240))):
        frame = Frame(grey(*size), number * 33_333)
        encoded = encode(encoder, frame)
        results.append((encoder.size_px, encoded.is_keyframe))
    assert results == [
        ((320, 240), True),
        ((320, 240), False),
        ((180, 240), True),
        ((180, 240), False),
        ((320, 240), True),
    ]


@pytest.mark.parametrize(
    ("pixels", "size"),
    [("yuvj420p", LARGEST), ("yuvj420p", (640, 480)), ("yuvj422p", LARGEST), ("bgr24", LARGEST)],
)
@pytest.mark.parametrize("allows_full_range", [False, True])
def test_jpeg_keeps_its_full_range_only_if_the_other_peer_takes_it(
    pixels: str, size: tuple[int, int], *, allows_full_range: bool
) -> None:
    encoder = encoder_of("h264", allows_full_range=allows_full_range)
    encoded = encode(encoder, Frame(grey(*size, pixels, 250), 1_000))
    picture = open_decoder("h264", LARGEST).decode(encoded.payload)
    is_full_range = allows_full_range and pixels != "bgr24"
    assert encoder.is_full_range is is_full_range
    assert (picture.color_range == FULL_RANGE) is is_full_range
    assert median_of_luma(picture) == pytest.approx(16 + 250 * 219 / 255, abs=2)


def test_change_of_range_begins_with_a_keyframe_of_the_new_range() -> None:
    encoder = encoder_of("h264", allows_full_range=True)
    results = []
    for number, pixels in enumerate(("yuvj420p", "yuvj420p", "yuv420p", "yuv420p", "yuvj420p")):
        encoded = encode(encoder, Frame(grey(*LARGEST, pixels), number * 33_333))
        results.append((encoder.is_full_range, encoded.is_keyframe))
    assert results == [(True, True), (True, False), (False, True), (False, False), (True, True)]


def test_smaller_box_begins_with_a_keyframe_of_the_smaller_size() -> None:
    encoder = encoder_of("h264")
    results = []
    for number, within_px in enumerate(((320, 240), (320, 180), (320, 180), (320, 240))):
        frame = Frame(grey(320, 240), number * 33_333)
        encoded = encode(encoder, frame, within_px=within_px)
        results.append((encoder.size_px, encoded.is_keyframe))
    assert results == [
        ((320, 240), True),
        ((240, 180), True),
        ((240, 180), False),
        ((320, 240), True),
    ]


@pytest.mark.parametrize("codec", CODECS)
def test_picture_without_refinement_is_decoded(codec: VideoCodec) -> None:
    encoder, decoder = encoder_of(codec), open_decoder(codec, LARGEST)
    for number in range(4):
        frame = Frame(grey(*LARGEST), number * 33_333)
        encoded = encode(encoder, frame, refines=number < 2)
        assert median_of_luma(decoder.decode(encoded.payload)) == pytest.approx(126, abs=3)


def test_keyframe_mark_of_a_source_is_ignored() -> None:
    encoder = encoder_of("h264")
    keyframes = []
    for number in range(4):
        picture = grey(160, 120)
        picture.pict_type = PictureType.I
        encoded = encode(encoder, Frame(picture, number * 33_333))
        keyframes.append(encoded.is_keyframe)
    assert keyframes == [True, False, False, False]


@pytest.mark.parametrize("codec", CODECS)
def test_standing_picture_can_be_encoded_repeatedly(codec: VideoCodec) -> None:
    encoder, decoder = encoder_of(codec), open_decoder(codec, LARGEST)
    picture = grey(*LARGEST)
    for number in range(5):
        frame = Frame(picture, number * 200_000)
        encoded = encode(encoder, frame, keyframe=number == 3)
        assert median_of_luma(decoder.decode(encoded.payload)) == pytest.approx(126, abs=3)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [LARGEST, (160, 120), (640, 480)])
def test_encoding_changes_no_pixel_of_the_frame(codec: VideoCodec, size: tuple[int, int]) -> None:
    picture = grey(*size)
    before = [bytes(plane) for plane in picture.planes]
    encode(encoder_of(codec), Frame(picture, 1_000))
    assert [bytes(plane) for plane in picture.planes] == before
    assert (picture.width, picture.height, picture.format.name) == (*size, "yuv420p")
    assert picture.color_range == LIMITED_RANGE


def test_another_content_opens_another_encoder() -> None:
    encoder = encoder_of("h264")
    contents = [Content.MOTION, Content.MOTION, Content.DETAIL, Content.DETAIL, Content.MOTION]
    packets = [
        encode(encoder, Frame(grey(160, 120), 1_000 * number, content=content))
        for number, content in enumerate(contents)
    ]
    assert [packet.is_keyframe for packet in packets] == [True, False, True, False, True]
