"""The sizes of the pictures that a window shows. Pure: two values, no I/O, no clock.

Written by the main thread, read by the threads that scale pictures for the window. Each value is
replaced as a whole, so a reader in another thread sees the old or the new one, never half of each.
"""

import msgspec


class DisplaySizes(msgspec.Struct):
    """The space for each picture in the window, in device pixels; (0, 0) requests no pictures.

    A picture is scaled to the largest size that fits into its space and keeps its shape.

    Attributes:
        remote_px: width and height of the space for the other peer's picture.
        own_px: width and height of the space for the user's own picture.
    """

    remote_px: tuple[int, int] = (0, 0)
    own_px: tuple[int, int] = (0, 0)
