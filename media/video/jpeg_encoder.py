"""Motion JPEG through OpenCV: every picture decodes alone. Runs in the encode thread."""

import cv2
from av import VideoFrame
from av.video.reformatter import VideoReformatter

from media.packet import EncodedPicture

BEST_QUALITY = 90
WORST_QUALITY = 5
STEP = 3
"""Of quality, between two pictures; a change of scene is followed within a second."""


class JpegEncoder:
    """An encoder whose quality follows the size that its pictures came out at.

    Args:
        frame_rate_hz: pictures a second that the rate is planned for.
    """

    def __init__(self, frame_rate_hz: int) -> None:
        self._frame_rate_hz = frame_rate_hz
        self._quality = BEST_QUALITY // 2
        self._reformatter = VideoReformatter()

    def encode(self, picture: VideoFrame, target_bps: int, *, keyframe: bool) -> EncodedPicture:
        """Encode one yuv420p picture of any size; it is a keyframe whether asked or not."""
        bgr = self._reformatter.reformat(picture, format="bgr24").to_ndarray()
        _, data = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, self._quality))
        planned_bytes = target_bps / 8 / self._frame_rate_hz
        if data.size > planned_bytes:
            self._quality = max(WORST_QUALITY, self._quality - STEP)
        elif data.size < planned_bytes * 0.8:
            self._quality = min(BEST_QUALITY, self._quality + 1)
        return EncodedPicture(data.tobytes(), True)
