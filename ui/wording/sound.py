"""Sound in words: who is not heard, and what has changed. Pure: values only."""

from collections.abc import Iterator

from msgspec.structs import replace

from ui.view import RemoteSound, Stage, View
from ui.wording.notices import word_notices
from ui.wording.peers import claim_of_peer, name_peer
from ui.wording.stages import word_remote_sound

MUTED = "You are muted"
UNMUTED = "You are no longer muted"
MUTED_BADGE = "Muted"


def is_mute_shown(view: View) -> bool:
    """Return whether to show that we are muted: while a call is up or may come."""
    return view.is_muted and view.has_microphone and view.stage is not Stage.ENDED


def word_sound(view: View) -> tuple[str, ...]:
    """Return everything about sound in a call, the most important first."""
    if view.stage is not Stage.CALL:
        return ()
    own = MUTED if is_mute_shown(view) else ""
    return tuple(line for line in (own, word_remote_sound(view)) if line) + word_notices(view)


def word_sound_news(former: View | None, view: View) -> tuple[str, ...]:
    """Return what has changed about sound since the former view, one line each.

    The first view of a call says everything, even if the last call said it too.
    """
    if view.stage is not Stage.CALL:
        return ()
    if former is None or former.stage is not Stage.CALL:
        return word_sound(view)
    return (*_word_ended(former, view), *_word_begun(former, view))


def _word_ended(former: View, view: View) -> Iterator[str]:
    """Yield what is over, without what has replaced it."""
    if is_mute_shown(former) and not is_mute_shown(view):
        yield UNMUTED
    if former.remote_sound is RemoteSound.MUTED and view.remote_sound is RemoteSound.EXPECTED:
        yield claim_of_peer(view, "is no longer muted")


def _word_begun(former: View, view: View) -> tuple[str, ...]:
    """Word a view that has kept only what the former view did not have."""
    news = replace(
        view,
        is_muted=is_mute_shown(view) and not is_mute_shown(former),
        notices=tuple(notice for notice in view.notices if notice not in former.notices),
    )
    is_peer_same = name_peer(former) == name_peer(view)
    if is_peer_same and former.remote_sound is view.remote_sound:
        news = replace(news, remote_sound=RemoteSound.EXPECTED)
    return word_sound(news)
