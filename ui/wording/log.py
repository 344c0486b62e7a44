"""Sentences of a session for the log and the terminal. Pure: values only.

Each function returns the sentence for the event that its docstring names.
"""

from ui.view import CallTarget, PeerView
from ui.wording.peers import UNKNOWN_PEER, word_target, word_trust


def calling(target: CallTarget) -> str:
    """A caller starts to dial."""
    return f"Calling {word_target(target)}"


def retrying(who: str, wait_s: int) -> str:
    """A caller waits because of wrong codes before it."""
    return f"There were wrong codes: {who} takes the next one in {wait_s} s. Calling again then"


def gave_up() -> str:
    """The user here ended a ring that was not answered yet."""
    return "You gave up before the call was accepted"


def rings(peer: PeerView) -> str:
    """A call rings in the window, and at the terminal too."""
    trust = word_trust(peer, is_caller=True)
    how = "Answer in the window, or type y or n and Enter"
    return f"{peer.display_name} calls from {peer.address} ({trust}). {how}"


def ringing(peer: PeerView) -> str:
    """A caller's ring has reached the other peer."""
    where = ": that is this computer" if peer.is_self else ""
    return f"Ringing {peer.display_name}{where}"


def in_call(peer: PeerView) -> str:
    """A call begins."""
    return f"In a call with {peer.display_name}"


def accepted_automatically(peer: PeerView) -> str:
    """A listener with `--accept` takes a call."""
    return f"{peer.display_name} calls from {peer.address}: accepted automatically"


def declined_for_nobody(peer: PeerView) -> str:
    """A listener without window and terminal declines."""
    return f"{peer.display_name} calls from {peer.address}: declined, because nobody can be asked"


def declined(name: str) -> str:
    """The user here declined a call."""
    return f"You declined the call of {name}"


def not_answered(name: str) -> str:
    """A ring reached its time limit."""
    return f"You did not answer the call of {name}"


def ring_gone(name: str, *, is_silent: bool) -> str:
    """A caller left before the ring was answered."""
    what = "went silent" if is_silent else "hung up"
    return f"{name} {what} before the call was accepted"


def answered_another(name: str) -> str:
    """A key was pressed for the ring before this one."""
    return f"Not accepted: it is {name} who calls now. Answer again"


def answered_early(line: str) -> str:
    """A script wrote the answer before it rang."""
    return f"The answer was given before the call: {line!r}"


def wrong_code(name: str, address: str, total: int, *, was_completed: bool) -> str:
    """A caller gave a wrong code, or left before the code was checked."""
    what = "gave a wrong code" if was_completed else "left before the code was checked"
    return f"{name} ({address}) {what}: {total} so far"


def codes_blocked(*, can_ask: bool) -> str:
    """No codes are taken any more."""
    until = "you press c, or type c and Enter" if can_ask else "you restart the listener"
    return (
        f"Somebody may be guessing the code: no code is taken until {until}."
        " Peers that you know can still call"
    )


def codes_allowed() -> str:
    """Codes are taken again."""
    return "Codes are taken again"


def do_not_disturb() -> str:
    """No calls are taken."""
    return "Do not disturb: nobody can ring"


def calls_allowed() -> str:
    """Calls are taken again."""
    return "You can be called again"


def nobody_to_ask() -> str:
    """A listener starts that can ask nobody."""
    return (
        "Every call will be declined: there is no window, and no standard input to ask at."
        " To take calls without asking, start with --accept"
    )


def compare_words(peer: PeerView) -> str:
    """A call begins with a peer that has proven nothing."""
    return (
        f"You have not verified {peer.display_name} yet. Compare these words aloud: {peer.words}."
        " If they are the same on both screens, press w, or type w and Enter"
    )


def read_words(peer: PeerView) -> str:
    """The other peer has not verified us."""
    return f"{peer.display_name} has not verified you yet. Read these words to them: {peer.words}"


def words_match(peer: PeerView) -> str:
    """The user here confirmed that the words are the same."""
    return f"The words match: you have verified {peer.display_name}"


def now_known(name: str, kept_name: str) -> str:
    """A peer is stored."""
    who = name if name == kept_name else f"{name}, stored as {kept_name},"
    quoted = f'"{kept_name}"' if " " in kept_name else kept_name
    return f"You know {who} from now on: `connect {quoted}`"


def reconnecting(name: str) -> str:
    """The link of a call is lost."""
    return f"The link to {name} is lost: reconnecting"


def reconnected(name: str) -> str:
    """A call goes on after its link was lost."""
    return f"The call with {name} goes on"


def left_early(address: str) -> str:
    """A caller disconnected before ringing."""
    return f"A caller from {address} disconnected before ringing"


def measured(name: str, address: str) -> str:
    """A known peer measured goodput, or began to."""
    return f"{name} ({address}) measured how much the link carries, and left"


def turned_away(address: str, why: str) -> str:
    """A caller was disconnected before ringing, without a reason of the protocol."""
    return f"A caller from {address} was turned away: {why}"


def refused(name: str, address: str, reason: str) -> str:
    """A caller was refused before ringing."""
    return f"{name} ({address}) was refused: {reason}"


def flooded(count: int) -> str:
    """More callers were refused than were logged."""
    return f"{count} more callers were refused: somebody is flooding this listener"


def not_found_by_code(reason: str) -> str:
    """The listener cannot be announced."""
    return f"Callers cannot find this computer by its code: {reason}"


def name_or_target(name: str, target: CallTarget) -> str:
    """Return who answers: the name if it is known, else what was typed."""
    if name:
        return name
    text = word_target(target)
    return text[:1].upper() + text[1:] if text else UNKNOWN_PEER
