"""The fuzz targets. Each accepts any bytes; an exception that escapes it is a finding.

Received bytes may cause only `ProtocolError`, and `NotTrusted` at a caller with a code. The targets
catch both.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import cast

from call.inbox import ControlCame, Inbox
from call.live.audio_packet_queue import AudioPacketQueue
from call.live.audio_receiver import AudioFormats
from call.live.call_audio import CallAudio
from call.live.call_chat import CallChat
from call.live.call_files import CallFiles
from call.live.call_threads import CallThreads
from call.live.call_video import CallVideo
from call.live.local_video import LocalVideo
from call.live.message_receiver import MessageReceiver
from call.live.video_display import VideoDisplay
from core.mailbox import Mailbox
from core.threads import Threads
from media.frame import Frame
from media.video.camera_spec import CameraSpec, NoCamera
from media.video.capture import Capture
from media.video.display_sizes import DisplaySizes
from media.video.settings import VideoSettings
from net.errors import LinkLost, NotTrusted, ProtocolError
from net.link.advertisement import Advertisement, properties_of, read_advertisement
from net.link.goodput_run import CALLER_LIMIT_US, GoodputRun
from net.link.link import Link
from net.link.outbox import Outbox
from net.link.pending_link import PendingLink
from net.protocol.audio_message import AudioStream
from net.protocol.chat_messages import Chat, ChatReceived
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Control, Pong, decode_control, encode_control
from net.protocol.fragments import MAX_PACKET_BYTES, PacketAssembler
from net.protocol.framing import HEADER, MAX_PAYLOAD_BYTES, Message, MessageParser
from net.protocol.goodput import MAX_TOTAL_BYTES
from net.protocol.goodput_messages import Filler
from net.protocol.handshake import Handshake
from net.protocol.resume import CallIdentity, ResumeRequest
from net.protocol.states import Direction, Role, State, next_state
from net.trust.code_exchange import CodeExchange
from net.trust.identity import Identity, load_or_make_identity
from tests.support.local_ends import local_end

SECRET = b"rabbit-lamp"
CALL = CallIdentity(b"i" * 16, b"s" * 32)
START_US = 1_000_000


def framing(data: bytes) -> None:
    """Parse a stream whole and split; the first byte sets the size of a part."""
    size, stream = 1 + data[0] if data else 1, data[1:]
    parts = (stream[at : at + size] for at in range(0, len(stream), size))
    assert list(_messages(parts)) == list(_messages([stream]))


def _messages(parts: Iterable[bytes]) -> Iterator[bytes]:
    parser = MessageParser()
    try:
        for part in parts:
            parser.feed(part)
            while (message := parser.next_message()) is not None:
                assert len(message.payload) <= MAX_PAYLOAD_BYTES
                yield bytes([message.type, message.flags]) + message.payload
            assert parser.held_bytes < HEADER.size + MAX_PAYLOAD_BYTES
    except ProtocolError:
        yield b"broken"


def control(data: bytes) -> None:
    """Decode a control message; encoded and decoded again, it is the same."""
    message = None
    with suppress(ProtocolError):
        message = decode_control(data)
    if message is not None:
        assert decode_control(encode_control(message)) == message


def call(data: bytes) -> None:
    """Receive the stream of a call, as the receive and the call thread do."""
    end = _CallEnd(data)
    with suppress(ProtocolError, LinkLost):
        end.receiver.run()
    assert end.video.received_bytes <= len(data)


class _CallEnd:
    """One end of a call without threads, socket, devices or decoders.

    Args:
        data: the bytes that its link receives.
    """

    def __init__(self, data: bytes) -> None:
        self._parser = MessageParser()
        self._parser.feed(data)
        self._state = State.CALL
        self._clock = ClockSync()
        self._inbox = Inbox()
        self._now_us = START_US
        stream, sounds, sound_formats = AudioStream(), AudioPacketQueue(), AudioFormats()
        link = cast(
            Link,
            SimpleNamespace(outbox=Outbox(), receive=self._receive, read_round_trip=lambda: None),
        )
        self.video = CallVideo(
            LocalVideo(NoCamera(), Threads(), _no_capture),
            link,
            [],
            self._tick,
            settings=VideoSettings(),
            display=VideoDisplay(DisplaySizes(), lambda: None, self._tick),
            clock=self._clock,
        )
        self._chat = CallChat(lambda control: None, lambda: 0)
        self._files = CallFiles(is_caller=True, folder=Path, peer_name="Peer", now_us=self._tick)
        self._files.move_to(link, lambda now_us: 0)

        def add_packet(payload: bytes, now_us: int) -> None:
            sounds.put(stream.decode(payload), now_us)

        self.receiver = MessageReceiver(
            link,
            Role.CALLER,
            self._tick,
            video=self.video,
            sound=cast(
                CallAudio, SimpleNamespace(add_packet=add_packet, add_format=sound_formats.add)
            ),
            files=self._files,
            post_control=CallThreads(1, Threads(), self._inbox).post_control,
        )

    def _tick(self) -> int:
        self._now_us += 100
        return self._now_us

    def _receive(self, handle: Callable[[Message], None]) -> bool:
        """Handle the next message as `Link.receive` does, and then its events."""
        message = self._parser.next_message()
        if message is None:
            return False
        handle(message)
        self._handle_events()
        return True

    def _handle_events(self) -> None:
        while (event := self._inbox.take(0)) is not None:
            assert isinstance(event, ControlCame)
            self._state = next_state(Role.CALLER, self._state, Direction.IN, event.control)
            if isinstance(event.control, Pong):
                pong = event.control
                self._clock.note_ping(pong.sent_us)
                self._clock.on_pong(pong.sent_us, pong.received_us, pong.replied_us, event.came_us)
            elif isinstance(event.control, Chat):
                self._chat.on_chat(event.control, event.came_us)
            elif isinstance(event.control, ChatReceived):
                self._chat.on_received(event.control)
            elif self._files.on_control(event.control):
                self._files.answer(None, accepts=True)
                self._files.on_tick(event.came_us)


def _no_capture(spec: CameraSpec, frames: Mailbox[Frame], is_on_trial: bool) -> Capture:
    raise AssertionError("there is no camera")


def fragments(data: bytes) -> None:
    """Assemble video fragments, each given as a byte of flags, two of length, and payload."""
    assembler = PacketAssembler()
    try:
        for flags, payload in _cut(data):
            packet = assembler.add(flags, payload)
            assert packet is None or len(packet.payload) <= min(MAX_PACKET_BYTES, len(data))
    except ProtocolError:
        pass


def audio(data: bytes) -> None:
    """Receive audio messages, given in the same form."""
    stream = AudioStream()
    try:
        for _, payload in _cut(data):
            stream.decode(payload)
    except ProtocolError:
        pass


def caller(data: bytes) -> None:
    """Converse as a caller; the first bit decides whether it has a code."""
    has_code = bool(data[:1] and data[0] & 1)
    exchange = CodeExchange(Role.CALLER, SECRET) if has_code else None
    handshake = _handshake(Role.CALLER, exchange)
    handshake.start()
    _converse(handshake, data[1:])
    assert not handshake.is_code_proven


def callee(data: bytes) -> None:
    """Converse as a callee."""
    handshake = _handshake(Role.CALLEE, None)
    _converse(handshake, data)
    assert not handshake.is_code_proven


def resume(data: bytes) -> None:
    """Converse as an end of a call on a new link; the first bit decides which end."""
    _, bob = _identities()
    end: Handshake | ResumeRequest = _handshake(Role.CALLEE, None)
    if data[:1] and data[0] & 1:
        end = ResumeRequest(CALL, 2, channel_binding=b"c" * 48, callee_fingerprint=bob.fingerprint)
        end.start()
    with suppress(ProtocolError, NotTrusted):
        for _, payload in _cut(data[1:]):
            message = decode_control(payload)
            if message is not None:
                end.receive(message, payload)
    assert end.state not in (State.RESUMING, State.CALL)


def measurement(data: bytes) -> None:
    """Measure as either end, where filler passes; the first bit decides which end."""
    is_caller = bool(data[:1] and data[0] & 1)
    end = _MeasuredEnd(Role.CALLER if is_caller else Role.CALLEE)
    run = GoodputRun(cast(PendingLink[Handshake], end), START_US, limit_us=CALLER_LIMIT_US)
    now_us = START_US
    with suppress(ProtocolError):
        for flags, payload in _cut(data[1:]):
            now_us += flags * 10_000
            message = decode_control(payload)
            if message is not None:
                end.received_bytes += len(payload)
                end.handshake.receive(message, payload)
                run.on_received(now_us)
            run.fill(now_us)
    assert end.sent_bytes <= MAX_TOTAL_BYTES
    assert run.received.received_bytes <= end.received_bytes
    assert end.handshake.state not in (State.RINGING, State.CALL)


class _MeasuredEnd:
    """An end of a pending link whose handshake has come to filler, without socket and TLS."""

    def __init__(self, role: Role) -> None:
        self.outgoing = b""
        self.sent_bytes = 0
        self.received_bytes = 0
        self.handshake = _handshake(role, None)
        is_caller = role is Role.CALLER
        self.handshake.state = State.SENDS_FILLER if is_caller else State.RECEIVES_FILLER

    @property
    def state(self) -> State:
        return self.handshake.state

    def send(self, message: Control) -> None:
        self.handshake.send(message)
        if isinstance(message, Filler):
            self.sent_bytes += len(message.padding)


def _converse(handshake: Handshake, data: bytes) -> None:
    with suppress(ProtocolError, NotTrusted):
        for _, payload in _cut(data):
            message = decode_control(payload)
            if message is None:
                continue
            handshake.receive(message, payload)
            if handshake.state is State.OWES_ANSWER:
                handshake.answer_code(CodeExchange(Role.CALLEE, SECRET))


@cache
def _identities() -> tuple[Identity, Identity]:
    folder = Path(mkdtemp(prefix="vav-fuzz-"))
    return load_or_make_identity(folder / "caller"), load_or_make_identity(folder / "callee")


def _handshake(role: Role, exchange: CodeExchange | None) -> Handshake:
    caller, callee = _identities()
    return Handshake(
        role,
        local_end(caller if role is Role.CALLER else callee, "Fuzz"),
        nonce=role.value.encode().ljust(32, b"."),
        callee_fingerprint=callee.fingerprint,
        exchange=exchange,
        find_call=lambda call_id: CALL if call_id == CALL.call_id else None,
        channel_binding=b"c" * 48,
    )


def advertisement(data: bytes) -> None:
    """Read a TXT record, given in the same form; the flags select the entry."""
    names = (b"n", b"nonce", b"tags", b"name")
    properties: dict[bytes, bytes | None] = {
        names[flags % 4]: payload for flags, payload in _cut(data)
    }
    found = read_advertisement(properties, ["10.0.0.1"], 5000)
    assert found is not None
    again = read_advertisement(dict(properties_of(found)), ["10.0.0.1"], 5000)
    assert isinstance(again, Advertisement)
    assert again.number == found.number


def _cut(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 3 <= len(data):
        flags, size = data[at], int.from_bytes(data[at + 1 : at + 3], "big")
        yield flags, data[at + 3 : at + 3 + size]
        at += 3 + size


def cut_for(*parts: tuple[int, bytes]) -> bytes:
    """Return the bytes that `_cut` splits into these parts."""
    return b"".join(bytes([flags]) + len(part).to_bytes(2, "big") + part for flags, part in parts)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        framing,
        control,
        call,
        fragments,
        audio,
        caller,
        callee,
        resume,
        measurement,
        advertisement,
    )
}
