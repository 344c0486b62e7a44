"""Lobby session: a listener that can also call. Call thread only.

While nobody rings and nobody is called, it shows the user's own picture and level, and who can be
called. After a call it shows the reason of the end until the user leaves that.
"""

import logging
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from call.endings import ending_of_user
from call.errors import SettingsError
from call.inbox import (
    ContactsFound,
    Established,
    LinkStillHeard,
    OutsideEvent,
    Reached,
    Refused,
    ThreadEnded,
    ToldToWait,
)
from call.outgoing.contact_search import ContactSearch
from call.session.listener_parts import ListenerParts
from call.session.listener_session import ListenerSession
from call.session.outgoing_call import OutgoingCall, PreparedDial
from call.session.session_call import SessionCall
from call.session.session_context import SessionContext
from net.protocol.states import Role
from ui.actions import ChooseName, Dial, UserAction
from ui.lobby_view import LobbyView
from ui.view import CallTarget, Ending, Stage, TargetKind, UserEvent
from ui.wording import log as wording

_log = logging.getLogger(__name__)


class LobbyParts(msgspec.Struct, frozen=True):
    """The parts of a lobby, besides those of a listener.

    Attributes:
        prepare: returns a dialer for what the user typed; its events carry the given number.
            Raises SettingsError.
        contacts: not started yet; its events go to the inbox.
        rename: makes a name that of this peer from the next handshake on, and returns it as the
            other peer sees it. Raises SettingsError.
    """

    prepare: Callable[[str, int], PreparedDial]
    contacts: ContactSearch
    rename: Callable[[str], str]


class LobbySession(ListenerSession):
    """One run of `peer.py` without a command."""

    def __init__(
        self, context: SessionContext, listening: ListenerParts, parts: LobbyParts
    ) -> None:
        super().__init__(context, listening)
        self._parts = parts
        self._lobby = LobbyView()
        self._outgoing: OutgoingCall | None = None
        self._dial_number = 0
        self._ending: Ending | None = None
        self._again = ""
        """What was dialled, or the name of somebody whom the call made known; "" for a stranger."""

    @property
    def lobby(self) -> LobbyView | None:
        """The people whom the user can call from the lobby."""
        return self._lobby

    @property
    def target(self) -> CallTarget | None:
        """The name, code or address that is being called, or was called last."""
        return None if self._outgoing is None else self._outgoing.target

    @property
    def retry_s(self) -> int:
        """The seconds until the next try after wrong codes; 0 if none is planned."""
        return 0 if self._outgoing is None else self._outgoing.retry_s

    @property
    def ending(self) -> Ending | None:
        """The end of a call while it is shown; otherwise None."""
        return self._ending if self.stage is Stage.ENDED else None

    @property
    def can_call_again(self) -> bool:
        """True while the end of a call is shown whose peer can be called."""
        return self.stage is Stage.ENDED and bool(self._again)

    @property
    def dial_number(self) -> int:
        """The number of the present dial; 0 without one."""
        return 0 if self._outgoing is None else self._dial_number

    @property
    def is_busy(self) -> bool:
        """True during a call, while somebody rings, and while somebody is called."""
        return super().is_busy or self._is_dialling

    @property
    def _is_dialling(self) -> bool:
        return self.stage in (Stage.DIALLING, Stage.RINGING)

    def move(self, stage: Stage) -> None:
        """Enter a stage; nobody measures goodput while a call is made or goes on."""
        self._admission.is_engaged = stage not in (Stage.WAITING, Stage.ENDED)
        super().move(stage)

    def begin(self) -> None:
        """Start to listen, to announce, and to look for others."""
        contacts = self._parts.contacts
        self.context.threads.start("contacts", contacts.run, self._on_contacts_end)
        self.choices.list_devices()
        super().begin()

    def _on_contacts_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("the search for others has stopped: %s", error)

    def close(self) -> None:
        """Stop everything."""
        self._parts.contacts.close()
        self._drop_dial()
        super().close()

    def wait(self) -> None:
        """Show the lobby, with the user's own picture and level."""
        self._outgoing = None
        self.context.open_devices()
        self.context.local_audio.start_monitor()
        self._parts.contacts.resume()
        super().wait()

    def release_devices(self) -> None:
        """Keep the devices open: the lobby shows them."""

    def idle_wait_s(self) -> float:
        """Return the time until the next timer."""
        return min(super().idle_wait_s(), 0.25)

    # Events.

    def on_event(self, event: OutsideEvent) -> None:
        """Handle an event of the dial thread, of the listen thread or of the search."""
        is_of_dial = isinstance(event, Reached | Refused | ToldToWait) or (
            isinstance(event, ThreadEnded) and event.name == "dial"
        )
        if isinstance(event, ContactsFound):
            self._lobby = replace(
                self._lobby,
                contacts=event.contacts,
                is_search_over=event.is_search_over,
                search_problem=event.problem,
            )
            if self.stage is Stage.WAITING:
                self.show()
        elif isinstance(event, LinkStillHeard):
            if self.call is not None:
                self.call.live.give_up_link(self.context.now_us())
        elif not is_of_dial:
            super().on_event(event)
        elif self._outgoing is not None and self.call is None:
            self._outgoing.on_event(event)

    def on_user(self, event: UserAction) -> None:
        """Handle an action of the user while there is no call."""
        if isinstance(event, Dial):
            if not self.is_busy:
                self._dial(event.text)
        elif isinstance(event, ChooseName):
            self._rename(event.name)
        elif event is UserEvent.TEST_SOUND:
            self.context.local_audio.play_test_sound()
        elif self._is_dialling:
            if event is UserEvent.QUIT:
                self.interrupt()
            elif event is UserEvent.HANG_UP:
                self._give_up()
        elif self.stage is Stage.ENDED:
            self._on_user_ended(event)
        else:
            super().on_user(event)

    def _on_user_ended(self, event: UserAction) -> None:
        if event is UserEvent.QUIT:
            self.interrupt()
        elif event is UserEvent.CALL_AGAIN and self._again:
            self._dial(self._again)
        elif event in (UserEvent.DISMISS, UserEvent.HANG_UP):
            self.wait()

    # Calling.

    def _dial(self, text: str) -> None:
        self._drop_dial()
        self._dial_number += 1
        try:
            prepared = self._parts.prepare(text, self._dial_number)
        except SettingsError as error:
            self._lobby = replace(
                self._lobby,
                dialled=text,
                dial_problem=error.sentence,
                dial_next_step=error.next_step,
            )
            self.wait()
            return
        self._lobby = replace(self._lobby, dialled=text, dial_problem="", dial_next_step="")
        self._again = text
        self.peer = None
        self._parts.contacts.pause()
        self.context.local_audio.stop_sounds()
        outgoing = OutgoingCall(self.context, prepared, self._on_progress, self._on_failed)
        self._outgoing = outgoing
        outgoing.start()

    def _on_progress(self, stage: Stage) -> None:
        self.peer = None if self._outgoing is None else self._outgoing.peer
        self.move(stage)

    def _on_failed(self, ending: Ending) -> None:
        self.report_ending(ending)
        self._show_ending(ending)

    def _give_up(self) -> None:
        _log.info("%s", wording.gave_up())
        self.report_ending_event(ending_of_user(in_call=False))
        self._drop_dial()
        self.wait()

    def _drop_dial(self) -> None:
        outgoing, self._outgoing = self._outgoing, None
        if outgoing is not None:
            outgoing.close()

    def follow_link(self, call: SessionCall) -> None:
        """Follow the link as the caller or the callee that this peer is in this call."""
        if call.role is Role.CALLER and self._outgoing is not None:
            self._outgoing.follow_link(call)
        else:
            super().follow_link(call)

    def begin_call(self, event: Established) -> None:
        """Begin a call; one that rang in the lobby has been dialled by nobody here."""
        self._parts.contacts.pause()
        if event.role is Role.CALLEE:
            self._drop_dial()
            self._again = ""
        super().begin_call(event)

    def end_call(self, call: SessionCall) -> None:
        """End a call, and remember whom to call again: by name, which outlasts a code."""
        if call.kept_name and (self.target is None or self.target.kind is TargetKind.CODE):
            self._again = call.kept_name
        super().end_call(call)

    def after_call(self, ending: Ending) -> None:
        """Show the reason of the end."""
        if self._outgoing is not None:
            self._outgoing.stop_redialing()
        self._show_ending(ending)

    def _show_ending(self, ending: Ending) -> None:
        self._ending = ending
        if self.is_quitting:
            self.finish(ending)
            return
        self.context.open_devices()
        self.context.local_audio.start_monitor()
        self._parts.contacts.resume()
        self.move(Stage.ENDED)

    def _rename(self, name: str) -> None:
        try:
            self.local_name = self._parts.rename(name)
        except SettingsError as error:
            self.warn("name", f"{error.sentence}. {error.next_step}.")
        else:
            self.context.remember({"name": self.local_name})
        self.show()
