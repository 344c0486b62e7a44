"""The lobby in words. Pure: values only."""

from ui.lobby_view import Contact, LobbyView
from ui.view import View

DIAL_HEADING = "Call somebody"
DIAL_HINT = "Code, name or address"
DIAL_NAME = "Whom to call: a code, a name or an address"
DIAL_BUTTON = "Call"
NAME_HEADING = "Your name"
NAME_NAME = "Your name, as others see it"
PREVIEW_NAME = "Your own picture"
CONTACTS_HEADING = "People"
MAX_CONTACTS = 12
"""Contacts shown at once; more would push the rest of the page out of reach."""


def word_contact(contact: Contact) -> str:
    """Return the name of somebody who can be called."""
    if contact.name:
        return contact.name
    if contact.number is not None:
        return f"Number {contact.number}"
    return contact.address


def word_contact_state(contact: Contact) -> str:
    """Return what is known about a contact, besides the name."""
    if contact.is_known:
        return "on this network" if contact.is_around else "not on this network now"
    if contact.name and contact.number is not None:
        return f"number {contact.number}, not known to you"
    return "not known to you"


def name_contact_button(contact: Contact) -> str:
    """Return what pressing a contact does."""
    who = word_contact(contact)
    if contact.target:
        return f"Call {who}, {word_contact_state(contact)}"
    return f"Type the code of {who if contact.name else 'this computer'}"


def word_contacts(lobby: LobbyView) -> str:
    """Return the line below the contacts; "" if there is nothing to say."""
    left = len(lobby.contacts) - MAX_CONTACTS
    if left > 0:
        return f"and {left} more"
    if lobby.search_problem:
        return f"{lobby.search_problem}. A call to an address may still work."
    if any(contact.is_around for contact in lobby.contacts):
        return ""
    if not lobby.is_search_over:
        return "Looking for people on this network…"
    return "Nobody else is on this network now. Start this program on the other computer too."


def word_dial_problem(lobby: LobbyView) -> str:
    """Return why nobody was called, and what to do; "" if there is nothing to say."""
    if not lobby.dial_problem:
        return ""
    stop = "" if lobby.dial_problem.endswith(("?", "!", ".")) else "."
    next_step = f" {lobby.dial_next_step}." if lobby.dial_next_step else ""
    return f"{lobby.dial_problem}{stop}{next_step}"


def word_preview(view: View) -> str:
    """Return the text in place of the own picture; "" while the picture is shown."""
    camera = view.devices.camera
    if camera.chosen == "none":
        return "You have no camera. Others hear you and do not see you."
    if view.is_camera_off:
        return "Your camera is off."
    return ""
