"""The signs at the corner of a call's picture, in words. Pure: values only."""

from core.call_quality import QualityLevel, QualityReason
from ui.view import Stage, View
from ui.wording.peers import claim_of_peer

WEAK_LINK = "Weak link"
_OF_THE_LINK = (QualityReason.LINK, QualityReason.LINK_LOST)


def word_recording_sign(view: View) -> str:
    """Return who records the call; "" if nobody does."""
    if view.stage is not Stage.CALL:
        return ""
    if view.is_recording:
        return "Both of you record" if view.is_remote_recording else "You record this call"
    return claim_of_peer(view, "records this call") if view.is_remote_recording else ""


def word_link_sign(view: View) -> str:
    """Return that the link is weak; "" while it is not, and while it is lost."""
    quality = view.quality
    if view.stage is not Stage.CALL or view.is_reconnecting or quality is None:
        return ""
    is_weak = quality.level is QualityLevel.POOR and quality.reason in _OF_THE_LINK
    return WEAK_LINK if is_weak else ""


def word_message_sign(view: View, unread: int) -> str:
    """Return how many messages came while the chat was closed; "" if none did."""
    if view.stage is not Stage.CALL or not unread:
        return ""
    return f"{unread} new {'message' if unread == 1 else 'messages'}"
