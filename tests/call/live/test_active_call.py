"""call/live/active_call.py: the end of a call whose link does not carry our bye."""

import contextlib
import socket
import threading
from pathlib import Path

from msgspec.structs import replace

from core.events import Ended
from net.link.address import HostPort
from net.link.tls import client_context, server_context
from net.protocol.control import Bye, Resume, ResumeShare, encode_control
from net.protocol.framing import MessageType, encode_message
from net.trust.identity import load_or_make_identity
from tests.support.caller_session_run import BOB, Caller
from tests.support.deadline import DEADLINE_S
from tests.support.link_pair import LinkPair
from tests.support.manual_clock import ManualClock
from tests.support.peer_process import wait_until
from tests.support.raw_peer import RawPeer
from ui.view import UserEvent


def test_another_link_carries_a_bye_that_the_present_one_does_not(
    tmp_path: Path,
) -> None:
    identity = load_or_make_identity(tmp_path)
    clock = ManualClock()
    with (
        contextlib.closing(LinkPair((client_context(), server_context(identity)))) as pair,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        server.settimeout(DEADLINE_S)
        caller = Caller(pair, tmp_path, clock_us=clock)
        bob = replace(BOB, fingerprint=identity.fingerprint)
        redial = (HostPort(*server.getsockname()),)
        caller.inbox.post(caller.established(bob, redial))
        session = threading.Thread(target=caller.run)
        session.start()
        pair.write(encode_message(MessageType.CONTROL, encode_control(ResumeShare(bytes(32)))))
        wait_until(lambda: caller.live is not None and caller.live.identity is not None, "a call")
        caller.inbox.post(UserEvent.HANG_UP)
        wait_until(lambda: caller.live is not None and caller.live.is_ending, "its end")
        clock.us = 900_000
        with RawPeer(server.accept()[0], tmp_path, is_caller=False) as callee:
            callee.await_control(Resume)
            callee.await_control(Bye)
            callee.send(Bye())
        session.join(DEADLINE_S)
        assert not session.is_alive()
    [ended] = [event for event in caller.reported if isinstance(event, Ended)]
    assert ended.reason == "hung_up"
