"""Pictures from one block of planar 4:2:0 pixels (I420). Pure: no I/O, no clock.

| Y: height x width | U: height/2 x width/2 | V: height/2 x width/2 |      without gaps
"""

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from media.video.colour_range import LIMITED_RANGE, mark_yuv


def frame_from_i420(block: NDArray[np.uint8]) -> VideoFrame:
    """Return a yuv420p picture, limited range, that shares these pixels; never change them after.

    Args:
        block: contiguous, (height * 3 / 2, width); both sides even.
    """
    rows, width = block.shape
    height = rows * 2 // 3
    if height % 4 == 0:
        return mark_yuv(VideoFrame.from_numpy_buffer(block, "yuv420p"), LIMITED_RANGE)
    # PyAV 18.1 loses the last two rows of any other height (`height // 6 * 4`), so copy them.
    picture = VideoFrame(width, height, "yuv420p")
    chroma = block[height:].reshape(2, height // 2, width // 2)
    for plane, pixels in zip(picture.planes, (block[:height], *chroma), strict=True):
        target = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        target[:, : plane.width] = pixels
    return mark_yuv(picture, LIMITED_RANGE)
