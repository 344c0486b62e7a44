"""A listener's answer to callers that break the protocol or send garbage in a call."""

import random
import struct

import pytest

from media.packet import VideoPacket
from net.protocol.control import (
    PROTOCOL_VERSION,
    Bye,
    Feedback,
    Hello,
    KeyframeRequest,
    PictureState,
    Ping,
    Pong,
    Ringing,
    VideoFormat,
    encode_control,
)
from net.protocol.fragments import FIRST, LAST, OPENING, split_packet
from net.protocol.framing import HEADER, MessageType, encode_message
from tests.support.peer_process import StartPeer, read_statistics
from tests.support.raw_peer import CAN_DECODE, RawPeer
from tests.support.shared_listener import RawBody, SharedListener

SEED = 7


def _fragments(payload: bytes, *, sequence: int = 0, fragment_bytes: int = 1200) -> list[bytes]:
    return list(split_packet(VideoPacket(sequence, 0, True, payload), fragment_bytes))


def _fragment(flags: int, payload: bytes) -> bytes:
    return encode_message(MessageType.VIDEO, payload, flags)


def _send_format(raw: RawPeer, codec: str = "h264") -> None:
    raw.send(VideoFormat(codec, 320, 180, 0))


def _skip_first_fragment(raw: RawPeer) -> None:
    _send_format(raw)
    raw.write(*_fragments(bytes(5000))[1:])


def _interleave(raw: RawPeer) -> None:
    _send_format(raw)
    first, second = _fragments(bytes(5000)), _fragments(bytes(5000), sequence=1)
    raw.write(first[0], second[0])


def _repeat_sequence(raw: RawPeer) -> None:
    _send_format(raw)
    raw.write(*_fragments(bytes(100)), *_fragments(bytes(100)))


def _longer_than_announced(raw: RawPeer) -> None:
    raw.write(_fragment(FIRST, OPENING.pack(0, 0, 100) + bytes(200)))


def _shorter_than_announced(raw: RawPeer) -> None:
    raw.write(_fragment(FIRST | LAST, OPENING.pack(0, 0, 100) + bytes(50)))


def _announce_too_much(raw: RawPeer) -> None:
    raw.write(_fragment(FIRST, OPENING.pack(0, 0, 4 * 1024 * 1024 + 1) + bytes(50)))


def _end_within_a_message(raw: RawPeer) -> None:
    raw.write(HEADER.pack(MessageType.VIDEO, FIRST | LAST, 900) + b"x")
    raw.break_off()


def _flood_of_states(raw: RawPeer) -> None:
    message = encode_message(MessageType.CONTROL, encode_control(PictureState("hidden")))
    for _ in range(2000):  # The listener hangs up long before.
        raw.write(message * 500)


IN_CALL: dict[str, tuple[RawBody, str]] = {
    "malformed control": (
        lambda raw: raw.send_control(b"\x81\xa4type\xa4ping"),
        "protocol_error",
    ),
    "too long a message": (
        lambda raw: raw.write(HEADER.pack(MessageType.VIDEO, 3, 65_535) + bytes(64)),
        "protocol_error",
    ),
    "the end within a message": (_end_within_a_message, "link_lost"),
    "control out of turn": (lambda raw: raw.send(Ringing()), "protocol_error"),
    "a second hello": (
        lambda raw: raw.send(Hello(PROTOCOL_VERSION, "Raw", bytes(32), CAN_DECODE)),
        "protocol_error",
    ),
    "a fragment without its first": (_skip_first_fragment, "protocol_error"),
    "fragments of two packets": (_interleave, "protocol_error"),
    "a packet twice": (_repeat_sequence, "protocol_error"),
    "fragments longer than announced": (_longer_than_announced, "protocol_error"),
    "fragments shorter than announced": (_shorter_than_announced, "protocol_error"),
    "an empty packet": (
        lambda raw: raw.write(_fragment(FIRST | LAST, OPENING.pack(0, 0, 0))),
        "protocol_error",
    ),
    "more than 4 MiB announced": (_announce_too_much, "protocol_error"),
    "a first fragment cut short": (
        lambda raw: raw.write(_fragment(FIRST, b"abc")),
        "protocol_error",
    ),
    "a picture without a format": (
        lambda raw: raw.write(*_fragments(bytes(100))),
        "protocol_error",
    ),
    "an unknown codec": (
        lambda raw: raw.send(VideoFormat("vp9", 320, 180, 0)),
        "protocol_error",
    ),
    "too large a format": (
        lambda raw: raw.send(VideoFormat("h264", 8192, 8192, 0)),
        "protocol_error",
    ),
    "feedback of what was never sent": (
        lambda raw: raw.send(Feedback(10**12, 10**6, 10**6, 0)),
        "protocol_error",
    ),
    "a flood that no listener can handle": (_flood_of_states, "protocol_error"),
}


@pytest.mark.parametrize(("body", "reason"), IN_CALL.values(), ids=IN_CALL)
def test_caller_that_breaks_the_protocol_in_a_call_ends_it(
    body: RawBody, reason: str, shared_listener: SharedListener
) -> None:
    count = len(shared_listener.peer.find_events("ended", reason=reason))
    with shared_listener.call() as raw:
        try:
            body(raw)
            raw.await_end()
        except OSError:
            pass  # The call ended while it still sent.
    shared_listener.peer.wait_event("ended", reason=reason, times=count + 1)
    shared_listener.check_unharmed()


def _jpeg_bomb() -> bytes:
    """Return the header of a JPEG of 65,500 x 65,500, without any picture data."""
    size = struct.pack(">BHHB", 8, 65_500, 65_500, 3) + bytes([1, 17, 0, 2, 17, 1, 3, 17, 1])
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(size) + 2) + size + b"\xff\xd9"


def _h264_bomb() -> bytes:
    """Return an H.264 sequence header for 8160 x 8160, and a slice of noise."""
    bits = "".join(f"{value:08b}" for value in (66, 0, 62))

    def golomb(value: int) -> str:
        text = f"{value + 1:b}"
        return "0" * (len(text) - 1) + text

    for value in (0, 0, 2, 16):
        bits += golomb(value)
    bits += "0" + golomb(509) + golomb(509) + "1100" + "1"
    bits += "0" * (-len(bits) % 8)
    header = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return b"\0\0\0\1\x67" + header + b"\0\0\0\1\x65" + random.Random(SEED).randbytes(2000)


SURVIVED: dict[str, tuple[str, bytes]] = {
    "noise for H.264": ("h264", random.Random(SEED).randbytes(60_000)),
    "a larger H.264 picture than announced": ("h264", _h264_bomb()),
    "noise for a JPEG": ("mjpeg", b"\xff\xd8" + random.Random(SEED).randbytes(60_000)),
    "a JPEG of 65,500 x 65,500": ("mjpeg", _jpeg_bomb()),
    "as much as a packet may hold": ("h264", bytes(4 * 1024 * 1024)),
}


@pytest.mark.parametrize(("codec", "payload"), SURVIVED.values(), ids=SURVIVED)
def test_undecodable_pictures_are_skipped_and_a_keyframe_is_requested(
    codec: str, payload: bytes, shared_listener: SharedListener
) -> None:
    with shared_listener.call() as raw:
        _send_format(raw, codec)
        for sequence in range(5):
            raw.write(*_fragments(payload, sequence=sequence, fragment_bytes=16_000))
        raw.await_control(KeyframeRequest)
        raw.await_control(Feedback, lambda feedback: feedback.decoded == 5)
        raw.hang_up()
    shared_listener.peer.wait_event("ended", reason="remote_hung_up")
    assert read_statistics(shared_listener.statistics)[-1]["video_in_width"] == 320
    shared_listener.check_unharmed()


def test_flood_that_the_listener_can_handle_does_no_harm(shared_listener: SharedListener) -> None:
    with shared_listener.call() as raw:
        for kind in (Ping(3), KeyframeRequest(), Feedback(0, 0, 0, 0)):
            message = encode_message(MessageType.CONTROL, encode_control(kind))
            for _ in range(40):
                raw.write(message * 250)
        raw.send(Ping(4))
        raw.await_control(Pong, lambda pong: pong.sent_us == 4)
        raw.hang_up()
    shared_listener.check_unharmed()


def test_caller_that_reads_nothing_is_hung_up_on_and_costs_no_memory(
    shared_listener: SharedListener,
) -> None:
    with shared_listener.call():
        before = len(shared_listener.peer.find_events("ended", reason="link_lost"))
        shared_listener.peer.wait_event("ended", reason="link_lost", times=before + 1)
    shared_listener.check_unharmed()


def test_real_caller_is_served_after_all_hostile_ones(
    shared_listener: SharedListener, start: StartPeer
) -> None:
    caller = start("connect", f"127.0.0.1:{shared_listener.peer.port}", "--duration=1", "--stats=-")
    assert caller.wait() == 0
    assert read_statistics(caller.out)[-1]["video_in_width"] == 320
    shared_listener.wait_waiting()  # The caller may have ended a moment before.
    with shared_listener.call() as raw:
        raw.send(Bye("so long"))
        raw.await_control(Bye)
        raw.await_end()
    assert "so long" in shared_listener.peer.find_events("ended")[-1]["sentence"]
