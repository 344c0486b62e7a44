"""Puts a peer together and runs it: the main thread of `peer.py listen` and `peer.py connect`.

main       the window or the terminal
call       decides everything
keyboard   lines of standard input
listen or dial, capture; in a call send, receive, encode, decode
"""

import logging
import os
from collections.abc import Iterator

from call.announcing import Announcing
from call.clock import now_us
from call.connect_session import ConnectSession
from call.dialling import Dialling
from call.door import Door
from call.endpoint import Endpoint
from call.introduction import Introduction
from call.listen_session import ListenSession
from call.listening import Listening
from call.options import RunOptions
from call.own_command import own_command
from call.routes import find_route
from call.settings import Settings
from media.sound.codec import SOUND_CODECS
from media.video.codecs import DECODED_CODECS, LARGEST_DECODED_PX
from net.link.address import format_host
from net.link.listening_sockets import open_listening_sockets
from net.link.own_addresses import OwnAddress, address_to_type, own_addresses
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
    endpoint = Endpoint(settings, options)
    code = draw_code()
    door = Door(code, endpoint.known, endpoint.identity.fingerprint, is_open=settings.listen.open)
    sockets = open_listening_sockets(settings.listen.address, settings.listen.port)
    port = sockets[0].getsockname()[1]
    listening = Listening(
        sockets,
        Introduction(
            endpoint.identity,
            endpoint.name,
            CAN_DECODE,
            CAN_HEAR,
            hides_name=not (settings.listen.open or settings.listen.announce_name),
        ),
        door,
        endpoint.inbox,
        now_us,
        silence_timeout_us=int(settings.call.silence_timeout_s * 1e6),
    )
    addresses = own_addresses()
    typed = format_host(address_to_type(addresses, settings.listen.address), port)
    endpoint.open_interface()
    can_ask = endpoint.has_window or not endpoint.keyboard.is_at_end_now()
    if not can_ask and not settings.listen.accept:
        _log.warning(
            "Every call will be declined: there is no window and no standard input to ask at; "
            "--accept takes calls without asking"
        )
    sentence = f"Waiting for a call: {code}"
    details = tuple(_waiting_details(code, addresses, settings, port, typed))
    is_quiet = options.verbosity < 0
    if endpoint.has_window or (is_quiet and not settings.listen.open):
        # The terminal says it otherwise; without the code hardly anybody can call.
        options.console.print_lines((sentence, *(() if is_quiet else details)))
    session = ListenSession(
        endpoint.surroundings(),
        listening,
        Announcing(
            code,
            port,
            settings.listen.address,
            name=endpoint.name if settings.listen.announce_name else "",
            folder=default_folder(),
        )
        if settings.listen.announce
        else None,
        door=door,
        sentence=sentence,
        details=details,
        is_once=options.once,
        can_ask=can_ask,
        keeps_early_lines=not os.isatty(0),
    )
    print(f"Listening on {typed}", flush=True)
    return endpoint.run(session)


def _waiting_details(
    code: CallCode, addresses: list[OwnAddress], settings: Settings, port: int, typed: str
) -> Iterator[str]:
    yield "On the other computer type:"
    if settings.listen.announce:
        yield f"  {own_command()} connect {code}"
        yield "or, where that finds nobody:"
    yield f"  {own_command()} connect {typed} --code {code}"
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
    route = find_route(host_text, options.port, options.code, known)
    endpoint = Endpoint(settings, options)
    dialling = Dialling(
        route,
        endpoint.threads.start,
        Introduction(endpoint.identity, endpoint.name, CAN_DECODE, CAN_HEAR),
        endpoint.known,
        endpoint.inbox,
        now_us,
        silence_timeout_us=int(settings.call.silence_timeout_s * 1e6),
    )
    endpoint.open_interface()
    session = ConnectSession(endpoint.surroundings(), dialling, route.label, hint=route.hint)
    return endpoint.run(session)
