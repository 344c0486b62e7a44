"""What a fuzzer throws bytes at. Each target takes anything, and lets nothing out but faults.

Only `ProtocolError`, and `NotTrusted` of a caller with a code, may come of what others send; both
are caught here. All else is a finding.
"""

from collections.abc import Callable, Iterator
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
from call.live.feedback_sender import FeedbackSender
from call.live.message_receiver import MessageReceiver
from call.live.send_budget import SendBudget
from call.live.video_packet_queue import VideoPacketQueue
from call.live.video_receiver import VideoFormats, VideoReceiveCounters
from net.errors import LinkLost, NotTrusted, ProtocolError
from net.link.discovery import Advertisement, properties_of, read_advertisement
from net.link.link import Link
from net.link.outbox import Outbox
from net.protocol.audio_message import AudioStream
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Pong, decode_control, encode_control
from net.protocol.fragments import MAX_PACKET_BYTES, PacketAssembler
from net.protocol.framing import HEADER, MAX_PAYLOAD_BYTES, MessageParser
from net.protocol.handshake import Handshake
from net.protocol.states import Direction, Role, State, next_state
from net.trust.code_exchange import CodeExchange
from net.trust.identity import Identity, load_or_make, verify

SECRET = b"rabbit-lamp"
START_US = 1_000_000


def framing(data: bytes) -> None:
    """The first byte says how the rest is cut; the messages are the same, however that is."""
    size, stream = 1 + data[0] if data else 1, data[1:]
    whole, pieces = list(_messages([stream])), []
    for message in _messages(stream[at : at + size] for at in range(0, len(stream), size)):
        pieces.append(message)
    assert pieces == whole


def _messages(parts: object) -> Iterator[bytes]:
    parser = MessageParser()
    try:
        for part in cast("list[bytes]", parts):
            parser.feed(part)
            while (message := parser.next_message()) is not None:
                assert len(message.payload) <= MAX_PAYLOAD_BYTES
                yield bytes([message.type, message.flags]) + message.payload
            assert parser.held_bytes < HEADER.size + MAX_PAYLOAD_BYTES
    except ProtocolError:
        yield b"broken"


def control(data: bytes) -> None:
    """What is a message is the same message when it is said again."""
    message = None
    with suppress(ProtocolError):
        message = decode_control(data)
    if message is not None:
        assert decode_control(encode_control(message)) == message


def call(data: bytes) -> None:
    """A stream of a call, as the receive and the call thread take it."""
    end = _CallEnd()
    try:
        end.parser.feed(data)
        while (message := end.parser.next_message()) is not None:
            end.receiving._take(message)
            end.take_events()
    except (ProtocolError, LinkLost):
        pass
    assert end.assembler.received_bytes <= len(data)


class _CallEnd:
    """One end of a call without threads, socket, devices and decoders."""

    def __init__(self) -> None:
        self.parser = MessageParser()
        self.assembler = PacketAssembler()
        self.state = State.CALL
        self.clock = ClockSync()
        self.inbox = Inbox()
        self._now_us = START_US
        gate, outbox, stream = SendBudget(2_500_000), Outbox(), AudioStream()
        packets, sounds, sound_formats = VideoPacketQueue(), AudioPacketQueue(), AudioFormats()

        def take_packet(payload: bytes, now_us: int) -> None:
            sounds.put(stream.take(payload), now_us)

        self.receiving = MessageReceiver(
            1,
            cast(Link, SimpleNamespace(outbox=outbox)),
            Role.CALLER,
            self._tick,
            assembler=self.assembler,
            packets=packets,
            formats=VideoFormats(),
            gate=gate,
            feedback=FeedbackSender(outbox, gate, self.assembler, VideoReceiveCounters()),
            sound=cast(
                CallAudio, SimpleNamespace(take_packet=take_packet, take_format=sound_formats.add)
            ),
            inbox=self.inbox,
        )

    def _tick(self) -> int:
        self._now_us += 100
        return self._now_us

    def take_events(self) -> None:
        while (event := self.inbox.take(0)) is not None:
            assert isinstance(event, ControlCame)
            self.state = next_state(Role.CALLER, self.state, Direction.IN, event.control)
            if isinstance(event.control, Pong):
                pong = event.control
                self.clock.note_ping(pong.sent_us)
                self.clock.take_pong(pong.sent_us, pong.received_us, pong.replied_us, event.came_us)


def pieces(data: bytes) -> None:
    """Pieces of pictures: a byte of flags, two of length, and so on."""
    assembler = PacketAssembler()
    try:
        for flags, payload in _cut(data):
            packet = assembler.add(flags, payload)
            assert packet is None or len(packet.payload) <= min(MAX_PACKET_BYTES, len(data))
    except ProtocolError:
        pass


def sound(data: bytes) -> None:
    """Packets of sound, cut in the same way."""
    stream = AudioStream()
    try:
        for _, payload in _cut(data):
            stream.take(payload)
    except ProtocolError:
        pass


def caller(data: bytes) -> None:
    """What a callee says to a caller; the first bit says whether that has a code."""
    has_code = bool(data[:1] and data[0] & 1)
    exchange = CodeExchange(Role.CALLER, SECRET) if has_code else None
    handshake = _handshake(Role.CALLER, exchange)
    handshake.start()
    _converse(handshake, data[1:])
    assert not handshake.is_code_proven


def callee(data: bytes) -> None:
    """What a caller says to a callee."""
    handshake = _handshake(Role.CALLEE, None)
    _converse(handshake, data)
    assert not handshake.is_code_proven


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
    return load_or_make(folder / "caller"), load_or_make(folder / "callee")


def _handshake(role: Role, exchange: CodeExchange | None) -> Handshake:
    caller, callee = _identities()
    return Handshake(
        role,
        caller if role is Role.CALLER else callee,
        verify=verify,
        name="Fuzz",
        can_decode=[],
        can_hear=[],
        nonce=role.value.encode().ljust(32, b"."),
        callee_fingerprint=callee.fingerprint,
        exchange=exchange,
    )


def advertisement(data: bytes) -> None:
    """A TXT record, cut in the same way; the flags say which entry it is."""
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
    """Return what `_cut` cuts into these."""
    return b"".join(bytes([flags]) + len(part).to_bytes(2, "big") + part for flags, part in parts)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (framing, control, call, pieces, sound, caller, callee, advertisement)
}
