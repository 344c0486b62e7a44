"""Display scaler: pictures of any format to BGRA in the size that a window shows. One thread.

Planar 4:2:0 is scaled first and converted then, since FFmpeg has fast code for a conversion of one
size, but not for both in one step. `AREA` is as fast as `BILINEAR`, and closer to the original.
"""

from av import VideoFrame
from av.video.reformatter import VideoReformatter

from media.video.colour_range import FULL_RANGE

_PLANAR_FORMATS = ("yuv420p", "yuvj420p")


class DisplayScaler:
    """Scales the pictures of one stream."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()
        self._converter = VideoReformatter()

    def convert(self, picture: VideoFrame, size_px: tuple[int, int]) -> VideoFrame:
        """Return the picture as BGRA in this size.

        Blocks for a millisecond or two, with the interpreter's lock released.
        """
        width, height = size_px
        # The fast code handles pairs of rows.
        if picture.format.name in _PLANAR_FORMATS and height % 2 == 0:
            picture = self._scaler.reformat(
                picture,
                width,
                height,
                src_color_range=picture.color_range,
                dst_color_range=picture.color_range,
                interpolation="AREA",
                threads=1,
            )
        return self._converter.reformat(
            picture,
            width,
            height,
            "bgra",
            src_color_range=picture.color_range,
            dst_color_range=FULL_RANGE,
            interpolation="AREA",
            threads=1,
        )
