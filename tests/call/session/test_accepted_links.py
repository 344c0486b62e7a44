"""An accepted link always ends with a bye, however early the program ends. Real links."""

import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from call.inbox import ThreadEnded
from core.events import Ended
from net.link.tls import client_context, server_context
from net.protocol.control import Bye
from net.protocol.reasons import Reason
from net.trust.identity import load_or_make_identity
from tests.support.caller_session_run import Caller
from tests.support.link_pair import LinkPair
from ui.view import UserEvent


@pytest.fixture(scope="module", name="contexts")
def _contexts(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return client_context(), server_context(
        load_or_make_identity(tmp_path_factory.mktemp("identity"))
    )


@pytest.fixture(name="pair")
def _pair(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[LinkPair]:
    with contextlib.closing(LinkPair(contexts)) as pair:
        yield pair


@pytest.mark.parametrize("event", [UserEvent.HANG_UP, UserEvent.QUIT])
def test_link_established_after_the_end_of_the_session_gets_a_bye(
    event: UserEvent, pair: LinkPair, tmp_path: Path
) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(event)
    caller.inbox.post(caller.established())
    caller.run()
    assert caller.controls == [Bye()]


def test_closed_inbox_takes_no_link(pair: LinkPair, tmp_path: Path) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(UserEvent.QUIT)
    caller.session.run()
    assert not caller.inbox.post(caller.established())


def test_quit_right_after_the_accept_sends_a_bye(pair: LinkPair, tmp_path: Path) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(caller.established())
    caller.inbox.post(UserEvent.QUIT)
    caller.run()
    assert caller.controls[-1] == Bye()
    assert [type(event) for event in caller.reported][-1] is Ended


@pytest.mark.parametrize("missing", ["send", "decode", "microphone", "receive"])
def test_call_whose_threads_cannot_start_sends_a_bye_and_names_the_cause(
    missing: str, pair: LinkPair, tmp_path: Path
) -> None:
    caller = Caller(pair, tmp_path, missing_thread=missing)
    caller.inbox.post(caller.established())
    with pytest.raises(MemoryError, match="no thread"):
        caller.run()
    assert caller.controls[-1] == Bye(Reason.PROGRAM_FAULT)
    assert caller.session.ending is not None
    assert caller.session.ending.error == "shortage_error"


def test_call_that_cannot_be_built_sends_a_bye(
    pair: LinkPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(pair, tmp_path)
    monkeypatch.setattr(
        "call.session.session_call.ActiveCall", MagicMock(side_effect=MemoryError("no memory"))
    )
    caller.inbox.post(caller.established())
    with pytest.raises(MemoryError):
        caller.run()
    assert caller.controls == [Bye(Reason.PROGRAM_FAULT)]


@pytest.mark.parametrize("thread", ["decode", "microphone", "speaker", "receive"])
def test_fault_in_a_thread_of_the_call_sends_a_bye(
    thread: str, pair: LinkPair, tmp_path: Path
) -> None:
    caller = Caller(pair, tmp_path)
    caller.inbox.post(caller.established())
    caller.inbox.post(ThreadEnded(thread, ZeroDivisionError("a fault"), call=1))
    caller.run()
    assert caller.controls[-1] == Bye(Reason.PROGRAM_FAULT)


def test_fault_of_the_call_thread_sends_a_bye(
    pair: LinkPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(pair, tmp_path)
    monkeypatch.setattr(caller.session, "on_event", MagicMock(side_effect=ZeroDivisionError))
    caller.inbox.post(caller.established())
    caller.inbox.post(ThreadEnded("dial", None))
    with pytest.raises(ZeroDivisionError):
        caller.run()
    assert caller.controls[-1] == Bye(Reason.PROGRAM_FAULT)
