"""What is said about sound: who is not heard, and what has changed. Pure: values only."""

from ui.view import RemoteSound, Stage, View
from ui.wording import claim_of_peer, word_remote_sound

OWN_MUTED = "You are muted"
OWN_HEARD = "You are no longer muted"
MUTED_BADGE = "Muted"


def is_mute_shown(view: View) -> bool:
    """Return whether it is to be seen that we are muted: as long as a call goes on or may come."""
    return view.is_muted and view.has_microphone and view.stage is not Stage.ENDED


def word_notices(view: View) -> tuple[str, ...]:
    """Return what is amiss with our own sound; nothing outside of a call."""
    return view.notices if view.stage is Stage.CALL else ()


def word_sound(view: View) -> tuple[str, ...]:
    """Return all there is to say about sound in a call, in the order of its weight."""
    if view.stage is not Stage.CALL:
        return ()
    own = OWN_MUTED if is_mute_shown(view) else ""
    return tuple(line for line in (own, word_remote_sound(view)) if line) + view.notices


def word_sound_news(former: View | None, view: View) -> tuple[str, ...]:
    """Return what is to be said because it was not so in the view before, a line each.

    Every call starts anew: what holds at its beginning is said even if it held in the last one.
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
        news.insert(0, OWN_HEARD)
    return tuple(news)
