"""call/session/outgoing_call.py: a caller that hangs up, and a callee that the test plays."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock

from call.inbox import Inbox
from call.outgoing.dialer import Dialer
from call.session.outgoing_call import OutgoingCall, PreparedDial
from call.session.session_call import SessionCall
from call.session.session_context import SessionContext
from core.clock import now_us
from core.threads import Threads
from net.link.address import HostPort
from net.protocol.control import Bye, Resume
from net.protocol.resume import CallIdentity
from net.trust.identity import load_or_make_identity
from tests.support.deadline import DEADLINE_S
from tests.support.raw_peer import RawPeer
from ui.view import CallTarget, TargetKind

CALL = CallIdentity(b"i" * 16, b"s" * 32)


def stuck_call(callee: HostPort, fingerprint: bytes) -> MagicMock:
    """Return a call whose bye has not been answered on its link."""
    call = MagicMock(spec=SessionCall)
    call.redial, call.fingerprint = (callee,), fingerprint
    call.peer = MagicMock()
    call.peer.name = "Bob"
    end = MagicMock(is_bye_stuck=True, bye_reason="its time was over")
    call.live = MagicMock(end=end, identity=CALL)
    return call


def test_first_attempt_after_a_hang_up_says_bye_however_late_the_call_thread_is(
    tmp_path: Path,
) -> None:
    heard: list[Bye] = []
    searches: list[Callable[[], None]] = []

    def start(name: str, body: Callable[[], None], *_: object) -> MagicMock:
        """Return only once the callee has answered what the redial thread says."""
        if name == "search":
            searches.append(body)
            return MagicMock()
        redial = threading.Thread(target=body)
        redial.start()
        sock, _ = server.accept()
        with RawPeer(sock, tmp_path, is_caller=False) as raw:
            raw.await_control(Resume)
            heard.append(raw.await_control(Bye))
        redial.join(DEADLINE_S)
        return MagicMock()

    context = MagicMock(spec=SessionContext)
    context.threads = MagicMock(spec=Threads, start=start)
    context.inbox, context.now_us, context.known = Inbox(), now_us, MagicMock()
    prepared = PreparedDial(MagicMock(spec=Dialer), CallTarget(TargetKind.NAME, "Bob"), {})
    outgoing = OutgoingCall(context, prepared, MagicMock(), MagicMock())
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE_S)
        address = HostPort(*server.getsockname())
        outgoing.follow_link(stuck_call(address, load_or_make_identity(tmp_path).fingerprint))
        outgoing.close()
        for search in searches:  # It has been cancelled, and closes what it holds.
            search()
    assert heard == [Bye("its time was over")]
