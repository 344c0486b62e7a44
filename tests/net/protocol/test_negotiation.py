"""Claims about net/protocol/negotiation.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.protocol.control import Decodable
from net.protocol.negotiation import negotiate_audio, negotiate_video

HD = (1280, 720)
FULL_HD = (1920, 1080)
H264 = Decodable("h264", *FULL_HD)
MJPEG = Decodable("mjpeg", *FULL_HD)
FULL_RANGE_H264 = Decodable("h264", *FULL_HD, takes_full_range=True)


@pytest.mark.parametrize(
    ("wanted", "size", "offers", "agreed"),
    [
        ("h264", HD, [H264, MJPEG], ("h264", HD, False)),
        ("mjpeg", HD, [H264, MJPEG], ("mjpeg", HD, False)),
        ("mjpeg", HD, [H264], ("h264", HD, False)),
        ("h264", HD, [MJPEG], ("mjpeg", HD, False)),
        ("h264", HD, [Decodable("av1", *FULL_HD), MJPEG], ("mjpeg", HD, False)),
        ("h264", HD, [Decodable("h264", 640, 480)], ("h264", (640, 480), False)),
        ("h264", HD, [Decodable("h264", 641, 16_384)], ("h264", (640, 720), False)),
        ("h264", HD, [FULL_RANGE_H264, MJPEG], ("h264", HD, True)),
        ("mjpeg", HD, [FULL_RANGE_H264, MJPEG], ("mjpeg", HD, False)),
        ("h264", HD, [], None),
        ("h264", HD, [Decodable("av1", *FULL_HD), Decodable("", *FULL_HD)], None),
    ],
)
def test_negotiated_video_codec_size_and_range(
    wanted: str,
    size: tuple[int, int],
    offers: list[Decodable],
    agreed: tuple[str, tuple[int, int], bool] | None,
) -> None:
    assert negotiate_video(wanted, size, offers) == agreed


def test_receivers_order_decides_if_the_senders_setting_cannot_be_met() -> None:
    assert negotiate_video("av1", HD, [MJPEG, H264]) == ("mjpeg", HD, False)
    assert negotiate_video("av1", HD, [H264, MJPEG]) == ("h264", HD, False)


sizes = st.integers(16, 16_384)
offers = st.lists(
    st.builds(Decodable, st.sampled_from(["h264", "mjpeg", "av1"]), sizes, sizes), max_size=6
)


@given(st.sampled_from(["h264", "mjpeg"]), st.tuples(sizes, sizes), offers)
def test_negotiated_size_is_even_and_within_both_limits(
    wanted: str, size: tuple[int, int], offered: list[Decodable]
) -> None:
    agreed = negotiate_video(wanted, size, offered)
    if agreed is None:
        assert all(offer.codec == "av1" for offer in offered)
        return
    codec, (width, height), _ = agreed
    assert width % 2 == height % 2 == 0
    assert 16 <= width <= size[0]
    assert 16 <= height <= size[1]
    assert any(o.codec == codec and o.width_px >= width and o.height_px >= height for o in offered)


@pytest.mark.parametrize(
    ("wanted", "can_hear", "agreed"),
    [
        ("opus", ["opus", "pcm"], "opus"),
        ("pcm", ["opus", "pcm"], "pcm"),
        ("pcm", ["opus"], "opus"),
        ("opus", ["lyra", "pcm"], "pcm"),
        ("opus", ["lyra"], None),
        ("opus", [], None),
    ],
)
def test_negotiated_audio_codec(wanted: str, can_hear: list[str], agreed: str | None) -> None:
    assert negotiate_audio(wanted, can_hear) == agreed
