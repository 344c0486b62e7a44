"""The sizes at which a window wants its pictures. Pure: two values, no I/O, no clock.

Written by the display thread, read by whoever makes pictures for it. Each value is replaced as a
whole, so a reader in another thread sees the old one or the new one and never half of each.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class DisplaySizes:
    """What the window last asked for, in device pixels; (0, 0) is "make no pictures".

    A picture is made as large as it fits into its size with its shape kept.

    Attributes:
        remote_px: width and height of the room for the other side's picture.
        own_px: width and height of the room for our own picture.
    """

    remote_px: tuple[int, int] = (0, 0)
    own_px: tuple[int, int] = (0, 0)
