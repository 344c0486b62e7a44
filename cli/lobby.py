"""The command `lobby`, which is that of `peer.py` alone: listens, and calls from its window.

early parts --> listener, announcer --> media and window --> lobby session --> App
"""

import logging
import sys

from call.errors import SettingsError
from call.outgoing.contact_search import ContactSearch
from call.outgoing.resolver import resolver_for
from call.session.lobby_session import LobbyParts, LobbySession
from call.session.outgoing_call import PreparedDial
from call.settings import Settings
from cli.arguments import word_usage
from cli.compose import compose
from cli.connect import prepare_dial
from cli.early_parts import EarlyParts, build_early_parts, open_known_peers
from cli.listen import Listening, build_listening, print_address
from cli.options import RunOptions
from core.exit_status import ExitStatus
from core.safe_text import MAX_NAME_CHARACTERS, clean_name
from net.link.local_addresses import LOOPBACK
from net.settings import DEFAULT_PORT
from net.trust.call_code import is_code, probable_code
from net.trust.known_peers import KnownPeers
from ui.window.screen_probe import ScreenProbe

_log = logging.getLogger(__name__)

CONNECT = "connect"
LONGEST_PROGRAM = 3
"""The most words up to `connect`, as in `python peer.py connect`."""
CODE_PARTS = 3
"""A number and two words."""
WHAT_TO_TYPE = "Type a code such as 63-glide-lamp, the name of somebody you know, or an address"


def run_lobby(settings: Settings, options: RunOptions, screen: ScreenProbe | None) -> ExitStatus:
    """Open the lobby; without a screen, print the usage instead.

    Raises:
        SettingsError, MediaError, NetError: it cannot start.
    """
    problem = "it was not wanted" if screen is None else screen.find_problem()
    if screen is None or problem is not None:
        print(word_usage(), file=sys.stderr)
        options.console.print_line(f"No window, so name a command: {problem}.")
        return ExitStatus.USAGE
    parts = build_early_parts(settings, options, open_known_peers())
    listening = build_listening(parts, takes_any_port=True)
    parts.signals.catch()
    program = compose(parts, screen)
    session = LobbySession(
        program.context,
        listening.session_parts(program),
        LobbyParts(
            lambda text, number: _prepare(parts, listening, text, number),
            ContactSearch(parts.known, listening.port, parts.inbox.post),
            lambda name: _rename(parts, listening, name),
        ),
    )
    print_address(listening.address)
    return program.make_app(session).run()


def _prepare(parts: EarlyParts, listening: Listening, text: str, number: int) -> PreparedDial:
    host, code = split_dialled(text, parts.known)
    own = (str(listening.code), listening.address, *listening.other_addresses)
    if host.lower() in own or host == f"{LOOPBACK}:{listening.port}":
        raise SettingsError("That is this computer", "Type the code that the other computer shows")
    try:
        resolver = resolver_for(host, DEFAULT_PORT, code, parts.known)
    except SettingsError as error:
        # Its next step is for a command line.
        raise SettingsError(error.sentence, WHAT_TO_TYPE) from error
    return prepare_dial(parts, resolver, number)


def split_dialled(text: str, known: KnownPeers) -> tuple[str, str | None]:
    """Return what to call, and the code if one follows an address.

    A code may have blanks instead of dashes. The whole command is understood too, since the other
    window shows it for a terminal.

    Raises:
        SettingsError: the text is empty.
    """
    words = text.split()
    if known.by_name(" ".join(words)) is not None:
        # Peers name themselves: a name must not be read as a command that calls somebody else.
        return " ".join(words), None
    if CONNECT in words[:-1][:LONGEST_PROGRAM]:
        words = words[words.index(CONNECT) + 1 :]
    words = [word for word in words if word != "--code"]
    if not words:
        raise SettingsError("Nobody to call", WHAT_TO_TYPE)
    if len(words) == 2 and is_code(words[1].lower()):
        return words[0], words[1].lower()
    together = " ".join(words)
    code = probable_code(together) if len(words) == CODE_PARTS else None
    return together if code is None else str(code), None


def _rename(parts: EarlyParts, listening: Listening, name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise SettingsError(
            "A name needs a letter", f"Type 1 to {MAX_NAME_CHARACTERS} visible characters"
        )
    parts.own_name.text = cleaned
    listening.listener.introduce_as(parts.local_peer(hides_name=listening.hides_name))
    if listening.announcer is not None and parts.settings.listen.announce_name:
        listening.announcer.rename(cleaned)
    return cleaned
