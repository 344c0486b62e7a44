"""A relay between a caller and a listener, with a TLS session to each."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from net.errors import ProtocolError
from net.protocol.control import Hello, decode_control
from net.protocol.framing import Message, MessageType, encode_message
from tests.support.code_listener import EVIL
from tests.support.deadline import DEADLINE_S
from tests.support.raw_peer import Gone, RawPeer, accept_used, dial

Change: TypeAlias = Callable[["TamperingRelay", bool, Message], bytes | None]
"""Returns the payload to relay for a message, or None; the flag is true if the caller sent it."""


class TamperingRelay:
    """A relay with a TLS session to each end, which changes every message by `change`."""

    def __init__(
        self,
        port: int,
        folder: Path,
        change: Change = lambda between, from_caller, message: message.payload,
    ) -> None:
        self._change = change
        self._listener_port = port
        self._folder = folder
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.hello = b""
        self.answer = b""
        self.to_listener: RawPeer | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def as_own(self, nonce: bytes, label: bytes) -> tuple[bytes, bytes]:
        """Return the relay's certificate and signature, for a proof to the listener."""
        listener = self.to_listener
        assert listener is not None
        signed = listener.signed(self.hello, self.answer, nonce, label)
        return listener.identity.certificate_der, listener.identity.sign(signed)

    def _run(self) -> None:
        sock = accept_used(self._server)
        with (
            RawPeer(sock, self._folder / "between", is_caller=False, answers_pings=False) as caller,
            dial(
                self._listener_port, self._folder / "between", EVIL, answers_pings=False
            ) as listener,
        ):
            self.to_listener = listener
            # One thread for both directions: two on one SSLSocket would corrupt its records.
            with contextlib.suppress(Gone, OSError, ValueError, ProtocolError):
                while True:
                    self._relay_ready(caller, listener)

    def _relay_ready(self, caller: RawPeer, listener: RawPeer) -> None:
        ends = {caller.socket: (caller, listener), listener.socket: (listener, caller)}
        ready = [sock for sock in ends if sock.pending()]
        if not ready:
            ready, _, _ = select.select(list(ends), [], [], DEADLINE_S)
        if not ready:
            raise Gone
        for sock in ready:
            source, sink = ends[sock]
            message: Message | None = source.receive()
            while message is not None:
                self._relay(message, sink, from_caller=source is caller)
                message = source.take_held()

    def _relay(self, message: Message, sink: RawPeer, *, from_caller: bool) -> None:
        if message.type == MessageType.CONTROL and isinstance(
            decode_control(message.payload), Hello
        ):
            if from_caller:
                self.hello = message.payload
            else:
                self.answer = message.payload
        raw = self._change(self, from_caller, message)
        if raw is not None:
            sink.write(encode_message(MessageType(message.type), raw, message.flags))

    def close(self) -> None:
        self._server.close()
        self._thread.join(DEADLINE_S)
