"""The waiting page of the window in words. Pure: values only."""

from ui.view import Availability, ListenerView

CODE_HEADING = "Your code"
COPY = "Copy"
COPIED = "Copied"
DOES_NOT_CONNECT = "Does not connect?"
HIDE_HELP = "Hide"


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
            return "Somebody may be guessing your code. People whom you know can still call you."


def word_page_button(listener: ListenerView) -> str:
    """Return the text of the button that changes the availability; "" if there is none."""
    match listener.availability:
        case Availability.AVAILABLE:
            return ""
        case Availability.DO_NOT_DISTURB:
            return "Take calls again (d)"
        case Availability.CODES_BLOCKED:
            return "Take codes again (c)" if listener.can_ask else ""
