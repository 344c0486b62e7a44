"""Sound in words: who is not heard, and what has changed. Pure: values only."""

from ui.view import RemoteSound, Stage, View
from ui.wording.notices import word_notices
from ui.wording.peers import claim_of_peer
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

    A call starts afresh: its first view says everything, even if the last call said it too.
    """
    if view.stage is not Stage.CALL:
        return ()
    before = word_sound(former) if former is not None else ()
    news = [line for line in word_sound(view) if line not in before]
    if former is None or former.stage is not Stage.CALL:
        return tuple(news)
    if view.remote_sound is RemoteSound.EXPECTED and former.remote_sound is RemoteSound.MUTED:
        news.insert(0, claim_of_peer(view, "is no longer muted"))
    if is_mute_shown(former) and not is_mute_shown(view):
        news.insert(0, UNMUTED)
    return tuple(news)
