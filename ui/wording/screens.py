"""Shared screens in words. Pure: values only."""

from media.device_state import DeviceProblem
from ui.device_view import ScreenOption, ScreensView
from ui.view import RemotePicture, Stage, View
from ui.wording.peers import claim_of_peer, name_peer

SHARING = "You are sharing your screen"
STOP = "Stop"
STOP_NAME = "Stop sharing your screen"
MAIN_SCREEN = "Your whole screen"
MAX_TITLE_CHARACTERS = 40
MAX_ENTRY_CHARACTERS = 60
_WITHOUT_PICTURE = (RemotePicture.NONE, RemotePicture.HIDDEN)


def word_own_screen(view: View) -> str:
    """Return what this user shares; "" while it is nothing."""
    if view.stage is not Stage.CALL or not view.devices.screens.is_shared:
        return ""
    title = view.devices.screens.shared_window
    return f"You are sharing the window {shorten_title(title)}" if title else SHARING


def word_screen_option(option: ScreenOption, screens: ScreensView) -> str:
    """Return the text of an entry of the list of what can be shared."""
    if option.title:
        is_long = len(option.title) > MAX_ENTRY_CHARACTERS
        return option.title[: MAX_ENTRY_CHARACTERS - 1] + "…" if is_long else option.title
    whole = [each for each in screens.options if not each.title]
    name = f"Screen {option.number}" if len(whole) > 1 else MAIN_SCREEN
    return f"{name} ({option.width_px} × {option.height_px})"


def word_list_problem(problem: DeviceProblem) -> str:
    """Return why whole screens cannot be shared, and what to do."""
    next_step = f". {problem.next_step}" if problem.next_step else ""
    return f"{problem.detail}{next_step}."


def shorten_title(title: str) -> str:
    """Return the title of a window in quotes, and no longer than a person reads at a glance."""
    cut = title[: MAX_TITLE_CHARACTERS - 1] + "…" if len(title) > MAX_TITLE_CHARACTERS else title
    return f"“{cut}”"


def word_remote_screen(view: View) -> str:
    """Return that the other peer's picture is a screen; "" while it is not."""
    is_seen = view.is_remote_screen and view.remote_picture not in _WITHOUT_PICTURE
    return f"{name_peer(view)}'s screen" if view.stage is Stage.CALL and is_seen else ""


def word_screen_news(former: View | None, view: View) -> tuple[str, ...]:
    """Return what has changed about shared screens since the former view, one line each."""
    if view.stage is not Stage.CALL:
        return ()
    is_former_call = former is not None and former.stage is Stage.CALL
    was_theirs = is_former_call and former is not None and bool(word_remote_screen(former))
    lines = []
    if bool(word_remote_screen(view)) is not was_theirs:
        claim = "no longer shares a screen" if was_theirs else "is sharing a screen"
        lines.append(claim_of_peer(view, claim))
    own = word_own_screen(view)
    own_before = word_own_screen(former) if is_former_call and former is not None else ""
    if own != own_before:
        lines.append(own or "You no longer share your screen")
    return tuple(lines)
