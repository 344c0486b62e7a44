"""An end of a call that the test plays: it may send anything, in any order."""

import contextlib
import hashlib
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from net.link.tls import client_context, server_context
from net.protocol.control import (
    PROTOCOL_VERSION,
    Accept,
    Bye,
    CodeAnswer,
    CodeConfirm,
    CodeProof,
    Control,
    Decodable,
    Hello,
    Ping,
    Pong,
    Proof,
    Reject,
    Resume,
    ResumeAnswer,
    ResumeShare,
    Ringing,
    decode_control,
    encode_control,
)
from net.protocol.framing import Message, MessageParser, MessageType, encode_message
from net.protocol.goodput_messages import GoodputProof, GoodputReady
from net.protocol.resume import CallIdentity, derive_identity, resume_mac
from net.protocol.states import Role
from net.protocol.transcript import (
    CODE_LABEL,
    GOODPUT_LABEL,
    LABEL,
    WORDS_LABEL,
    commitment,
    confirmation,
    transcript,
)
from net.trust.code_exchange import CodeExchange
from net.trust.identity import load_or_make_identity
from tests.support.deadline import DEADLINE_S

CAN_DECODE = [Decodable("h264", 1920, 1080), Decodable("mjpeg", 1920, 1080)]

C = TypeVar("C", bound=Control)


class Gone(Exception):
    """The other side has closed the link."""


class RawPeer:
    """Either end of one link, up to any step of its handshake.

    Args:
        sock: connected.
        folder: holds its identity.
    """

    def __init__(
        self, sock: socket.socket, folder: Path, *, is_caller: bool, answers_pings: bool = True
    ) -> None:
        sock.settimeout(DEADLINE_S)
        self.identity = load_or_make_identity(folder)
        self.messages: list[Message] = []
        """All messages received, in order."""
        self._parser = MessageParser()
        self._session_digest = b""
        self._is_caller = is_caller
        self._answers_pings = answers_pings
        context = client_context() if is_caller else server_context(self.identity)
        self.socket = context.wrap_socket(sock, server_side=not is_caller)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.socket.close()

    # Sending.

    def send(self, control: Control) -> None:
        """Send a control message."""
        self.send_control(encode_control(control))

    def send_control(self, payload: bytes) -> None:
        """Send any payload as a control message."""
        self.write(encode_message(MessageType.CONTROL, payload))

    def write(self, *messages: bytes) -> None:
        """Send bytes, each message in a TLS record."""
        for message in messages:
            self.socket.sendall(message)

    def break_off(self) -> None:
        """Shut down the socket without a bye and without a TLS close."""
        # SSLSocket.shutdown would leave TLS, and what has arrived would be read encrypted.
        socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    # Receiving.

    def receive(self) -> Message:
        """Return the next message, and answer a ping.

        Raises:
            Gone: the link has ended.
        """
        while (message := self._parser.next_message()) is None:
            try:
                data = self.socket.recv(65_536)
            except (ssl.SSLError, ConnectionError) as error:
                raise Gone from error
            if not data:
                raise Gone
            self._parser.feed(data)
        self.messages.append(message)
        if message.type == MessageType.CONTROL and self._answers_pings:
            control = decode_control(message.payload)
            if isinstance(control, Ping):
                now_us = time.perf_counter_ns() // 1000
                # If the link has ended meanwhile, the next read reports it.
                with contextlib.suppress(ssl.SSLError, ConnectionError):
                    self.send(Pong(control.sent_us, now_us, now_us))
        return message

    def take_held(self) -> Message | None:
        """Return the next message that was received together with the last one, or None."""
        return self._parser.next_message()

    def await_control(self, kind: type[C], holds: Callable[[C], bool] = lambda _: True) -> C:
        """Return the next control message of a kind.

        Raises:
            Gone: none came.
        """
        return self.await_raw(kind, holds)[0]

    def await_raw(
        self, kind: type[C], holds: Callable[[C], bool] = lambda _: True
    ) -> tuple[C, bytes]:
        """Return the next control message of a kind, and its bytes."""
        while True:
            message = self.receive()
            if message.type == MessageType.CONTROL:
                control = decode_control(message.payload)
                if isinstance(control, kind) and holds(control):
                    return control, message.payload

    def await_end(self) -> None:
        """Read until the other side closes the link."""
        try:
            while True:
                self.receive()
        except Gone:
            return

    # The steps of a call.

    def ring(self, name: str = "Raw", can_hear: Sequence[str] = ()) -> None:
        """Continue, as a caller, until the call rings."""
        nonce = secrets.token_bytes(32)
        hello = encode_control(
            Hello(PROTOCOL_VERSION, name, commitment(nonce), CAN_DECODE, list(can_hear))
        )
        self.send_control(hello)
        _, answer = self.await_raw(Hello)
        signature = self.identity.sign(self.signed(hello, answer, nonce, LABEL))
        digested = self.signed(hello, answer, nonce, WORDS_LABEL)
        self._session_digest = hashlib.sha256(digested).digest()
        self.send(Proof(nonce, self.identity.certificate_der, signature))
        self.await_control(Ringing)

    def ask_to_measure(self) -> GoodputReady | Reject:
        """Continue, as a caller, until the listener takes or refuses filler."""
        nonce = secrets.token_bytes(32)
        hello = encode_control(
            Hello(PROTOCOL_VERSION, "", commitment(nonce), measures_goodput=True)
        )
        self.send_control(hello)
        _, answer = self.await_raw(Hello)
        signature = self.identity.sign(self.signed(hello, answer, nonce, GOODPUT_LABEL))
        self.send(GoodputProof(nonce, self.identity.certificate_der, signature))
        came = self.await_either(GoodputReady, Reject)
        assert isinstance(came, GoodputReady | Reject)
        return came

    def claim(
        self, secret: bytes, name: str = "Raw"
    ) -> tuple[CodeExchange, CodeProof, bytes, bytes]:
        """Continue, as a caller, to the proof of a code; return exchange, proof and both hellos."""
        nonce = secrets.token_bytes(32)
        hello = encode_control(Hello(PROTOCOL_VERSION, name, commitment(nonce), CAN_DECODE))
        self.send_control(hello)
        _, answer = self.await_raw(Hello)
        exchange = CodeExchange(Role.CALLER, secret)
        signature = self.identity.sign(self.signed(hello, answer, nonce))
        proof = CodeProof(nonce, self.identity.certificate_der, signature, exchange.message)
        self.send(proof)
        return exchange, proof, hello, answer

    def signed(self, hello: bytes, answer: bytes, nonce: bytes, label: bytes = CODE_LABEL) -> bytes:
        """Return the transcript that our proof signs on this link."""
        certificate = self.socket.getpeercert(binary_form=True)
        assert certificate is not None
        callee = hashlib.sha256(certificate).digest()
        own = self.identity.fingerprint
        return transcript(hello, answer, nonce, own, callee, label=label)

    def guess(self, secret: bytes, name: str = "Raw") -> str:
        """Claim a code, complete the exchange, and return the reason of the rejection."""
        exchange, proof, hello, answer = self.claim(secret, name)
        came = self.await_either(CodeAnswer, Reject)
        if isinstance(came, CodeAnswer):
            key = exchange.finish(came.exchange)
            signed = self.signed(hello, answer, proof.nonce)
            mac = confirmation(key, Role.CALLER, signed, proof.exchange, came.exchange)
            self.send(CodeConfirm(mac))
            came = self.await_either(CodeConfirm, Reject)
        return came.reason if isinstance(came, Reject) else ""

    def await_either(self, *kinds: type[Control]) -> Control:
        """Return the next control message that is of one of the kinds."""
        while True:
            message = self.receive()
            if message.type == MessageType.CONTROL:
                control = decode_control(message.payload)
                if isinstance(control, kinds):
                    return control

    def call(self, name: str = "Raw", can_hear: Sequence[str] = ()) -> None:
        """Continue, as a caller, until the call is accepted."""
        self.ring(name, can_hear)
        self.await_control(Accept)

    def agree_identity(self) -> CallIdentity:
        """Exchange shares, as the caller of a call, and return the call's identity."""
        share = secrets.token_bytes(32)
        self.send(ResumeShare(share))
        theirs = self.await_control(ResumeShare)
        return derive_identity(share, theirs.share, self._session_digest)

    def resume_mac(self, identity: CallIdentity, role: Role, generation: int) -> bytes:
        """Return the MAC with which a role proves on this link that it knows a call's secret."""
        callee = self.identity.fingerprint
        if self._is_caller:
            certificate = self.socket.getpeercert(binary_form=True)
            assert certificate is not None
            callee = hashlib.sha256(certificate).digest()
        binding = self.socket.get_channel_binding("tls-unique")
        assert binding is not None
        return resume_mac(
            identity, role, generation, channel_binding=binding, callee_fingerprint=callee
        )

    def resume_request(self, identity: CallIdentity, generation: int = 2) -> Resume:
        """Return the request to continue a call on this link."""
        mac = self.resume_mac(identity, Role.CALLER, generation)
        return Resume(identity.call_id, generation, mac)

    def resume(self, request: Resume) -> str:
        """Ask to continue a call on this link; return the reason of the rejection, or ""."""
        self.send(request)
        came = self.await_either(ResumeAnswer, Reject)
        if isinstance(came, ResumeAnswer):
            came = self.await_either(Accept, Reject)
        return came.reason if isinstance(came, Reject) else ""

    def take_ring(self, name: str = "Raw") -> None:
        """Continue, as a callee, until the call rings."""
        self.await_control(Hello)
        self.send(Hello(PROTOCOL_VERSION, name, secrets.token_bytes(32), CAN_DECODE))
        self.await_control(Proof)
        self.send(Ringing())

    def take_call(self, name: str = "Raw") -> None:
        """Continue, as a callee, until the call is accepted."""
        self.take_ring(name)
        self.send(Accept())

    def hang_up(self) -> None:
        """Send a bye and wait for the answer."""
        self.send(Bye())
        self.await_control(Bye)
        self.await_end()


def dial(
    port: int, folder: Path, source: str = "127.0.0.1", *, answers_pings: bool = True
) -> RawPeer:
    """Return a caller's link to a listener of this machine, after TLS."""
    load_or_make_identity(folder)  # Before it connects: a listener waits 5 s for the handshake.
    sock = socket.create_connection(("127.0.0.1", port), DEADLINE_S, (source, 0))
    return RawPeer(sock, folder, is_caller=True, answers_pings=answers_pings)


def accept_used(server: socket.socket) -> socket.socket:
    """Return the next connection on which something arrives, and close those before it.

    A caller whose start takes long closes its first connection unused and connects again.
    """
    while True:
        sock, _ = server.accept()
        sock.settimeout(DEADLINE_S)
        if sock.recv(1, socket.MSG_PEEK):
            return sock
        sock.close()
