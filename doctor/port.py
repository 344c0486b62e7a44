"""The check of the port on which a listener waits. Any thread; never blocks for long."""

from core.errors import ReportedError
from doctor.finding import Finding, ok, wrong
from doctor.holders import Holder, holders_of_port
from net.errors import PortTaken
from net.link.listening_sockets import open_listening_sockets

MAX_PORT = 65_535
_TRIES = 100
_OWN_SCRIPTS = ("peer.py", "visavis")


def check_port(address: str, port: int, command: str) -> list[Finding]:
    """Check that a listener can have its port.

    Args:
        address: the one address to listen on; "" for all.
        command: the program's command line, for the line that a user copies.
    """
    try:
        _try(address, port)
    except PortTaken as error:
        return [_explain_taken(address, port, command, error)]
    except ReportedError as error:
        return [wrong("port", error.sentence, error.next_step, port=port)]
    if port == 0:
        return [ok("port", "A listener gets any free port: listen.port is 0")]
    return [ok("port", f"Port {port} is free", port=port)]


def _try(address: str, port: int) -> None:
    for listening in open_listening_sockets(address, port):
        listening.close()


def _explain_taken(address: str, port: int, command: str, error: ReportedError) -> Finding:
    holders = holders_of_port(port, "tcp")
    listener = next((holder for holder in holders if _is_ours(holder)), None)
    if listener is not None:
        sentence = f"Port {port} is that of your listener, process {listener.process_id}"
        return ok("port", sentence, port=port)
    free = _find_free(address, port)
    other = f"`{command} listen --port {free}`" if free else "`--port 0`, any free one"
    if not holders:
        return wrong("port", error.sentence, f"Listen on another port: {other}", port=port)
    holder = holders[0]
    return wrong(
        "port",
        f"Port {port} is taken by {holder}",
        f"End that program: {holder.end_command}, or listen on another port: {other}",
        port=port,
    )


def _is_ours(holder: Holder) -> bool:
    words = [word.replace("\\", "/").rpartition("/")[2] for word in holder.command]
    return any(script in words for script in _OWN_SCRIPTS)


def _find_free(address: str, port: int) -> int | None:
    for candidate in range(port + 1, min(port + _TRIES, MAX_PORT) + 1):
        try:
            _try(address, candidate)
        except ReportedError:
            continue
        return candidate
    return None
