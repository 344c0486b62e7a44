"""call/session/lobby_session.py: a listener that calls too. Its threads are fakes."""

from pathlib import Path
from typing import cast
from unittest.mock import MagicMock

import pytest

from call.errors import SettingsError
from call.inbox import (
    ContactsFound,
    Established,
    Event,
    OfDial,
    Reached,
    Refused,
    RingGone,
    RingLoss,
    Rung,
    ThreadEnded,
)
from call.incoming.admission_policy import AdmissionPolicy
from call.incoming.listener import Listener
from call.outgoing.contact_search import ContactSearch
from call.outgoing.dialer import Dialer
from call.remote_peer import RemotePeer
from call.session.listener_parts import ListenerParts
from call.session.lobby_session import LobbyParts, LobbySession
from call.session.outgoing_call import PreparedDial
from call.session.session_context import SessionContext
from call.settings import Settings
from core import events
from core.exit_status import ExitStatus
from net.errors import NobodyListens
from net.protocol.control import Hello
from net.protocol.reasons import Reason
from net.protocol.states import Role
from net.trust.call_code import parse_code
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from ui.actions import ChooseName, Dial
from ui.lobby_view import Contact
from ui.view import (
    CallTarget,
    EndCause,
    Ending,
    ListenerView,
    Stage,
    TargetKind,
    Trust,
    UserEvent,
    View,
)

BOB = RemotePeer(
    Hello(1, "Bob", bytes(32)), "Bob", b"b" * 32, "10.0.0.2", Trust.KNOWN, "w o r d", known_as="Bob"
)
ANSWERED = Ending(EndCause.HUNG_UP, ExitStatus.OK, "Bob")


class LobbyBench:
    """A lobby whose dialers do nothing; the test posts what they would."""

    def __init__(self, folder: Path) -> None:
        self.dialers: list[MagicMock] = []
        self.kind = TargetKind.NAME
        self.dialled: list[str] = []
        self.reported: list[events.Event] = []
        self.views: list[View] = []
        self.listening = MagicMock(spec=Listener)
        self.contacts = MagicMock(spec=ContactSearch)
        self.context = context = MagicMock()
        context.now_us = lambda: 10_000_000
        context.settings = Settings()
        context.local_name = "Ann"
        context.has_window = True
        context.report = self.reported.append
        context.interface.show = self.views.append
        known = KnownPeers(folder / KNOWN_PEERS_FILE)
        self.admission = AdmissionPolicy(
            parse_code("7-rabbit-lamp"), known, b"o" * 32, is_open=True
        )
        self.session = LobbySession(
            cast(SessionContext, context),
            ListenerParts(
                self.listening,
                None,
                self.admission,
                ListenerView("7-rabbit-lamp", "peer.py", "10.0.0.1:5000"),
                lambda: ("10.0.0.1:5000",),
                is_once=False,
                keeps_early_lines=False,
            ),
            LobbyParts(self._prepare, self.contacts, self._rename),
        )
        self.session.begin()

    def _prepare(self, text: str, number: int) -> PreparedDial:
        if text == "?":
            raise SettingsError("? is nobody", "Type a code")
        dialer = MagicMock(spec=Dialer)
        self.dialers.append(dialer)
        self.dialled.append(text)
        return PreparedDial(dialer, CallTarget(self.kind, text), {})

    def _rename(self, name: str) -> str:
        if not name.strip():
            raise SettingsError("A name needs a letter", "Type one")
        return name.strip()

    @property
    def view(self) -> View:
        return self.views[-1]

    @property
    def stage(self) -> Stage:
        """The stage that is shown."""
        return self.view.stage

    def handle(self, *happened: Event) -> None:
        for event in happened:
            self.session.handle(event)

    def ring(self, number: int) -> None:
        self.handle(Rung(number, BOB))

    def begin_call(self, role: Role, kept_name: str = "") -> MagicMock:
        """Put a call into the session, without its threads."""
        call = self.session.call = MagicMock(role=role, kept_name=kept_name)
        call.finish.return_value = ANSWERED
        self.session.stage = Stage.CALL
        return call

    def end_call(self) -> None:
        assert self.session.call is not None
        self.session.end_call(self.session.call)


@pytest.fixture
def lobby(tmp_path: Path) -> LobbyBench:
    return LobbyBench(tmp_path)


def test_nobody_measures_goodput_while_the_lobby_calls(lobby: LobbyBench) -> None:
    engaged = [lobby.admission.is_engaged]
    lobby.handle(Dial("Bob"))
    for stage in (Stage.DIALLING, Stage.RINGING, Stage.CALL, Stage.ENDED, Stage.WAITING):
        lobby.session.move(stage)
        engaged.append(lobby.admission.is_engaged)
    assert engaged == [False, True, True, True, False, False]


def test_lobby_listens_shows_devices_and_looks_for_others(lobby: LobbyBench) -> None:
    assert lobby.stage is Stage.WAITING
    assert lobby.view.lobby is not None
    assert lobby.view.listener is not None
    lobby.context.open_devices.assert_called()
    lobby.context.local_audio.start_monitor.assert_called()
    started = [call.args[0] for call in lobby.context.threads.start.call_args_list]
    assert {"listen", "contacts", "list devices"} <= set(started)


def test_contacts_are_shown(lobby: LobbyBench) -> None:
    contact = Contact("Bob", "Bob", 7, "10.0.0.2:5000", is_known=True)
    lobby.handle(ContactsFound((contact,), is_search_over=True))
    assert lobby.view.lobby is not None
    assert lobby.view.lobby.contacts == (contact,)
    assert lobby.view.lobby.is_search_over


def test_dial_starts_a_call_and_its_ring_is_shown(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Bob"))
    assert [lobby.stage] == [Stage.DIALLING]
    assert lobby.view.target == CallTarget(TargetKind.NAME, "Bob")
    lobby.dialers[0].allow_ring.assert_called_once()
    lobby.handle(OfDial(1, Reached(BOB)))
    assert lobby.stage is Stage.RINGING
    assert lobby.view.peer == BOB.view


def test_text_that_can_be_nobody_stays_in_the_lobby_with_the_reason(lobby: LobbyBench) -> None:
    lobby.handle(Dial("?"))
    assert lobby.stage is Stage.WAITING
    assert lobby.view.lobby is not None
    assert lobby.view.lobby.dialled == "?"
    assert lobby.view.lobby.dial_problem == "? is nobody"
    assert lobby.view.lobby.dial_next_step == "Type a code"
    lobby.handle(Dial("Bob"), OfDial(2, Refused(Reason.DECLINED, "Bob")), UserEvent.DISMISS)
    assert lobby.view.lobby.dial_problem == ""


def test_caller_is_busy_for_those_who_ring_meanwhile(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Bob"))
    lobby.ring(3)
    lobby.listening.reject.assert_called_once_with(3, Reason.BUSY)
    assert lobby.stage is Stage.DIALLING


def test_nobody_is_dialled_while_somebody_rings(lobby: LobbyBench) -> None:
    lobby.ring(3)
    lobby.handle(Dial("Bob"))
    assert lobby.dialers == []
    assert lobby.stage is Stage.INCOMING


def test_user_gives_up_and_is_in_the_lobby_again(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Bob"), UserEvent.HANG_UP)
    lobby.dialers[0].cancel.assert_called()
    assert lobby.stage is Stage.WAITING
    assert lobby.session.exit_status is ExitStatus.FAULT, "the program goes on"


def test_refused_call_shows_why_until_it_is_dismissed(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Bob"), OfDial(1, Refused(Reason.DECLINED, "Bob")))
    assert [lobby.stage] == [Stage.ENDED]
    assert lobby.view.ending is not None
    assert lobby.view.ending.exit_status is ExitStatus.REFUSED
    lobby.session.on_idle_tick(10_000_000_000)
    assert [lobby.stage] == [Stage.ENDED]
    lobby.handle(UserEvent.DISMISS)
    assert lobby.stage is Stage.WAITING
    assert lobby.view.ending is None


def test_call_again_dials_the_same_once_more(lobby: LobbyBench) -> None:
    error = NobodyListens("Nobody listens there")
    lobby.handle(Dial("10.0.0.2"), OfDial(1, ThreadEnded("dial", error)))
    assert lobby.view.can_call_again
    lobby.handle(UserEvent.CALL_AGAIN)
    assert lobby.dialled == ["10.0.0.2", "10.0.0.2"]
    assert lobby.stage is Stage.DIALLING


@pytest.mark.parametrize(
    ("kind", "dialled"), [(TargetKind.CODE, "Bob"), (TargetKind.ADDRESS, "7-rabbit-lamp")]
)
def test_whoever_became_known_by_a_code_is_called_again_by_name(
    lobby: LobbyBench, kind: TargetKind, dialled: str
) -> None:
    lobby.kind = kind
    lobby.handle(Dial("7-rabbit-lamp"))
    lobby.begin_call(Role.CALLER, kept_name="Bob")
    lobby.end_call()
    lobby.handle(UserEvent.CALL_AGAIN)
    assert lobby.dialled[1:] == [dialled]


@pytest.mark.parametrize("kept_name", ["Bob", ""])
def test_caller_whom_the_call_made_known_can_be_called_back(
    lobby: LobbyBench, kept_name: str
) -> None:
    lobby.begin_call(Role.CALLEE, kept_name=kept_name)
    lobby.end_call()
    assert lobby.view.can_call_again is bool(kept_name)
    lobby.handle(UserEvent.CALL_AGAIN)
    assert lobby.dialled == ([kept_name] if kept_name else [])


def test_events_of_an_earlier_dial_change_nothing(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Al"), UserEvent.HANG_UP, Dial("Bob"))
    link = MagicMock()
    late = Established(link, Role.CALLER, BOB, MagicMock(), 0, b"")
    lobby.handle(
        OfDial(1, Reached(BOB)),
        OfDial(1, Refused(Reason.BUSY, "Al")),
        OfDial(1, ThreadEnded("dial", NobodyListens("Nobody"))),
        OfDial(1, late),
    )
    assert lobby.stage is Stage.DIALLING
    assert lobby.session.call is None
    link.hang_up.assert_called_once()


def test_call_made_here_is_followed_as_a_caller(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Bob"))
    call = lobby.begin_call(Role.CALLER)
    call.live.is_reconnecting = True
    call.redial = ()
    call.live.end.is_bye_stuck = False
    lobby.session.follow_link(call)
    call.live.end_by_bye.assert_not_called()
    lobby.ring(4)
    lobby.listening.reject.assert_called_with(4, Reason.BUSY)


def test_after_a_call_the_reason_is_shown_and_the_lobby_follows(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Bob"))
    lobby.begin_call(Role.CALLER)
    lobby.end_call()
    assert (lobby.view.stage, lobby.view.ending) == (Stage.ENDED, ANSWERED)
    lobby.listening.end_call.assert_called_once()
    lobby.handle(UserEvent.HANG_UP)
    assert lobby.stage is Stage.WAITING


def test_ring_replaces_the_end_of_the_last_call(lobby: LobbyBench) -> None:
    lobby.handle(Dial("Bob"), OfDial(1, Refused(Reason.BUSY, "Bob")))
    lobby.ring(5)
    assert (lobby.view.stage, lobby.view.ending) == (Stage.INCOMING, None)
    lobby.context.start_ringing.assert_called_once_with(BOB.view)
    lobby.handle(RingGone(5, RingLoss.HUNG_UP))
    assert lobby.stage is Stage.WAITING


def test_ring_tone_ends_with_the_answer(lobby: LobbyBench) -> None:
    lobby.ring(5)
    lobby.context.stop_ringing.reset_mock()
    lobby.handle(UserEvent.ACCEPT)
    lobby.context.stop_ringing.assert_called()
    lobby.listening.accept.assert_called_once_with(5)


def test_devices_stay_open_after_a_ring(lobby: LobbyBench) -> None:
    lobby.ring(5)
    lobby.handle(RingGone(5, RingLoss.HUNG_UP))
    lobby.context.close_devices.assert_not_called()


@pytest.mark.parametrize("before", [(), (Dial("Bob"),)])
def test_quit_ends_the_program(before: tuple[Dial, ...], lobby: LobbyBench) -> None:
    lobby.handle(*before, UserEvent.QUIT)
    assert lobby.session.exit_status is ExitStatus.INTERRUPTED


def test_name_is_changed_or_refused(lobby: LobbyBench) -> None:
    lobby.handle(ChooseName(" Ada "))
    assert lobby.view.local_name == "Ada"
    lobby.context.remember.assert_called_once_with({"name": "Ada"})
    lobby.handle(ChooseName(" "))
    assert lobby.view.local_name == "Ada"
    lobby.context.remember.assert_called_once()


def test_test_sound_is_played(lobby: LobbyBench) -> None:
    lobby.handle(UserEvent.TEST_SOUND)
    lobby.context.local_audio.play_test_sound.assert_called_once()
