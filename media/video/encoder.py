"""Video encoder: raw pictures of any source to encoded ones, at a target bitrate. Encode thread.

Knows no network. The encoder of a codec accepts pictures of one size. `VideoEncoder` scales and
converts to that size in one step, and opens a new encoder when the size, the content or the range
changes.
"""

from typing import Protocol

from av import VideoFrame
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from media.errors import MORE_MEMORY, EncoderError
from media.frame import Content, Frame
from media.packet import EncodedPicture
from media.video.colour_range import FULL_RANGE, LIMITED_RANGE
from media.video.h264_encoder import BUFFER_PICTURES, DETAIL_BUFFER_PICTURES, H264Encoder
from media.video.picture_size import fit_size
from media.video.settings import VideoCodec

PICTURE_TYPE_NONE = 0
MIN_SIDE_PX = 16
SAME_GRID = ("yuv420p", "yuvj420p")
"""Pixel formats whose samples have the same positions as those of the encoder's format."""
FULL_RANGE_FORMATS = ("yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p", "yuvj411p")
"""The formats of JPEGs in colour. RGB is not among them: it is faster to convert to limited range
(bgr24 of 1280x720: 2.9 ms; to full range 3.8 ms)."""


class CodecEncoder(Protocol):
    """The encoder of one codec: a yuv420p or yuvj420p picture in, an encoded one out."""

    def encode(
        self,
        picture: VideoFrame,
        target_bps: int,
        *,
        refines: bool,
        allows_large: bool,
        keyframe: bool,
    ) -> EncodedPicture: ...


class VideoEncoder:
    """Encodes the pictures of one call.

    Args:
        codec: the codec that both peers support.
        frame_rate_hz: the frame rate by which the target bitrate is divided.
        ceiling_bps: the highest target that will be requested.
        large_pictures: the bytes of a large picture, in pictures of the target bitrate.
        allows_full_range: whether H.264 pictures of full range stay as they are, as the other peer
            allows. Otherwise they get limited range. Measured on films at 1280x720: without that,
            a picture takes 10.2 instead of 12.4 ms, and at 2.5 Mbit/s it is 0.2 dB better.
    """

    def __init__(
        self,
        codec: VideoCodec,
        frame_rate_hz: int,
        ceiling_bps: int,
        *,
        large_pictures: float = BUFFER_PICTURES,
        allows_full_range: bool = False,
    ) -> None:
        self.size_px = (0, 0)
        """Width and height of the last encoded picture."""
        self.is_full_range = False
        """True while encoded pictures have full range."""
        self._codec = codec
        self._frame_rate_hz = frame_rate_hz
        self._ceiling_bps = ceiling_bps
        self._large_pictures = large_pictures
        self._allows_full_range = allows_full_range and codec == "h264"
        self._reformatter = VideoReformatter()
        self._encoder: CodecEncoder | None = None
        self._content = Content.MOTION

    def encode(
        self,
        frame: Frame,
        target_bps: int,
        within_px: tuple[int, int],
        *,
        refines: bool,
        allows_large: bool = False,
        keyframe: bool,
    ) -> EncodedPicture:
        """Encode one picture of at most a size; store its size and range in the attributes.

        Args:
            refines: whether to spend a quarter more time on a picture that is 2 to 6 dB better.
            allows_large: whether it may take the bytes of `large_pictures` pictures.

        Blocks for some milliseconds, with the interpreter's lock released. Raises EncoderError.
        """
        source = frame.picture
        size = fit_size(source.width, source.height, within_px)
        size = (max(MIN_SIDE_PX, size[0]), max(MIN_SIDE_PX, size[1]))
        is_full_range = self._allows_full_range and source.format.name in FULL_RANGE_FORMATS
        shape = size, frame.content, is_full_range
        if self._encoder is None or shape != (self.size_px, self._content, self.is_full_range):
            self.size_px, self._content, self.is_full_range = shape
            self._encoder = self._open(size)
        # If only the range changes, every interpolation gives the same pixels; POINT takes half the
        # time.
        is_same_grid = size == (source.width, source.height) and source.format.name in SAME_GRID
        try:
            picture = self._reformatter.reformat(
                source,
                size[0],
                size[1],
                _pixel_format(is_full_range=is_full_range),
                dst_color_range=FULL_RANGE if is_full_range else LIMITED_RANGE,
                interpolation="POINT" if is_same_grid else None,
                threads=1,
            )
            picture.pts = frame.captured_us
            picture.pict_type = PICTURE_TYPE_NONE
            return self._encoder.encode(
                picture, target_bps, refines=refines, allows_large=allows_large, keyframe=keyframe
            )
        except (FFmpegError, MemoryError) as error:
            raise EncoderError(
                "Your pictures cannot be encoded, most likely for lack of memory", MORE_MEMORY
            ) from error

    def _open(self, size_px: tuple[int, int]) -> CodecEncoder:
        if self._codec == "h264":
            is_detailed = self._content is Content.DETAIL
            return H264Encoder(
                size_px,
                self._frame_rate_hz,
                self._ceiling_bps,
                buffer_pictures=DETAIL_BUFFER_PICTURES if is_detailed else BUFFER_PICTURES,
                large_pictures=self._large_pictures,
                pixel_format=_pixel_format(is_full_range=self.is_full_range),
            )
        # Imported here: OpenCV takes 27 MB, and most calls do without it.
        from media.video.jpeg_encoder import JpegEncoder

        return JpegEncoder(self._frame_rate_hz)


def _pixel_format(*, is_full_range: bool) -> str:
    return "yuvj420p" if is_full_range else "yuv420p"
