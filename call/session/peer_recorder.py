"""Peer recorder: stores the peer of a call, so that both know each other later. Call thread.

A peer is stored once it has proven its identity, by the code or by the words that both users
compared; the details of a known peer are updated. Both peers then send each other the secrets by
which their advertisements are recognized. A short-lived thread does the disk I/O.
"""

import logging
from collections.abc import Callable
from threading import Event

from call.remote_peer import RemotePeer
from core import events
from net.protocol.control import Control, Discovery
from net.trust.known_peers import KnownPeers, PeerDetails
from ui.view import Trust
from ui.wording.log import now_known

_log = logging.getLogger(__name__)

MAX_UPDATES = 4
"""Discovery messages that one call stores: each of them writes to disk."""
StartThread = Callable[[str, Callable[[], None]], object]


class PeerRecorder:
    """Stores the peer of one call.

    Args:
        own: returns the details that a stored peer is sent; None if our secret cannot be read.
            Reads the disk.

    Attributes:
        kept_name: the name under which this user knows the peer from now on; "" for a stranger.
    """

    def __init__(
        self,
        peer: RemotePeer,
        known: KnownPeers,
        start_thread: StartThread,
        send: Callable[[Control], None],
        report: Callable[[events.Event], None],
        *,
        own: Callable[[], Discovery | None],
    ) -> None:
        self._peer = peer
        self._known = known
        self._start_thread = start_thread
        self._send = send
        self._report = report
        self._own = own
        self._host = peer.address if peer.dialled is None else peer.dialled.host
        self._port = 0 if peer.dialled is None else peer.dialled.port
        self._secret = b""
        self._updates = 0
        self._latest: Discovery | None = None
        self._introduction: Discovery | None = None
        """Our own details, once the peer may have them."""
        self._is_new = not peer.known_as
        self.kept_name = peer.known_as
        self._written = Event()
        self._written.set()
        self.is_proven = peer.trust is not Trust.NONE

    def begin(self) -> None:
        """Store a peer that proved its identity before the call."""
        if self.is_proven and not self._peer.is_own:
            self._store(adds=self._peer.trust is Trust.CODE, introduces=True)

    def confirm(self) -> bool:
        """Store the peer because the words match; return False if it was proven before."""
        if self.is_proven:
            return False
        self.is_proven = True
        self._store(adds=True, introduces=True)
        return True

    def update(self, details: Discovery) -> None:
        """Store the peer's discovery details, unless they are a repetition.

        Limited per call, because each update writes to disk.
        """
        if details == self._latest:
            return
        self._latest = details
        self._updates += 1
        if self._updates > MAX_UPDATES:
            return
        self._secret = details.secret
        self._port = self._port or details.port
        if self.is_proven and not self._peer.is_own:
            # A peer that the user has forgotten meanwhile stays forgotten.
            self._store(adds=False, introduces=False)

    def introduce_again(self) -> None:
        """Send our details again, because the link that they were sent on was lost."""
        if self._introduction is not None:
            self._send(self._introduction)

    def _store(self, *, adds: bool, introduces: bool) -> None:
        """Store the peer on a thread.

        Args:
            adds: whether a peer that is not known is added.
            introduces: whether our own details are sent after that.
        """
        peer = self._peer
        was_reached = peer.dialled is not None
        news = PeerDetails(peer.name, self._host, self._port, self._secret, was_reached)
        is_new, self._is_new = self._is_new, False
        before, done = self._written, Event()
        self._written = done

        def write() -> None:
            before.wait()  # Two threads at once could store in the wrong order.
            try:
                learn = self._known.remember if adds else self._known.update
                kept = learn(peer.fingerprint, news)
            finally:
                done.set()
            if kept is None:
                return
            self.kept_name = kept.name
            own = self._own() if introduces else None
            if own is not None:
                self._introduction = own  # First, as the link may be replaced meanwhile.
                self._send(own)
            if is_new:
                _log.info("%s", now_known(peer.name, kept.name))
                self._report(events.Known(peer=kept.name))

        self._start_thread("remember", write)
