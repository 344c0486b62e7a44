"""H.264 through libx264, without delay and with a rate that can change. Runs in the encode thread.

x264 follows a live bitrate within its rate buffer (VBV) only. So an encoder belongs to a rung: it
is opened with the rung's ceiling as its maximum and a buffer of two pictures' time; the target is
lowered live down to half of it. To rise above the ceiling, to fall under half, and for a keyframe
later on, a new encoder is opened, which takes a few milliseconds and gives a keyframe.

Parameter sets stand in-band before each keyframe. There are no periodic keyframes and none at a
change of scene: each would cost many pictures' bytes; the other side asks when it needs one.
"""

from fractions import Fraction

from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from media.packet import EncodedPicture

TIME_BASE = Fraction(1, 1_000_000)
BUFFER_PICTURES = 2
BUFFER_BITS_PER_BLOCK = 6
"""At least so much for each 16x16 pixels: with less, x264 finds that no picture fits and repeats
the last one for ever. Measured with the test pattern: 4 bits at 1280x720, 3 at 1920x1080."""
LOWEST_RUNG_BPS = 100_000

# Measured at 1280x720 and 2.5 Mbit/s on two films, one thread: preset ultrafast alone 35.5 and
# 42.7 dB in 3.1 and 3.6 ms a picture; with subpel refinement 41.3 and 44.0 dB in 4.0 and 4.5 ms;
# with the deblocking filter too 42.4 and 45.7 dB in 4.3 and 4.9 ms, and 0.4 ms more to decode;
# superfast 42.9 and 45.5 dB in 6.8 and 6.6 ms, and 1.2 ms more to decode.
X264_PARAMS = "keyint=infinite:scenecut=0:subme=1"
SLICES = 2
"""Of each picture, coded at the same time, and decoded so: measured in calls on two cores, p50 from
captured to decoded 6.0 instead of 6.7 ms, p95 8.7 instead of 9.8, for 0.1 dB."""
DEBLOCKING = ":no-deblock=0:deblock=0,0"
DEBLOCKED_BITS_PER_PIXEL = 0.06
"""Below this blocks begin to show, and the filter is worth its time: at 1280x720 and 30 pictures a
second, 1.7 Mbit/s."""


class H264Encoder:
    """An encoder for pictures of one size.

    Args:
        size_px: width and height, both even.
        frame_rate_hz: pictures a second that the rate is planned for.
        ceiling_bps: the top rung; the others are halves of it.
    """

    def __init__(self, size_px: tuple[int, int], frame_rate_hz: int, ceiling_bps: int) -> None:
        self._size_px = size_px
        self._frame_rate_hz = frame_rate_hz
        self._ceiling_bps = ceiling_bps
        self._rung_bps = 0
        self._context: VideoCodecContext | None = None
        self._last_pts = -1

    def encode(self, picture: VideoFrame, target_bps: int, *, keyframe: bool) -> EncodedPicture:
        """Encode one yuv420p picture of the encoder's size; its `pts` are microseconds.

        Blocks for some milliseconds, without the interpreter's lock.
        """
        rung_bps = self._rung_for(target_bps)
        if self._context is None or keyframe or rung_bps != self._rung_bps:
            self._context = None  # Freed first: two at once leave some 30 MB behind.
            self._context = self._open(rung_bps)
            self._rung_bps = rung_bps
        target_bps = max(target_bps, rung_bps // 2)
        if self._context.bit_rate != target_bps:
            self._context.bit_rate = target_bps
        if picture.pts is None or picture.pts <= self._last_pts:
            picture.pts = self._last_pts + 1
        self._last_pts = picture.pts
        packets = self._context.encode(picture)
        return EncodedPicture(b"".join(map(bytes, packets)), any(p.is_keyframe for p in packets))

    def _rung_for(self, target_bps: int) -> int:
        rung_bps = self._rung_bps or self._ceiling_bps
        while target_bps > rung_bps:
            rung_bps *= 2
        while target_bps < rung_bps // 2 and rung_bps > LOWEST_RUNG_BPS:
            rung_bps //= 2
        return min(rung_bps, self._ceiling_bps)

    def _open(self, rung_bps: int) -> VideoCodecContext:
        context = VideoCodecContext.create("libx264", "w")
        context.width, context.height = self._size_px
        context.pix_fmt = "yuv420p"
        context.time_base = TIME_BASE
        context.framerate = Fraction(self._frame_rate_hz)
        context.bit_rate = rung_bps
        context.gop_size = -1
        context.max_b_frames = 0
        context.thread_count = SLICES  # zerolatency makes x264's threads slices
        least_bits = -(-context.width // 16) * -(-context.height // 16) * BUFFER_BITS_PER_BLOCK
        bits_per_pixel = rung_bps / (context.width * context.height * self._frame_rate_hz)
        shows_blocks = bits_per_pixel < DEBLOCKED_BITS_PER_PIXEL
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "maxrate": str(rung_bps),
            "bufsize": str(max(rung_bps * BUFFER_PICTURES // self._frame_rate_hz, least_bits)),
            "x264-params": X264_PARAMS + (DEBLOCKING if shows_blocks else ""),
        }
        context.open()
        if context.options:
            raise ValueError(f"x264 does not know {sorted(context.options)}")
        return context
