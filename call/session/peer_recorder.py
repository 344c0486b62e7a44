"""Who was in a call is known from then on: what is remembered of them, and what they are told.

A call's remote_peer is remembered once it has proven who it is, by the code or by words that people
compared; so is what is new of one who is known. Both then tell each other the secrets by which
their advertisements are recognized. The call thread's; the disk is waited for on a thread that
lives for that alone.
"""

import logging
from collections.abc import Callable
from threading import Event

from call.remote_peer import RemotePeer
from net.protocol.control import Control, Discovery
from net.trust.known_peers import KnownPeers, News
from ui.view import Trust
from ui.wording.log import now_known

_log = logging.getLogger(__name__)

MAX_TELLINGS = 4
StartThread = Callable[[str, Callable[[], None]], object]


class PeerRecorder:
    """What becomes of one call's remote_peer.

    Args:
        own: returns what it is told once it is known; None where our secret cannot be had. It
            reads the disk.
    """

    def __init__(
        self,
        peer: RemotePeer,
        known: KnownPeers,
        start_thread: StartThread,
        send: Callable[[Control], None],
        *,
        own: Callable[[], Discovery | None],
    ) -> None:
        self._peer = peer
        self._known = known
        self._start_thread = start_thread
        self._send = send
        self._own = own
        self._host = peer.address if peer.dialled is None else peer.dialled.host
        self._port = 0 if peer.dialled is None else peer.dialled.port
        self._secret = b""
        self._tellings = 0
        self._is_new = not peer.known_as
        self._written = Event()
        self._written.set()
        self.is_proven = peer.trust is not Trust.NONE

    def begin(self) -> None:
        """Take note that the call has been accepted."""
        if self.is_proven and not self._peer.is_own:
            self._remember(adds=self._peer.trust is Trust.CODE, introduces=True)

    def confirm(self) -> bool:
        """Take note that the words are the same on both screens; False if that was known."""
        if self.is_proven:
            return False
        self.is_proven = True
        self._remember(adds=True, introduces=True)
        return True

    def take(self, told: Discovery) -> None:
        """Take what the other side tells of itself; each word costs the disk, so it has few."""
        self._tellings += 1
        if self._tellings > MAX_TELLINGS:
            return
        self._secret = told.secret
        self._port = self._port or told.port
        if self.is_proven and not self._peer.is_own:
            # Whoever was forgotten meanwhile stays so.
            self._remember(adds=False, introduces=False)

    def _remember(self, *, adds: bool, introduces: bool) -> None:
        peer = self._peer
        was_reached = peer.dialled is not None
        news = News(peer.name, self._host, self._port, self._secret, was_reached)
        is_new, self._is_new = self._is_new, False
        before, done = self._written, Event()
        self._written = done

        def write() -> None:
            before.wait()  # Two at once could change places.
            try:
                learn = self._known.remember if adds else self._known.update
                kept = learn(peer.fingerprint, news)
            finally:
                done.set()
            if kept is None:
                return
            own = self._own() if introduces else None
            if own is not None:
                self._send(own)
            if is_new:
                _log.info("%s", now_known(peer.name, kept.name))

        self._start_thread("remember", write)
