"""Puts a peer together and runs it: the main thread of `peer.py listen` and `peer.py connect`.

main       the window or the terminal
call       decides everything
keyboard   lines of standard input
listen or dial, capture; in a call send, receive, encode, decode
"""

import logging
import os
from collections.abc import Iterator

from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.announcer import Announcer
from call.incoming.listener import Listener
from call.local_peer import LocalPeer
from call.outgoing.dialer import Dialer
from call.outgoing.resolver import resolver_for
from call.session.caller_session import CallerSession
from call.session.listener_session import ListenerSession
from call.settings import Settings
from cli.app import App
from cli.options import RunOptions
from cli.program_command import program_command
from core.clock import now_us
from media.sound.codec import SOUND_CODECS
from media.video.codecs import DECODED_CODECS, LARGEST_DECODED_PX
from net.link.address import format_host
from net.link.listening_sockets import open_listening_sockets
from net.link.local_addresses import LocalAddress, address_to_type, local_addresses
from net.protocol.control import Decodable
from net.trust.call_code import CallCode, draw_code
from net.trust.identity import default_folder
from net.trust.known_peers import FILE_NAME as KNOWN_FILE
from net.trust.known_peers import KnownPeers

_log = logging.getLogger(__name__)

MAX_SHOWN_ADDRESSES = 6

CAN_DECODE = [Decodable(codec, *LARGEST_DECODED_PX) for codec in DECODED_CODECS]
CAN_HEAR: list[str] = list(SOUND_CODECS)


def run_listen(settings: Settings, options: RunOptions) -> int:
    """Take calls until the person ends it, or after one call with `once`.

    Returns:
        The exit status.

    Raises:
        SettingsError, MediaError, NetError: it cannot even start.
    """
    app = App(settings, options)
    code = draw_code()
    admission = AdmissionPolicy(
        code, app.known, app.identity.fingerprint, is_open=settings.listen.open
    )
    sockets = open_listening_sockets(settings.listen.address, settings.listen.port)
    port = sockets[0].getsockname()[1]
    listening = Listener(
        sockets,
        LocalPeer(
            app.identity,
            app.name,
            CAN_DECODE,
            CAN_HEAR,
            hides_name=not (settings.listen.open or settings.listen.announce_name),
        ),
        admission,
        app.inbox,
        now_us,
        silence_timeout_us=int(settings.call.silence_timeout_s * 1e6),
    )
    addresses = local_addresses()
    typed = format_host(address_to_type(addresses, settings.listen.address), port)
    app.open_interface()
    can_ask = app.has_window or not app.keyboard.is_at_end_now()
    if not can_ask and not settings.listen.accept:
        _log.warning(
            "Every call will be declined: there is no window and no standard input to ask at; "
            "--accept takes calls without asking"
        )
    sentence = f"Waiting for a call: {code}"
    details = tuple(_waiting_details(code, addresses, settings, port, typed))
    is_quiet = options.verbosity < 0
    if app.has_window or (is_quiet and not settings.listen.open):
        # The terminal says it otherwise; without the code hardly anybody can call.
        options.console.print_lines((sentence, *(() if is_quiet else details)))
    session = ListenerSession(
        app.context(),
        listening,
        Announcer(
            code,
            port,
            settings.listen.address,
            name=app.name if settings.listen.announce_name else "",
            folder=default_folder(),
        )
        if settings.listen.announce
        else None,
        admission=admission,
        sentence=sentence,
        details=details,
        is_once=options.once,
        can_ask=can_ask,
        keeps_early_lines=not os.isatty(0),
    )
    print(f"Listener on {typed}", flush=True)
    return app.run(session)


def _waiting_details(
    code: CallCode, addresses: list[LocalAddress], settings: Settings, port: int, typed: str
) -> Iterator[str]:
    yield "On the other computer type:"
    if settings.listen.announce:
        yield f"  {program_command()} connect {code}"
        yield "or, where that finds nobody:"
    yield f"  {program_command()} connect {typed} --code {code}"
    if settings.listen.open:
        yield "This listener is open: anybody may ring, without a code too."
    others = [
        format_host(own.address, port)
        for own in addresses
        if not settings.listen.address and format_host(own.address, port) != typed
    ]
    if others:
        yield "This computer's other addresses:"
        yield from (f"  {other}" for other in others[:MAX_SHOWN_ADDRESSES])


def run_connect(host_text: str, settings: Settings, options: RunOptions) -> int:
    """Call somebody, once.

    Returns:
        The exit status.

    Raises:
        SettingsError, MediaError, NetError: it cannot even start.
    """
    known = KnownPeers(default_folder() / KNOWN_FILE)
    known.mend()
    resolver = resolver_for(host_text, options.port, options.code, known)
    app = App(settings, options)
    dialling = Dialer(
        resolver,
        app.threads.start,
        LocalPeer(app.identity, app.name, CAN_DECODE, CAN_HEAR),
        app.known,
        app.inbox,
        now_us,
        silence_timeout_us=int(settings.call.silence_timeout_s * 1e6),
    )
    app.open_interface()
    session = CallerSession(app.context(), dialling, resolver.label, hint=resolver.hint)
    return app.run(session)
