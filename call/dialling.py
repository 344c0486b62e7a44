"""The dial thread: a caller's way from a typed host to an accepted call, or to the reason why not.

It exists because look-up and handshake wait for others, and the call thread must not. It ends with
the first answer; `cancel` ends it at once.
"""

import contextlib
import logging
import selectors
import socket
from collections.abc import Callable

from call.inbox import Established, Inbox, Reached, Refused
from call.introduction import Introduction
from call.names import shown_name
from net.errors import DialCancelled, LinkLost, NoReply
from net.link.address import HostPort
from net.link.dial import Dialler
from net.link.pending import PendingLink
from net.link.tls import TlsStream, client_context
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Bye, Ping
from net.protocol.handshake import Handshake
from net.protocol.states import Role, State
from net.trust.identity import fingerprint_of

_log = logging.getLogger(__name__)

WAIT_S = 0.2
PING_US = 1_000_000
CHECK_LISTENER = "check that it is `peer.py listen` that listens on that port"


class Dialling:
    """One attempt to call somebody.

    Args:
        silence_timeout_us: after which a callee counts as gone.
    """

    def __init__(
        self,
        target: HostPort,
        dialler: Dialler,
        introduction: Introduction,
        inbox: Inbox,
        now_us: Callable[[], int],
        *,
        silence_timeout_us: int,
    ) -> None:
        self._target = target
        self._dialler = dialler
        self._introduction = introduction
        self._inbox = inbox
        self._now_us = now_us
        self._silence_timeout_us = silence_timeout_us
        self._clock = ClockSync()
        self._pinged_us = 0
        self._is_cancelled = False
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_write.setblocking(False)

    def cancel(self) -> None:
        """End it at once, with a word to the other side. Any thread."""
        self._is_cancelled = True
        self._dialler.cancel()
        with contextlib.suppress(OSError):
            self._wake_write.send(b"\0")

    def run(self) -> None:
        """Dial, shake hands, ring, and post how it went. The body of the dial thread.

        Raises:
            DialError, NotOurProtocol, ProtocolError, LinkLost: why there will be no call.
        """
        try:
            self._shake_hands(self._dialler.dial())
        except DialCancelled:
            _log.debug("dialling was cancelled")
        finally:
            self._wake_read.close()
            self._wake_write.close()

    def _shake_hands(self, sock: socket.socket) -> None:
        try:
            address = sock.getpeername()[0]
        except OSError as error:  # Reset since it connected.
            sock.close()
            raise self._closed_at_once() from error
        pending = PendingLink(
            sock,
            TlsStream(client_context(), server_side=False),
            self._make_handshake,
            address=address,
            opened_us=self._now_us(),
        )
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_read, selectors.EVENT_READ)
                selector.register(pending, selectors.EVENT_READ)
                pending.start()
                while not self._is_cancelled and not self._step(selector, pending):
                    pass
        except LinkLost as error:
            pending.close()
            if pending.handshake is not None:
                raise
            raise self._closed_at_once() from error
        except BaseException:
            pending.close()
            raise
        if pending.state is State.CALL and not self._is_cancelled:
            self._establish(pending)
        else:
            pending.say_last(Bye() if self._is_cancelled else None)
            pending.close()

    def _closed_at_once(self) -> LinkLost:
        return LinkLost(
            f"What answers at {self._target} closed the connection before it said anything",
            CHECK_LISTENER,
        )

    def _make_handshake(self, tls: TlsStream) -> Handshake:
        certificate = tls.peer_certificate_der()
        assert certificate is not None  # A TLS 1.3 server always shows one.
        return self._introduction.as_caller(fingerprint_of(certificate))

    def _step(self, selector: selectors.BaseSelector, pending: PendingLink) -> bool:
        """Wait and go on a little; True when there is an answer."""
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
            name = shown_name(handshake.peer.name) if handshake.peer is not None else ""
            if handshake.rejection is None:
                pending.say_last(Bye())
                raise LinkLost(f"{name or 'The other side'} has gone before the call was accepted")
            self._inbox.post(Refused(handshake.rejection, name))
            return True
        if state is State.CALL:
            return True
        if state is State.RINGING and was is not State.RINGING:
            assert handshake is not None
            assert handshake.peer is not None
            self._inbox.post(Reached(handshake.peer))
        self._look_at_clock(pending)
        return False

    def _look_at_clock(self, pending: PendingLink) -> None:
        now_us = self._now_us()
        if pending.is_late(now_us):
            raise NoReply(
                f"{self._target} took the connection and then said nothing",
                CHECK_LISTENER,
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

    def _establish(self, pending: PendingLink) -> None:
        handshake = pending.handshake
        assert handshake is not None
        assert handshake.peer is not None
        self._inbox.post(
            Established(
                pending.detach(),
                Role.CALLER,
                handshake.peer,
                handshake.peer_fingerprint,
                pending.address,
                self._clock,
                self._now_us(),
            )
        )
