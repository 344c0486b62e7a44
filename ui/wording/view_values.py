"""View values: the values that a view's sentence and details are worded from. Pure: values only.

They change when the words in `stages.py` change, so they show what is new in a view, and no code
has to compare sentences.
"""

from ui.view import Availability, ListenerView, Stage, View, WordsTask
from ui.wording.listener import MAX_ADDRESSES
from ui.wording.peers import name_peer


def sentence_values(view: View) -> tuple[object, ...]:
    """Return the values of the one sentence of a view."""
    match view.stage:
        case Stage.WAITING if view.listener is not None:
            return view.stage, view.listener.availability, view.listener.code
        case Stage.WAITING:
            return (view.stage,)
        case Stage.DIALLING if view.retry_s:
            return view.stage, view.retry_s, name_peer(view)
        case Stage.DIALLING:
            return view.stage, view.target
        case Stage.RINGING | Stage.INCOMING:
            return view.stage, name_peer(view)
        case Stage.CALL:
            return view.stage, name_peer(view), view.is_reconnecting
        case Stage.ENDED:
            return view.stage, view.ending


def detail_values(view: View) -> tuple[object, ...]:
    """Return the values of the lines below the sentence, except for those of the sentence."""
    peer = view.peer
    match view.stage:
        case Stage.WAITING if view.listener is not None:
            return _waiting_values(view.listener)
        case Stage.RINGING | Stage.INCOMING if peer is not None:
            address = peer.address if view.stage is Stage.INCOMING else ""
            return ((address, peer.trust, peer.known_as, peer.namesake, peer.is_self),)
        case Stage.CALL if peer is not None:
            has_lines = view.words_task in (WordsTask.COMPARE, WordsTask.READ_ALOUD)
            return ((view.words_task, peer.words),) if has_lines else ()
        case _:
            return ()


def _waiting_values(listener: ListenerView) -> tuple[object, ...]:
    wrong_codes = () if listener.wrong_codes is None else (listener.wrong_codes,)
    match listener.availability:
        case Availability.AVAILABLE:
            invitation = listener.command, listener.address, listener.is_announced, listener.is_open
            return (invitation, *listener.other_addresses[:MAX_ADDRESSES], *wrong_codes)
        case Availability.DO_NOT_DISTURB:
            return ()
        case Availability.CODES_BLOCKED:
            return (listener.can_ask, *wrong_codes)
