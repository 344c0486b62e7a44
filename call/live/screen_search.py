"""Screen search: the screens and windows that can be shared, as options. Its own thread."""

from call.inbox import ScreensListed
from core.safe_text import cut_controls
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.device_view import ScreenOption


def search_screens() -> ScreensListed:
    """Return what can be shared now. Blocks for the display."""
    # Imported here: what reads the screen is large, and most calls do without it.
    from media.video.screen_list import list_screens

    found = list_screens()
    problem = None
    if found.problem is not None:
        problem = DeviceProblem(
            DeviceProblemKind.NOT_SHARED,
            DeviceKind.CAMERA,
            detail=found.problem.sentence,
            next_step=found.problem.next_step,
        )
    options = tuple(
        ScreenOption(
            str(place),
            number=listed.spec.number,
            title=cut_controls(listed.spec.title),
            width_px=listed.width_px,
            height_px=listed.height_px,
        )
        for place, listed in enumerate(found.screens)
    )
    return ScreensListed(options, tuple(listed.spec for listed in found.screens), problem)
