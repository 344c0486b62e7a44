"""media/video/decoder.py: a packet is one picture of the announced size, or a CodecError."""

import random
from fractions import Fraction

import numpy as np
import psutil
import pytest
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from media.errors import CodecError
from media.video.decoder import H264Decoder, MjpegDecoder, open_decoder
from media.video.h264_encoder import H264Encoder
from media.video.h264_header import sequence_headers
from media.video.i420 import frame_from_i420
from media.video.jpeg_encoder import JpegEncoder

SIZE = (320, 240)
BITRATE_BPS = 1_500_000
MB = 1_000_000


def picture_of(number: int, size: tuple[int, int] = SIZE) -> VideoFrame:
    """Return a picture that differs slightly from the one before."""
    width, height = size
    block = np.tile(np.arange(width, dtype=np.uint8), (height * 3 // 2, 1))
    picture = frame_from_i420(np.roll(block, number * 2, axis=1).copy())
    picture.pts = number * 33_333
    return picture


def h264_packets(
    count: int, size: tuple[int, int] = SIZE, keyframes: tuple[int, ...] = ()
) -> list[bytes]:
    encoder = H264Encoder(size, 30, BITRATE_BPS)
    return [
        encoder.encode(picture_of(n, size), BITRATE_BPS, keyframe=n in keyframes).payload
        for n in range(count)
    ]


def jpeg(size: tuple[int, int] = SIZE) -> bytes:
    return JpegEncoder(30).encode(picture_of(0, size), BITRATE_BPS, keyframe=False).payload


def packet_in_format(size: tuple[int, int], pixels: str) -> bytes:
    """Return a keyframe in any pixel format, also those that our encoder never uses."""
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt = pixels
    context.framerate = Fraction(30)
    context.options = {"preset": "ultrafast", "tune": "zerolatency"}
    picture = VideoFrame(*size, pixels)
    for plane in picture.planes:
        plane.update(bytes(plane.buffer_size))
    picture.pts = 0
    return b"".join(map(bytes, context.encode(picture)))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_each_packet_decodes_to_one_picture_at_once(kind: type) -> None:
    decoder = H264Decoder(SIZE)
    for packet in h264_packets(30):
        picture = decoder.decode(kind(packet))
        assert (picture.width, picture.height, picture.format.name) == (*SIZE, "yuv420p")
    picture = MjpegDecoder(SIZE).decode(kind(jpeg()))
    assert (picture.width, picture.height) == SIZE


@pytest.mark.parametrize(("codec", "packet"), [("h264", h264_packets(1)[0]), ("mjpeg", jpeg())])
def test_each_codec_has_its_decoder(codec: str, packet: bytes) -> None:
    assert open_decoder(codec, SIZE).decode(packet).width == SIZE[0]


@pytest.mark.parametrize("size", [(322, 240), (320, 242), (16, 16), (640, 480)])
def test_picture_of_another_size_is_refused(size: tuple[int, int]) -> None:
    for codec, packet in (("h264", h264_packets(1, size)[0]), ("mjpeg", jpeg(size))):
        with pytest.raises(CodecError, match=f"{size[0]}x{size[1]} came instead of 320x240"):
            open_decoder(codec, SIZE).decode(packet)


def test_bad_header_is_refused_before_ffmpeg_reads_the_packet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoFfmpeg:
        """Fails the test if it is asked to decode."""

        @staticmethod
        def create(codec: str, mode: str) -> "NoFfmpeg":
            return NoFfmpeg()

        def open(self) -> None:
            pass

        def decode(self, packet: object) -> list[VideoFrame]:
            raise AssertionError("FFmpeg read the packet")

    packets = (
        h264_packets(1, (640, 480))[0],
        packet_in_format(SIZE, "yuv444p"),
        packet_in_format(SIZE, "yuv420p10le"),
    )
    monkeypatch.setattr("media.video.decoder.VideoCodecContext", NoFfmpeg)
    decoder = H264Decoder(SIZE)
    for packet in packets:
        with pytest.raises(CodecError):
            decoder.decode(packet)


@pytest.mark.parametrize("pixels", ["yuv444p", "yuv422p", "yuv420p10le", "gray"])
def test_picture_of_another_format_is_refused(pixels: str) -> None:
    with pytest.raises(CodecError, match="not announced"):
        H264Decoder(SIZE).decode(packet_in_format(SIZE, pixels))


def test_picture_before_its_header_is_refused() -> None:
    _, second = h264_packets(2)
    with pytest.raises(CodecError, match="before its header"):
        H264Decoder(SIZE).decode(second)


def test_change_of_size_is_refused() -> None:
    decoder = H264Decoder(SIZE)
    decoder.decode(h264_packets(1)[0])
    with pytest.raises(CodecError, match="640x480 came"):
        decoder.decode(h264_packets(1, (640, 480))[0])


def test_second_parameter_set_in_a_packet_is_checked_too() -> None:
    packet = h264_packets(1)[0] + h264_packets(1, (640, 480))[0]
    with pytest.raises(CodecError, match="640x480 came"):
        H264Decoder(SIZE).decode(packet)


@pytest.mark.parametrize("packet", [b"", b"\x00", bytes(100), b"\x00\x00\x01", b"\x00\x00\x01\x67"])
@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_packet_without_a_picture_is_refused_and_the_next_one_decodes(
    codec: str, packet: bytes
) -> None:
    decoder = open_decoder(codec, SIZE)
    with pytest.raises(CodecError):
        decoder.decode(packet)
    good = h264_packets(1)[0] if codec == "h264" else jpeg()
    assert decoder.decode(good).width == SIZE[0]


def test_packet_of_two_pictures_decodes_to_one_at_most() -> None:
    packets = h264_packets(3)
    decoder = H264Decoder(SIZE)
    try:
        decoder.decode(packets[0] + packets[1])
    except CodecError:
        return
    assert decoder.decode(packets[2]).width == SIZE[0]


def test_packet_of_headers_alone_is_refused() -> None:
    first = h264_packets(1)[0]
    [header] = sequence_headers(first)
    with pytest.raises(CodecError):
        H264Decoder(SIZE).decode(b"\x00\x00\x01\x67" + header)


@pytest.mark.parametrize("junk", [b"", b"\x00", b"x" * 50, b"\x00\x00\x01\x0a\x00\x00\x01\x0b"])
def test_running_decoder_continues_after_junk(junk: bytes) -> None:
    packets = h264_packets(2, keyframes=(1,))
    decoder = H264Decoder(SIZE)
    decoder.decode(packets[0])
    with pytest.raises(CodecError):
        decoder.decode(junk)
    assert decoder.decode(packets[1]).width == SIZE[0]


def test_keyframe_recovers_after_damage() -> None:
    packets = h264_packets(20, keyframes=(10, 15))
    decoder = H264Decoder(SIZE)
    dice = random.Random(5)
    for number, packet in enumerate(packets):
        if 3 <= number < 10 or 12 <= number < 15:
            damaged = packet[:5] + dice.randbytes(len(packet) - 5) if number % 2 else packet[:8]
            try:
                decoder.decode(damaged)
            except CodecError:
                continue
        else:
            picture = decoder.decode(packet)
            if number >= 15:
                luma = picture.to_ndarray()[: SIZE[1]].astype(int)
                expected = picture_of(number).to_ndarray()[: SIZE[1]].astype(int)
                assert np.abs(luma - expected).mean() < 10


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_truncated_packet_is_a_picture_or_refused_and_the_next_one_decodes(codec: str) -> None:
    good = h264_packets(1)[0] if codec == "h264" else jpeg()
    decoder = open_decoder(codec, SIZE)
    for length in range(0, len(good), max(1, len(good) // 60)):
        try:
            picture = decoder.decode(good[:length])
        except CodecError:
            pass
        else:
            assert (picture.width, picture.height) == SIZE
        assert decoder.decode(good).width == SIZE[0]


_good_h264 = h264_packets(4)
_good_jpeg = jpeg()


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_changed_bytes_are_a_picture_or_refused(changes: list[tuple[int, int]]) -> None:
    for codec, packets in (("h264", _good_h264), ("mjpeg", [_good_jpeg])):
        decoder = open_decoder(codec, SIZE)
        for packet in packets:
            changed = bytearray(packet)
            for position, value in changes:
                changed[position % len(changed)] = value
            try:
                picture = decoder.decode(changed)
            except CodecError:
                continue
            assert (picture.width, picture.height) == SIZE


@given(st.binary(max_size=400), st.sampled_from([b"", b"\x00\x00\x01\x67", b"\xff\xd8\xff"]))
def test_random_bytes_are_refused(data: bytes, start: bytes) -> None:
    for codec in ("h264", "mjpeg"):
        with pytest.raises(CodecError):
            open_decoder(codec, SIZE).decode(start + data)


def ue(value: int) -> str:
    """Return a number as an Exp-Golomb code, in binary digits; H.264, 9.1."""
    digits = bin(value + 1)[2:]
    return "0" * (len(digits) - 1) + digits


def cropped_header(coded: int, size: tuple[int, int]) -> bytes:
    """Return a parameter set like our encoder's whose coded picture is a large square."""
    bits = f"{66:08b}{0xC0:08b}{62:08b}" + ue(0) + ue(0) + ue(2) + ue(16) + "0"
    bits += ue(coded // 16 - 1) * 2 + "111"
    bits += ue(0) + ue((coded - size[0]) // 2) + ue(0) + ue((coded - size[1]) // 2) + "01"
    bits += "0" * (-len(bits) % 8)
    plain = int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert not any(bytes([0, 0, n]) in plain for n in range(4))  # no emulation prevention needed
    return plain


def test_small_picture_cropped_from_a_huge_one_is_refused_before_it_takes_memory() -> None:
    packet = h264_packets(1)[0]
    [header] = sequence_headers(packet)
    bomb = packet.replace(header, cropped_header(4096, SIZE))
    before = psutil.Process().memory_info().rss
    decoder = H264Decoder(SIZE)
    with pytest.raises(CodecError):
        decoder.decode(bomb)
    assert psutil.Process().memory_info().rss - before < 10 * MB


def test_packet_of_many_headers_is_refused() -> None:
    packet = h264_packets(1)[0]
    [header] = sequence_headers(packet)
    with pytest.raises(CodecError):
        H264Decoder(SIZE).decode((b"\x00\x00\x01\x67" + header) * 1_000 + packet)
