"""The command `listen`: builds a listener from its parts. Main thread.

early parts --> listener, announcer --> media and interface --> session --> App
"""

import logging
import os
import socket
from functools import partial

import msgspec

from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.announcer import Announcer
from call.incoming.listener import Listener
from call.session.listener_parts import ListenerParts
from call.session.listener_session import ListenerSession
from call.settings import Settings
from cli.compose import Program, compose
from cli.early_parts import EarlyParts, build_early_parts, open_known_peers
from cli.options import RunOptions
from cli.program_command import program_command
from core.clock import now_us
from core.exit_status import ExitStatus
from core.user_folders import data_folder
from net.errors import PortTaken
from net.link.address import format_host
from net.link.listening_sockets import open_listening_sockets
from net.link.local_addresses import address_to_type, addresses_to_show, local_addresses
from net.settings import ListenSettings
from net.trust.call_code import CallCode, draw_code
from ui.view import ListenerView
from ui.window.screen_probe import ScreenProbe
from ui.wording import log as wording
from ui.wording.listener import word_waiting, word_waiting_details

_log = logging.getLogger(__name__)


class Listening(msgspec.Struct, frozen=True):
    """The listening half of a run: its sockets are open, its threads are not started.

    Attributes:
        address: HOST:PORT, as a caller would type it.
        hides_name: whether only callers that may ring hear the name.
    """

    parts: EarlyParts
    code: CallCode
    admission: AdmissionPolicy
    listener: Listener
    announcer: Announcer | None
    port: int
    address: str
    other_addresses: tuple[str, ...]
    hides_name: bool

    def session_parts(self, program: Program) -> ListenerParts:
        """Return the parts of the session that takes the calls."""
        settings = self.parts.settings.listen
        view = ListenerView(
            code=str(self.code),
            command=program_command(),
            address=self.address,
            other_addresses=self.other_addresses,
            is_open=settings.open,
            is_announced=settings.announce,
            can_ask=program.context.has_window or not program.keyboard.is_at_end_now(),
        )
        return ListenerParts(
            self.listener,
            self.announcer,
            self.admission,
            view,
            partial(_find_addresses, settings.address, self.port),
            is_once=self.parts.options.once,
            keeps_early_lines=not os.isatty(0),
        )


def run_listen(settings: Settings, options: RunOptions, screen: ScreenProbe | None) -> ExitStatus:
    """Take calls until the user ends the program; with `once`, take one call.

    Args:
        screen: tries whether a window can be opened; None if none is wanted.
    Raises:
        SettingsError, MediaError, NetError: it cannot start.
    """
    parts = build_early_parts(settings, options, open_known_peers())
    listening = build_listening(parts)
    parts.signals.catch()
    program = compose(parts, screen)
    session_parts = listening.session_parts(program)
    view = session_parts.view
    _print_invitation(view, options, has_window=program.context.has_window)
    if not view.can_ask and not settings.listen.accept:
        _log.warning("%s", wording.nobody_to_ask(), extra={"key": "nobody_to_ask"})
    session = ListenerSession(program.context, session_parts)
    print_address(listening.address)
    return program.make_app(session).run()


def print_address(address: str) -> None:
    """Print the line that other programs wait for, even if nobody can read it any more."""
    line = f"Listening on {address}"
    try:
        print(line, flush=True)
    except OSError as error:
        reason = error.strerror
        _log.warning("The line `%s` cannot be written to standard output: %s", line, reason)


def build_listening(parts: EarlyParts, *, takes_any_port: bool = False) -> Listening:
    """Open the sockets, and return what listens on them.

    Args:
        takes_any_port: True to listen on any free port if that of the settings is taken.
    Raises:
        NetError: the port is taken, or the address is not this computer's.
    """
    settings = parts.settings.listen
    code = draw_code()
    admission = AdmissionPolicy(
        code, parts.known, parts.identity.fingerprint, is_open=settings.open
    )
    sockets = _open_sockets(settings, takes_any_port=takes_any_port)
    port = sockets[0].getsockname()[1]
    hides_name = not (settings.open or settings.announce_name)
    listener = Listener(
        sockets,
        parts.local_peer(hides_name=hides_name),
        admission,
        parts.inbox,
        now_us,
        parts.report,
        silence_timeout_us=parts.ring_silence_us,
    )
    announcer = None
    if settings.announce:
        announcer = Announcer(
            code,
            port,
            settings.address,
            name=parts.local_name if settings.announce_name else "",
            folder=data_folder(),
        )
    address, *others = _find_addresses(settings.address, port)
    return Listening(
        parts, code, admission, listener, announcer, port, address, tuple(others), hides_name
    )


def _open_sockets(settings: ListenSettings, *, takes_any_port: bool) -> list[socket.socket]:
    try:
        return open_listening_sockets(settings.address, settings.port)
    except PortTaken:
        if not takes_any_port:
            raise
    sockets = open_listening_sockets(settings.address, 0)
    port = sockets[0].getsockname()[1]
    _log.info("Port %d is taken, so calls come in on port %d", settings.port, port)
    return sockets


def _find_addresses(bound_address: str, port: int) -> tuple[str, ...]:
    """Return every HOST:PORT of a listener, the one to type first."""
    addresses = local_addresses()
    typed = format_host(address_to_type(addresses, bound_address), port)
    if bound_address:
        return (typed,)
    all_hosts = (format_host(own.address, port) for own in addresses_to_show(addresses))
    return (typed, *(host for host in all_hosts if host != typed))


def _print_invitation(view: ListenerView, options: RunOptions, *, has_window: bool) -> None:
    """Print how to call this listener, unless the terminal shows it as part of the view."""
    is_quiet = options.verbosity < 0
    is_code_needed = is_quiet and not view.is_open  # Without the code, hardly anybody could call.
    if is_code_needed or (has_window and not is_quiet):
        details = () if is_quiet else word_waiting_details(view, at_terminal=not has_window)
        options.console.print_lines((word_waiting(view), *details))
