"""The command `listen`: builds a listener from its parts. Main thread.

early parts --> listener, announcer --> media and interface --> session --> App
"""

import logging
import os
from functools import partial

from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.announcer import Announcer
from call.incoming.listener import Listener
from call.session.listener_session import ListenerParts, ListenerSession
from call.settings import Settings
from cli.compose import compose
from cli.early_parts import build_early_parts, open_known_peers
from cli.options import RunOptions
from cli.program_command import program_command
from core.clock import now_us
from core.exit_status import ExitStatus
from core.user_folders import data_folder
from net.link.address import format_host
from net.link.listening_sockets import open_listening_sockets
from net.link.local_addresses import address_to_type, addresses_to_show, local_addresses
from net.trust.call_code import draw_code
from ui.view import ListenerView
from ui.window.screen_probe import ScreenProbe
from ui.wording import log as wording
from ui.wording.listener import word_waiting, word_waiting_details

_log = logging.getLogger(__name__)


def run_listen(settings: Settings, options: RunOptions, screen: ScreenProbe | None) -> ExitStatus:
    """Take calls until the user ends the program; with `once`, take one call.

    Args:
        screen: tries whether a window can be opened; None if none is wanted.
    Raises:
        SettingsError, MediaError, NetError: it cannot start.
    """
    parts = build_early_parts(settings, options, open_known_peers())
    code = draw_code()
    admission = AdmissionPolicy(
        code, parts.known, parts.identity.fingerprint, is_open=settings.listen.open
    )
    sockets = open_listening_sockets(settings.listen.address, settings.listen.port)
    port = sockets[0].getsockname()[1]
    hides_name = not (settings.listen.open or settings.listen.announce_name)
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
    if settings.listen.announce:
        announcer = Announcer(
            code,
            port,
            settings.listen.address,
            name=parts.local_name if settings.listen.announce_name else "",
            folder=data_folder(),
        )
    find_addresses = partial(_find_addresses, settings.listen.address, port)
    address, *others = find_addresses()
    parts.signals.catch()
    program = compose(parts, screen)
    view = ListenerView(
        code=str(code),
        command=program_command(),
        address=address,
        other_addresses=tuple(others),
        is_open=settings.listen.open,
        is_announced=settings.listen.announce,
        can_ask=program.context.has_window or not program.keyboard.is_at_end_now(),
    )
    _print_invitation(view, options, has_window=program.context.has_window)
    if not view.can_ask and not settings.listen.accept:
        _log.warning("%s", wording.nobody_to_ask(), extra={"key": "nobody_to_ask"})
    session = ListenerSession(
        program.context,
        ListenerParts(
            listener,
            announcer,
            admission,
            view,
            find_addresses,
            is_once=options.once,
            keeps_early_lines=not os.isatty(0),
        ),
    )
    print(f"Listening on {address}", flush=True)
    return program.make_app(session).run()


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
