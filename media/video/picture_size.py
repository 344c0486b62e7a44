"""How large a picture is sent or shown. Pure: arithmetic only."""


def fit_size(width_px: int, height_px: int, within: tuple[int, int]) -> tuple[int, int]:
    """Return the largest even size with this shape that fits, never larger than the picture.

    Args:
        within: width and height of the box, both even and at least 2.
    """
    box_width, box_height = within
    scale = min(1.0, box_width / width_px, box_height / height_px)
    return (
        max(2, min(box_width, width_px // 2 * 2, 2 * round(width_px * scale / 2))),
        max(2, min(box_height, height_px // 2 * 2, 2 * round(height_px * scale / 2))),
    )
