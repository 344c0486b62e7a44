"""media/video/jpeg_encoder.py: the quality of real JPEGs follows the target bitrate."""

import numpy as np
import pytest
from av import VideoFrame

from media.video.decoder import MjpegDecoder
from media.video.i420 import frame_from_i420
from media.video.jpeg_encoder import BEST_QUALITY, WORST_QUALITY, JpegEncoder

SIZE = (320, 240)
RATE_HZ = 30


def noise(seed: int = 5) -> VideoFrame:
    dice = np.random.default_rng(seed)
    return frame_from_i420(dice.integers(60, 200, (SIZE[1] * 3 // 2, SIZE[0]), dtype=np.uint8))


def flat(value: int) -> VideoFrame:
    block = np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8)
    block[: SIZE[1]] = value
    return frame_from_i420(block)


def encoded_sizes(encoder: JpegEncoder, target_bps: int, count: int) -> list[int]:
    return [len(encoder.encode(noise(n), target_bps, keyframe=False).payload) for n in range(count)]


@pytest.mark.parametrize("keyframe", [False, True])
def test_every_picture_is_a_keyframe_that_decodes_alone(keyframe: bool) -> None:
    encoder = JpegEncoder(RATE_HZ)
    for value in (16, 126, 235):
        encoded = encoder.encode(flat(value), 2_500_000, keyframe=keyframe)
        assert encoded.is_keyframe
        picture = MjpegDecoder(SIZE).decode(encoded.payload)
        # A JPEG has full range: 16 becomes 0, 235 becomes 255.
        luma = picture.to_ndarray()[: SIZE[1]]
        assert abs(int(np.median(luma)) - round((value - 16) * 255 / 219)) <= 3


def test_quality_falls_until_pictures_fit_the_target() -> None:
    encoder = JpegEncoder(RATE_HZ)
    sizes = encoded_sizes(encoder, 2_400_000, 60)
    assert sizes[0] > 10_000
    assert max(sizes[-10:]) <= 10_000 * 1.1
    assert min(sizes[-10:]) >= 10_000 * 0.6


def test_quality_rises_while_pictures_are_small() -> None:
    encoder = JpegEncoder(RATE_HZ)
    sizes = encoded_sizes(encoder, 100_000_000, 60)
    assert sizes[-1] > 1.5 * sizes[0]
    assert encoder.quality == BEST_QUALITY


def test_quality_stays_within_its_bounds() -> None:
    encoder = JpegEncoder(RATE_HZ)
    encoded_sizes(encoder, 1, 40)
    assert encoder.quality == WORST_QUALITY
    encoded_sizes(encoder, 10**12, 120)
    assert encoder.quality == BEST_QUALITY


@pytest.mark.parametrize("size", [(16, 16), (18, 34), (1920, 1080)])
def test_every_even_size_can_be_used(size: tuple[int, int]) -> None:
    picture = frame_from_i420(np.full((size[1] * 3 // 2, size[0]), 128, np.uint8))
    encoded = JpegEncoder(RATE_HZ).encode(picture, 2_500_000, keyframe=False)
    decoded = MjpegDecoder(size).decode(encoded.payload)
    assert (decoded.width, decoded.height) == size
