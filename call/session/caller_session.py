"""Caller session: dial, ring, one call, and the reason of its end. Call thread only."""

import logging
from collections.abc import Callable

from call.inbox import LinkStillHeard, OutsideEvent
from call.session.outgoing_call import OutgoingCall, PreparedDial
from call.session.session import Session
from call.session.session_call import SessionCall
from call.session.session_context import SessionContext
from ui.actions import UserAction
from ui.view import CallTarget, EndCause, Ending, Stage, UserEvent
from ui.wording import log as wording

_log = logging.getLogger(__name__)

END_SHOWN_US = 3_000_000
"""The time for which a window shows the reason of the end."""


class CallerSession(Session):
    """One run of `peer.py connect`.

    Args:
        prepare: returns a dialer of what the user typed; its events carry the given number.
    """

    def __init__(self, context: SessionContext, prepare: Callable[[int], PreparedDial]) -> None:
        super().__init__(context)
        self._prepare = prepare
        self._number = 1
        self._outgoing = self._new_call()
        self._ending: Ending | None = None
        self._ended_us = 0
        self._is_kept_open = False

    def _new_call(self) -> OutgoingCall:
        return OutgoingCall(self.context, self._prepare(self._number), self._on_progress, self._end)

    @property
    def target(self) -> CallTarget:
        """The name, code or address that the user typed."""
        return self._outgoing.target

    @property
    def retry_s(self) -> int:
        """The seconds until the next try after wrong codes; 0 if none is planned."""
        return self._outgoing.retry_s

    @property
    def ending(self) -> Ending | None:
        """The end of the session; None before."""
        return self._ending

    @property
    def can_call_again(self) -> bool:
        """True while the end is shown."""
        return self._ending is not None

    @property
    def dial_number(self) -> int:
        """The number of the present dial."""
        return self._number

    def begin(self) -> None:
        """Open the devices, and start to dial."""
        self.context.open_devices()
        self._outgoing.start()

    def close(self) -> None:
        """Stop dialling."""
        self._outgoing.close()

    def follow_link(self, call: SessionCall) -> None:
        """Dial the other peer again while the link is lost, if only to say bye."""
        self._outgoing.follow_link(call)

    def _on_progress(self, stage: Stage) -> None:
        self.peer = self._outgoing.peer
        self.move(stage)

    def on_event(self, event: OutsideEvent) -> None:
        """Handle an event of the dial thread."""
        if isinstance(event, LinkStillHeard):
            if self.call is not None:
                self.call.live.give_up_link(self.context.now_us())
        else:
            self._outgoing.on_event(event)

    def on_user(self, event: UserAction) -> None:
        """Give up, call again, or close the window that shows the end."""
        if self._ending is not None:
            if event is UserEvent.KEEP_OPEN:
                self._is_kept_open = True
            elif event is UserEvent.CALL_AGAIN:
                self._call_again()
            elif isinstance(event, UserEvent):
                self.finish(self._ending)
        elif event in (UserEvent.HANG_UP, UserEvent.QUIT):
            ending = self.user_ending(in_call=False)
            if ending.cause is EndCause.GIVEN_UP:
                _log.info("%s", wording.gave_up())
            self.report_ending_event(ending)
            self.finish(ending)

    def _call_again(self) -> None:
        self._outgoing.close()
        self._number += 1
        self._ending = self.peer = None
        self._is_kept_open = False
        self._outgoing = self._new_call()
        self.begin()

    def on_idle_tick(self, now_us: int) -> None:
        """Finish once the end has been shown for a while."""
        if self._ending is None or self._is_kept_open:
            return
        if now_us - self._ended_us >= END_SHOWN_US:
            self.finish(self._ending)

    def on_call_over(self, ending: Ending) -> None:
        """Show the reason of the end."""
        self._outgoing.stop_redialing()
        self._end(ending)

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._ended_us = self.context.now_us()
        self.report_ending(ending)
        if not self.context.has_window or self.is_quitting:
            self.finish(ending)
        self.move(Stage.ENDED)
