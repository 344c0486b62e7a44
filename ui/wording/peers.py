"""The other peer in words: its name, and how we know who it is. Pure: values only."""

from ui.view import CallTarget, PeerView, TargetKind, Trust, View

UNKNOWN_PEER = "the other side"


def name_peer(view: View) -> str:
    """Return the other peer's name, or what to call it while it has none."""
    return view.peer.display_name if view.peer is not None else UNKNOWN_PEER


def claim_of_peer(view: View, claim: str) -> str:
    """Return a sentence about the other peer, such as "Alice is muted"."""
    text = f"{name_peer(view)} {claim}"
    return text if view.peer is not None else text[0].upper() + text[1:]


def word_target(target: CallTarget) -> str:
    """Return what a caller calls, such as "Bob" or "the computer whose code begins with 7"."""
    is_code = target.kind is TargetKind.CODE
    return f"the computer whose code begins with {target.text}" if is_code else target.text


def word_trust(peer: PeerView, *, is_caller: bool) -> str:
    """Return how we know who the other peer is, such as "you know Bob".

    Args:
        is_caller: whether the other peer called us.
    """
    if peer.is_self:
        return "that is this computer"
    other = f"; not the {peer.namesake} you know" if peer.namesake else ""
    if peer.trust is not Trust.NONE and peer.known_as:
        return f"you know {peer.known_as}{other}"
    if peer.trust is Trust.CODE:
        return f"{'gave' if is_caller else 'has'} the right code{other}"
    return f"not verified{other}"
