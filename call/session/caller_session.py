"""Caller session: dial, ring, one call, and the reason of its end. Call thread only."""

import itertools
import logging
from collections.abc import Mapping, Sequence

from call.endings import ending_of_error, ending_of_reject, ending_of_user
from call.inbox import LinkStillHeard, OutsideEvent, Reached, Refused, ThreadEnded, ToldToWait
from call.outgoing.callee_search import CalleeSearch
from call.outgoing.dialer import Dialer
from call.outgoing.redialer import Redialer
from call.session.session import Session
from call.session.session_call import SessionCall
from call.session.session_context import SessionContext
from core import events
from net.protocol.resume import FIRST_GENERATION, CallIdentity
from ui.actions import UserAction
from ui.view import CallTarget, Ending, PeerView, Stage, TargetKind, UserEvent
from ui.wording import log as wording

_log = logging.getLogger(__name__)

END_SHOWN_US = 3_000_000
"""The time for which a window shows the reason of the end."""


class CallerSession(Session):
    """One run of `peer.py connect`.

    Args:
        dialer: started by `begin`.
        target: the name, code or address that the user typed.
        unknown_words: the words of the code that no code contains, each with similar words.
    """

    def __init__(
        self,
        context: SessionContext,
        dialer: Dialer,
        target: CallTarget,
        *,
        unknown_words: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__(context)
        self._dialer = dialer
        self._target = target
        self._unknown_words = unknown_words
        self._retry_s = 0
        self._ending: Ending | None = None
        self._ended_us = 0
        self._is_kept_open = False
        self._redialer: Redialer | None = None
        self._search: CalleeSearch | None = None
        self._generations = itertools.count(FIRST_GENERATION + 1)

    @property
    def target(self) -> CallTarget:
        """The name, code or address that the user typed."""
        return self._target

    @property
    def retry_s(self) -> int:
        """The seconds until the next try after wrong codes; 0 if none is planned."""
        return self._retry_s

    @property
    def ending(self) -> Ending | None:
        """The end of the session; None before."""
        return self._ending

    def begin(self) -> None:
        """Open the devices, and start to dial."""
        self.context.open_devices()
        _log.info("%s", wording.calling(self._target))
        self.context.report(events.Calling(target=self._target.text))
        self.move(Stage.DIALLING)
        self._dialer.start(self.context.threads)

    def close(self) -> None:
        """Stop dialling."""
        self._dialer.cancel()
        self._stop_redialing()

    def follow_link(self, call: SessionCall) -> None:
        """Dial the other peer again while the link is lost, if only to say bye."""
        live = call.live
        if (live.is_reconnecting or live.is_bye_stuck) and self._redialer is None:
            if live.identity is not None and call.redial:
                self._redial(call, live.identity)
        elif not live.is_ending and not live.is_reconnecting and self._redialer is not None:
            self._redialer.settle()
            self._redialer = None
            self._stop_searching()
        if live.is_bye_stuck and self._redialer is not None:
            self._redialer.hang_up(live.bye_reason or "")

    def _redial(self, call: SessionCall, identity: CallIdentity) -> None:
        context, number = self.context, call.live.number
        redialer = self._redialer = Redialer(
            call.redial,
            call.fingerprint,
            identity,
            self._generations,
            context.inbox,
            context.now_us,
        )
        context.threads.start(
            "redial",
            redialer.run,
            lambda error: context.inbox.post(ThreadEnded("redial", error, number)),
        )
        is_code = self._target.kind is TargetKind.CODE
        search = self._search = CalleeSearch(
            context.known,
            call.fingerprint,
            name=call.peer.name,
            number=int(self._target.text) if is_code else None,
            add=redialer.add,
        )
        context.threads.start("search", search.run)

    def _stop_redialing(self) -> None:
        if self._redialer is not None:
            self._redialer.cancel()
            self._redialer = None
        self._stop_searching()

    def _stop_searching(self) -> None:
        if self._search is not None:
            self._search.cancel()
            self._search = None

    def on_event(self, event: OutsideEvent) -> None:
        """Handle an event of the dial thread."""
        if isinstance(event, Reached):
            peer = self.peer = event.peer.view
            self._retry_s = 0
            self.context.report(
                events.Ringing(peer=peer.display_name, trust=peer.trust.value, address=peer.address)
            )
            if self.context.has_window:  # A terminal shows the view, which says the same.
                _log.info("%s", wording.ringing(peer))
            self.move(Stage.RINGING)
        elif isinstance(event, ToldToWait):
            if event.peer_name:
                self.peer = PeerView(event.peer_name)
            self._retry_s = event.wait_s
            who = wording.name_or_target(event.peer_name, self._target)
            _log.info("%s", wording.retrying(who, event.wait_s))
            self.move(Stage.DIALLING)
        elif isinstance(event, Refused):
            who = wording.name_or_target(event.peer_name, self._target)
            self.context.report(events.Rejected(reason=event.reason, peer=event.peer_name))
            self._end(ending_of_reject(event.reason, who, event.wait_s, self._unknown_words))
        elif isinstance(event, LinkStillHeard):
            if self.call is not None:
                self.call.live.give_up_link(self.context.now_us())
        elif isinstance(event, ThreadEnded) and event.error is not None:
            self._end(ending_of_error(event.error, after_accept=False))

    def on_user(self, event: UserAction) -> None:
        """Give up, or close the window that shows the end."""
        if self._ending is not None and event is UserEvent.KEEP_OPEN:
            self._is_kept_open = True
        elif self._ending is not None:
            self.finish(self._ending)
        elif event in (UserEvent.HANG_UP, UserEvent.QUIT):
            ending = ending_of_user(in_call=False)
            _log.info("%s", wording.gave_up())
            self.report_ending_event(ending)
            self.finish(ending)

    def on_idle_tick(self, now_us: int) -> None:
        """Finish once the end has been shown for a while."""
        if self._ending is None or self._is_kept_open:
            return
        if now_us - self._ended_us >= END_SHOWN_US:
            self.finish(self._ending)

    def on_call_over(self, ending: Ending) -> None:
        """Show the reason of the end."""
        self._stop_redialing()
        self._end(ending)

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._ended_us = self.context.now_us()
        self.report_ending(ending)
        if not self.context.has_window or self.is_quitting:
            self.finish(ending)
        self.move(Stage.ENDED)
