"""Transparent pictures on a white ground. Pure: no I/O, no clock.

Drawings and logos with a transparent ground are mostly dark. Without this, the hidden colours of
transparent pixels would be sent, which are often black.
"""

import numpy as np
from av import VideoFrame
from av.video.format import VideoFormat

_OPAQUE = 255
_ROWS_AT_ONCE = 64
"""Bounds the memory for products, which are of 16 bits."""


def can_be_transparent(pixel_format: VideoFormat) -> bool:
    """Return whether pixels of this format may be transparent."""
    return pixel_format.has_palette or any(part.is_alpha for part in pixel_format.components)


def lay_on_white(picture: VideoFrame) -> VideoFrame:
    """Return an rgba picture as rgb24, with white behind what is transparent."""
    pixels = np.asarray(picture.to_ndarray(), np.uint8)
    shown = np.empty((*pixels.shape[:2], 3), np.uint8)
    for row in range(0, len(pixels), _ROWS_AT_ONCE):
        part = pixels[row : row + _ROWS_AT_ONCE]
        alpha = part[..., 3:].astype(np.uint16)
        blended = (part[..., :3] * alpha + _OPAQUE * (_OPAQUE - alpha) + _OPAQUE // 2) // _OPAQUE
        shown[row : row + _ROWS_AT_ONCE] = blended
    return VideoFrame.from_ndarray(shown, "rgb24")
