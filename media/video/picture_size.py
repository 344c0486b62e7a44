"""Picture sizes: the largest that we decode, and the size that is sent. Pure: arithmetic."""

LARGEST_DECODED_PX = (1920, 1080)
"""Width and height. A larger picture would take longer than its frame interval to decode."""


def fit_size(width_px: int, height_px: int, within_px: tuple[int, int]) -> tuple[int, int]:
    """Return the largest even size that has this shape and fits, never larger than the picture.

    Args:
        within_px: width and height of the box, both even and at least 2.
    """
    box_width, box_height = within_px
    scale = min(1.0, box_width / width_px, box_height / height_px)
    return (
        max(2, min(box_width, width_px // 2 * 2, 2 * round(width_px * scale / 2))),
        max(2, min(box_height, height_px // 2 * 2, 2 * round(height_px * scale / 2))),
    )
