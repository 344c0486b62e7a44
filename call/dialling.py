"""The dial thread: a caller's way from what the person typed to an accepted call, or to why not.

It exists because search, look-up and handshake wait for others, and the call thread must not. It
tries one place of its route after another and ends with the first that rings; `cancel` ends it at
once.
"""

import itertools
import logging
import math
import selectors
import socket
from collections.abc import Callable, Generator, Iterator

from call.counterpart import Counterpart, counterpart_of
from call.door import REASON_TOO_MANY
from call.inbox import Established, Inbox, Reached, Refused, ToldToWait
from call.introduction import Introduction
from call.names import shown_name
from call.routes import Place, Route
from net.errors import DialCancelled, LinkLost, NetError, NoReply, NotTrusted
from net.link.address import HostPort
from net.link.dial import Dialler, StartThread
from net.link.pending import PendingLink
from net.link.tls import TlsStream, client_context
from net.link.wake_up import WakeUp
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Bye, Ping
from net.protocol.handshake import REASON_WRONG_CODE, Handshake
from net.protocol.states import Role, State
from net.trust.identity import fingerprint_of
from net.trust.known_peers import KnownPeer, KnownPeers

_log = logging.getLogger(__name__)

WAIT_S = 0.2
PING_US = 1_000_000
LIMIT_S = 9.0
"""Of the 10 s that a person waits, the program's own start and end included."""
MAX_WAIT_S = 15
"""In all, for listeners that take no code yet, because there were wrong ones before."""
CHECK_LISTENER = "check that it is `peer.py listen` that listens on that port"


class Dialling:
    """One attempt to call somebody.

    Args:
        start_thread: for a look-up, which cannot be interrupted.
        known: whom this user knows.
        silence_timeout_us: after which a callee counts as gone.
    """

    def __init__(
        self,
        route: Route,
        start_thread: StartThread,
        introduction: Introduction,
        known: KnownPeers,
        inbox: Inbox,
        now_us: Callable[[], int],
        *,
        silence_timeout_us: int,
    ) -> None:
        self._route = route
        self._start_thread = start_thread
        self._introduction = introduction
        self._known = known
        self._inbox = inbox
        self._now_us = now_us
        self._silence_timeout_us = silence_timeout_us
        self._clock = ClockSync()
        self._pinged_us = 0
        self._is_cancelled = False
        self._dialler: Dialler | None = None
        self._places: Generator[Place] | None = None
        self._is_proven = False
        """Whether the place that refused us knew the code."""
        self._later: list[tuple[Place, Refused]] = []
        """Who takes no code from us yet, and says how long."""
        self._wake_up = WakeUp()

    @property
    def is_cancelled(self) -> bool:
        """Whether that was asked for."""
        return self._is_cancelled

    def cancel(self) -> None:
        """End it at once, with a word to the other side. Any thread."""
        self._is_cancelled = True
        self._route.cancel()
        if self._dialler is not None:
            self._dialler.cancel()
        self._wake_up.wake()

    def run(self) -> None:
        """Dial, shake hands, ring, and post how it went. The body of the dial thread.

        Raises:
            DialError, NotOurProtocol, ProtocolError, NotTrusted, LinkLost: why there will be no
                call.
        """
        try:
            self._try_places()
        except DialCancelled:
            _log.debug("dialling was cancelled")
        finally:
            self._wake_up.close()

    def _try_places(self) -> None:
        failure: NetError | None = None
        refusals: dict[HostPort, Refused] = {}
        places = self._places = self._route.places()
        for place in itertools.chain(places, self._places_for_later()):
            if self._is_cancelled:
                return
            refusals.pop(place.target, None)
            try:
                refused = self._try(place)
            except DialCancelled:
                raise
            except NetError as error:
                # A code that was proven wrong says more than a place that is not there.
                if failure is None or isinstance(error, NotTrusted):
                    failure = error
                _log.debug("%s: %s", place.target, error.sentence)
                continue
            if refused is None:
                return
            refusals[place.target] = refused
            if place.expected is not None or self._is_proven:
                # Nobody else is meant. Otherwise it may be a stranger's with the same number.
                places.close()
                self._later.clear()
            if refused.reason == REASON_TOO_MANY and refused.wait_s > 0:
                self._later.append((place, refused))
        if refusals:
            said = list(refusals.values())
            self._inbox.post(
                next((one for one in said if one.reason != REASON_WRONG_CODE), said[0])
            )
        elif failure is not None:
            raise failure

    def _places_for_later(self) -> Iterator[Place]:
        """Yield those that take a code soon, when they do."""
        left_s = MAX_WAIT_S
        while self._later:
            place, refused = self._later.pop(0)
            if refused.wait_s <= left_s:
                left_s -= refused.wait_s
                self._inbox.post(ToldToWait(refused.peer_name, refused.wait_s))
                self._wake_up.wait(refused.wait_s)
                yield place

    def _try(self, place: Place) -> Refused | None:
        """Go to one place; return its refusal, or None where it came to a call or was cancelled."""
        limit_s = LIMIT_S if place.limit_s is None else place.limit_s
        self._dialler = Dialler(
            place.target, start_thread=self._start_thread, limit_s=limit_s, others=place.others
        )
        if self._is_cancelled:  # Before it could be told.
            self._dialler.cancel()
        return self._shake_hands(place, self._dialler.dial())

    def _shake_hands(self, place: Place, sock: socket.socket) -> Refused | None:
        try:
            address = sock.getpeername()[0]
        except OSError as error:  # Reset since it connected.
            sock.close()
            raise _closed_at_once(place) from error
        pending = PendingLink(
            sock,
            TlsStream(client_context(), server_side=False),
            lambda tls: self._make_handshake(place, tls),
            address=address,
            opened_us=self._now_us(),
        )
        refused: Refused | None = None
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_up, selectors.EVENT_READ)
                selector.register(pending, selectors.EVENT_READ)
                pending.start()
                while not self._is_cancelled and pending.state is not State.CALL:
                    refused = self._step(selector, pending, place)
                    if refused is not None:
                        break
        except LinkLost as error:
            pending.close()
            if pending.handshake is not None:
                raise
            raise _closed_at_once(place) from error
        except BaseException:
            pending.close()
            raise
        if pending.state is State.CALL and not self._is_cancelled:
            self._establish(pending, place)
        else:
            pending.say_last(Bye() if self._is_cancelled else None)
            pending.close()
        return refused

    def _make_handshake(self, place: Place, tls: TlsStream) -> Handshake:
        certificate = tls.peer_certificate_der()
        assert certificate is not None  # A TLS 1.3 server always shows one.
        fingerprint = fingerprint_of(certificate)
        expected = place.expected
        try:
            return self._introduction.as_caller(
                fingerprint,
                code=place.code,
                expected=expected.fingerprint if expected is not None else None,
            )
        except NotTrusted as error:
            assert expected is not None
            raise self._another(place, expected, fingerprint) from error

    def _another(self, place: Place, expected: KnownPeer, fingerprint: bytes) -> NotTrusted:
        other = self._known.by_fingerprint(fingerprint)
        if other is not None:
            return NotTrusted(
                f"At {place.target} is {other.name} now, and not {expected.name}",
                f"call {other.name} by name, or ask {expected.name} for the present address",
            )
        return NotTrusted(
            f"What answers at {place.target} is not the {expected.name} you know:"
            " it has another key",
            f"if {expected.name} has set up this program anew, ask for a code and call with it,"
            f" after `peer.py known forget {expected.name}`; else somebody pretends to be them",
        )

    def _step(
        self, selector: selectors.BaseSelector, pending: PendingLink, place: Place
    ) -> Refused | None:
        """Wait and go on a little; return the refusal when there is one."""
        was = pending.state
        wanted = selectors.EVENT_READ
        if pending.wants_to_write:
            wanted |= selectors.EVENT_WRITE
        selector.modify(pending, wanted)
        for key, events in selector.select(WAIT_S):
            if key.fileobj is pending:
                if events & selectors.EVENT_WRITE:
                    pending.flush()
                if events & selectors.EVENT_READ:
                    pending.on_readable(self._now_us())
        for pong in pending.take_pongs():
            self._clock.take_pong(pong.sent_us, pong.received_us, pong.replied_us, pending.heard_us)
        state = pending.state
        handshake = pending.handshake
        if state is State.ENDED:
            assert handshake is not None
            name = shown_name(handshake.peer_name) if handshake.peer_name else ""
            self._is_proven = handshake.is_code_proven
            if handshake.rejection is None:
                pending.say_last(Bye())
                raise LinkLost(f"{name or 'The other side'} has gone before the call was accepted")
            return Refused(handshake.rejection, name, handshake.wait_s)
        if state is State.RINGING and was is not State.RINGING:
            if self._places is not None:
                self._places.close()  # Nobody else is meant any more.
            self._inbox.post(Reached(self._see(pending, place)))
        self._look_at_clock(pending, place)
        return None

    def _see(self, pending: PendingLink, place: Place) -> Counterpart:
        handshake = pending.handshake
        assert handshake is not None
        return counterpart_of(
            handshake,
            pending.address,
            self._known.by_fingerprint(handshake.peer_fingerprint),
            self._known.namesake(shown_name(handshake.peer_name), handshake.peer_fingerprint),
            own_fingerprint=self._introduction.identity.fingerprint,
            dialled=HostPort(pending.address, place.target.port)
            if place.was_heard_of
            else place.target,
        )

    def _look_at_clock(self, pending: PendingLink, place: Place) -> None:
        now_us = self._now_us()
        limit_us = place.limit_s * 1e6 if place.limit_s is not None else math.inf
        is_slow = pending.is_under_way and now_us - pending.opened_us > limit_us
        if pending.is_late(now_us) or is_slow:
            raise NoReply(
                f"{place.target} took the connection and then said nothing", CHECK_LISTENER
            )
        if pending.state is not State.RINGING:
            return
        if now_us - pending.heard_us > self._silence_timeout_us:
            raise LinkLost("The other side has gone silent before the call was accepted")
        if now_us - self._pinged_us >= PING_US:
            self._pinged_us = now_us
            self._clock.note_ping(now_us)
            pending.send(Ping(now_us))
            pending.flush()

    def _establish(self, pending: PendingLink, place: Place) -> None:
        counterpart = self._see(pending, place)
        self._inbox.post(
            Established(pending.detach(), Role.CALLER, counterpart, self._clock, self._now_us())
        )


def _closed_at_once(place: Place) -> LinkLost:
    return LinkLost(
        f"What answers at {place.target} closed the connection before it said anything",
        CHECK_LISTENER,
    )
