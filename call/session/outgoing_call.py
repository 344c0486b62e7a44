"""Outgoing call: from the text that the user typed to an accepted call, and its lost links.

Call thread only. A caller's session has one, a lobby has one after the other.
"""

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence

import msgspec

from call.endings import ending_of_error, ending_of_reject
from call.inbox import OutsideEvent, Reached, Refused, ThreadEnded, ToldToWait
from call.outgoing.callee_search import CalleeSearch
from call.outgoing.dialer import Dialer
from call.outgoing.redialer import Redialer
from call.session.session_call import SessionCall
from call.session.session_context import SessionContext
from core import events
from net.protocol.resume import FIRST_GENERATION, CallIdentity
from ui.view import CallTarget, Ending, PeerView, Stage, TargetKind
from ui.wording import log as wording

_log = logging.getLogger(__name__)


class PreparedDial(msgspec.Struct, frozen=True):
    """A dialer that connects and does not ring yet, and what it dials.

    Attributes:
        target: the name, code or address that the user typed.
        unknown_words: the words of the code that no code contains, each with similar words.
    """

    dialer: Dialer
    target: CallTarget
    unknown_words: Mapping[str, Sequence[str]]


class OutgoingCall:
    """One call that the user makes.

    Args:
        on_progress: called with the stage that has been reached.
        on_failed: called with the reason why there will be no call.

    Attributes:
        peer: the other peer; None while it is unknown.
        retry_s: the seconds until the next try after wrong codes; 0 if none is planned.
    """

    def __init__(
        self,
        context: SessionContext,
        prepared: PreparedDial,
        on_progress: Callable[[Stage], None],
        on_failed: Callable[[Ending], None],
    ) -> None:
        self.peer: PeerView | None = None
        self.retry_s = 0
        self._context = context
        self._dialer = prepared.dialer
        self._unknown_words = prepared.unknown_words
        self.target = prepared.target
        self._on_progress = on_progress
        self._on_failed = on_failed
        self._redialer: Redialer | None = None
        self._search: CalleeSearch | None = None
        self._generations = itertools.count(FIRST_GENERATION + 1)

    def start(self) -> None:
        """Let the dialer ring."""
        _log.info("%s", wording.calling(self.target))
        self._context.report(events.Calling(target=self.target.text))
        self._on_progress(Stage.DIALLING)
        self._dialer.allow_ring()

    def close(self) -> None:
        """Stop dialling, with a bye if it rings."""
        self._dialer.cancel()
        self.stop_redialing()

    def on_event(self, event: OutsideEvent) -> None:
        """Handle an event of the dial thread."""
        context = self._context
        if isinstance(event, Reached):
            peer = self.peer = event.peer.view
            self.retry_s = 0
            context.report(
                events.Ringing(peer=peer.display_name, trust=peer.trust.value, address=peer.address)
            )
            if context.has_window:  # A terminal shows the view, which says the same.
                _log.info("%s", wording.ringing(peer))
            self._on_progress(Stage.RINGING)
        elif isinstance(event, ToldToWait):
            if event.peer_name:
                self.peer = PeerView(event.peer_name)
            self.retry_s = event.wait_s
            who = wording.name_or_target(event.peer_name, self.target)
            _log.info("%s", wording.retrying(who, event.wait_s))
            self._on_progress(Stage.DIALLING)
        elif isinstance(event, Refused):
            who = wording.name_or_target(event.peer_name, self.target)
            context.report(events.Rejected(reason=event.reason, peer=event.peer_name))
            self._on_failed(ending_of_reject(event.reason, who, event.wait_s, self._unknown_words))
        elif isinstance(event, ThreadEnded) and event.error is not None:
            self._on_failed(ending_of_error(event.error, after_accept=False))

    # The call.

    def follow_link(self, call: SessionCall) -> None:
        """Dial the other peer again while the link is lost, if only to say bye."""
        live = call.live
        if (live.is_reconnecting or live.end.is_bye_stuck) and self._redialer is None:
            if live.identity is not None and call.redial:
                self._redial(call, live.identity)
        elif not live.is_ending and not live.is_reconnecting and self._redialer is not None:
            self._redialer.settle()
            self._redialer = None
            self._stop_searching()
        if live.end.is_bye_stuck and self._redialer is not None:
            self._redialer.hang_up(live.end.bye_reason or "")

    def _redial(self, call: SessionCall, identity: CallIdentity) -> None:
        context, number = self._context, call.live.number
        redialer = self._redialer = Redialer(
            call.redial,
            call.fingerprint,
            identity,
            self._generations,
            context.inbox,
            context.now_us,
        )
        if call.live.end.is_bye_stuck:  # Before its first attempt, which then says bye at once.
            redialer.hang_up(call.live.end.bye_reason or "")
        context.threads.start(
            "redial",
            redialer.run,
            lambda error: context.inbox.post(ThreadEnded("redial", error, number)),
        )
        is_code = self.target.kind is TargetKind.CODE
        search = self._search = CalleeSearch(
            context.known,
            call.fingerprint,
            name=call.peer.name,
            number=int(self.target.text) if is_code else None,
            add=redialer.add,
        )
        context.threads.start("search", search.run)

    def stop_redialing(self) -> None:
        """Stop dialling the peer of a call whose link was lost."""
        if self._redialer is not None:
            self._redialer.cancel()
            self._redialer = None
        self._stop_searching()

    def _stop_searching(self) -> None:
        if self._search is not None:
            self._search.cancel()
            self._search = None
