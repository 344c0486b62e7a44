"""The waiting page of the window in words. Pure: values only."""

from core.safe_text import clean_name
from ui.view import Availability, ListenerView, Stage, View
from ui.wording.endings import word_ending
from ui.wording.peers import UNKNOWN_PEER
from ui.wording.quality import word_call
from ui.wording.sharing import word_cut_off

CODE_HEADING = "Your code"
COPY = "Copy"
COPIED = "Copied"
DOES_NOT_CONNECT = "Does not connect?"
HIDE_HELP = "Hide"
REPORT = "Report on it"
REPORT_NAME = "Report on the last call, in the browser"
SAVE_CHAT = "Save its chat"
SAVE_CHAT_NAME = "Save the chat of the last call"


def word_page_heading(listener: ListenerView) -> str:
    """Return the large line of the page."""
    match listener.availability:
        case Availability.AVAILABLE:
            return "Waiting for a call"
        case Availability.DO_NOT_DISTURB:
            return "Do not disturb"
        case Availability.CODES_BLOCKED:
            return "No codes are taken now"


def word_page_lines(listener: ListenerView) -> str:
    """Return what the user can do, as one paragraph."""
    match listener.availability:
        case Availability.AVAILABLE if listener.is_open:
            return "Anybody on this network can ring you, with or without the code."
        case Availability.AVAILABLE:
            return "Tell it to the person who is to call you."
        case Availability.DO_NOT_DISTURB:
            return "Nobody can ring you until you take calls again."
        case Availability.CODES_BLOCKED:
            return "Somebody may be guessing your code. People you know can still call."


def word_page_button(listener: ListenerView) -> str:
    """Return the text of the button that changes the availability; "" if there is none."""
    match listener.availability:
        case Availability.AVAILABLE:
            return ""
        case Availability.DO_NOT_DISTURB:
            return "Take calls again (d)"
        case Availability.CODES_BLOCKED:
            return "Take codes again (c)" if listener.can_ask else ""


def word_last_call(view: View) -> str:
    """Return how the last call of a listener that waits has ended; "" before the first."""
    if view.stage is not Stage.WAITING or view.ending is None:
        return ""
    call = word_call(view.ending)
    line = f"{word_ending(view.ending).line} {call}{'.' if call else ''}".strip()
    name = clean_name(view.ending.peer_name) or UNKNOWN_PEER
    return "\n".join((line, *word_cut_off(view.sharing, name)))
