"""Motion JPEG encoder, through OpenCV: every picture decodes alone. Encode thread."""

import cv2
from av import VideoFrame
from av.video.reformatter import VideoReformatter

from media.packet import EncodedPicture

BEST_QUALITY = 90
WORST_QUALITY = 5
QUALITY_STEP = 3
"""The most by which quality falls between two pictures; it adapts to a new scene in a second."""


class JpegEncoder:
    """An encoder that adapts its quality to the size of the encoded pictures.

    Args:
        frame_rate_hz: the frame rate by which the target bitrate is divided.
    """

    def __init__(self, frame_rate_hz: int) -> None:
        self.quality = BEST_QUALITY // 2
        """OpenCV's JPEG quality for the next picture, `WORST_QUALITY` to `BEST_QUALITY`."""
        self._frame_rate_hz = frame_rate_hz
        self._reformatter = VideoReformatter()

    def encode(
        self,
        picture: VideoFrame,
        target_bps: int,
        *,
        refines: bool = True,
        allows_large: bool = False,
        keyframe: bool = True,
    ) -> EncodedPicture:
        """Encode one yuv420p picture of any size. It is always a keyframe, and never refined.

        None may be large, since the next one is no smaller.
        """
        bgr = self._reformatter.reformat(picture, format="bgr24").to_ndarray()
        _, jpeg = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, self.quality))
        planned_bytes = target_bps / 8 / self._frame_rate_hz
        if jpeg.size > planned_bytes:
            self.quality = max(WORST_QUALITY, self.quality - QUALITY_STEP)
        elif jpeg.size < planned_bytes * 0.8:
            self.quality = min(BEST_QUALITY, self.quality + 1)
        return EncodedPicture(jpeg.tobytes(), True)
