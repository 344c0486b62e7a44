"""call/outgoing/resume_attempt.py: one real connection to a callee that the test plays."""

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from call.outgoing.resume_attempt import ResumeAttempt
from core.clock import now_us
from net.errors import LinkLost
from net.link.address import HostPort
from net.link.tls import client_context
from net.protocol.control import Resume
from net.protocol.resume import CallIdentity
from net.trust.identity import load_or_make_identity
from tests.support.deadline import DEADLINE_S
from tests.support.raw_peer import RawPeer

CALL = CallIdentity(b"i" * 16, b"s" * 32)


def advance_until(attempt: ResumeAttempt, is_done: Callable[[], bool]) -> None:
    """Handle the events of the attempt until a condition holds."""
    while not is_done():
        with selectors.DefaultSelector() as selector:
            selector.register(attempt, attempt.awaited_events)
            [(_, events)] = selector.select(DEADLINE_S)
            attempt.advance(events)


def test_end_of_the_stream_before_our_bye_is_not_its_answer(tmp_path: Path) -> None:
    def close_after_the_request() -> None:
        sock, _ = server.accept()
        with RawPeer(sock, tmp_path, is_caller=False) as raw:
            raw.await_control(Resume)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE_S)
        callee = threading.Thread(target=close_after_the_request)
        callee.start()
        attempt = ResumeAttempt(
            HostPort(*server.getsockname()),
            client_context(),
            load_or_make_identity(tmp_path).fingerprint,
            CALL,
            2,
            now_us,
        )
        with closing(attempt):
            advance_until(attempt, lambda: attempt.has_proven)
            callee.join(DEADLINE_S)
            attempt.hang_up("")
            with pytest.raises(LinkLost):
                advance_until(attempt, lambda: attempt.bye_reason is not None)
