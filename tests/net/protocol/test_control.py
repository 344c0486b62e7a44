"""Claims about net/protocol/control.py. One table drives encoding and decoding."""

import random
import struct
import tracemalloc
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from net.errors import ProtocolError
from net.protocol.control import (
    Accept,
    AudioFormat,
    Bye,
    CodeAnswer,
    CodeConfirm,
    CodeProof,
    CompareWords,
    Control,
    Decodable,
    Discovery,
    Feedback,
    Hello,
    KeyframeRequest,
    PictureState,
    Ping,
    Pong,
    Proof,
    Reject,
    Ringing,
    SoundState,
    VideoFormat,
    decode_control,
    encode_control,
)
from net.protocol.framing import MAX_PAYLOAD_BYTES

NONCE = bytes(range(32))
HALF = b"A" + NONCE
LARGEST = 2**63 - 1

# msgpack: 8x opens a map of x, ax a text of x bytes, 9x an array of x, c4 bytes; cd ce cf numbers.
TABLE: tuple[tuple[Control, bytes], ...] = (
    (
        Hello(1, "Ada", NONCE, [Decodable("h264", 1920, 1080)], ["opus", "pcm"]),
        b"\x86\xa4type\xa5hello\xa7version\x01\xa4name\xa3Ada\xa5nonce\xc4\x20"
        + NONCE
        + b"\xaacan_decode\x91\x83\xa5codec\xa4h264"
        + b"\xa8width_px\xcd\x07\x80\xa9height_px\xcd\x04\x38"
        + b"\xa8can_hear\x92\xa4opus\xa3pcm",
    ),
    (
        Hello(300, "Zoë", NONCE),
        b"\x86\xa4type\xa5hello\xa7version\xcd\x01\x2c\xa4name\xa4Zo\xc3\xab\xa5nonce\xc4\x20"
        + NONCE
        + b"\xaacan_decode\x90\xa8can_hear\x90",
    ),
    (
        Proof(NONCE, b"certificate", b"signed"),
        b"\x84\xa4type\xa5proof\xa5nonce\xc4\x20"
        + NONCE
        + b"\xabcertificate\xc4\x0bcertificate\xa9signature\xc4\x06signed",
    ),
    (
        CodeProof(NONCE, b"certificate", b"signed", HALF),
        b"\x85\xa4type\xaacode_proof\xa5nonce\xc4\x20"
        + NONCE
        + b"\xabcertificate\xc4\x0bcertificate\xa9signature\xc4\x06signed"
        + b"\xa8exchange\xc4\x21"
        + HALF,
    ),
    (CodeAnswer(HALF), b"\x82\xa4type\xabcode_answer\xa8exchange\xc4\x21" + HALF),
    (CodeConfirm(NONCE), b"\x82\xa4type\xaccode_confirm\xa3mac\xc4\x20" + NONCE),
    (Ringing(), b"\x81\xa4type\xa7ringing"),
    (Ringing("Bob"), b"\x82\xa4type\xa7ringing\xa4name\xa3Bob"),
    (Accept(), b"\x81\xa4type\xa6accept"),
    (Reject("busy"), b"\x82\xa4type\xa6reject\xa6reason\xa4busy"),
    (
        Reject("too many", 300),
        b"\x83\xa4type\xa6reject\xa6reason\xa8too many\xa6wait_s\xcd\x01\x2c",
    ),
    (Bye(), b"\x82\xa4type\xa3bye\xa6reason\xa0"),
    (Bye("hung up"), b"\x82\xa4type\xa3bye\xa6reason\xa7hung up"),
    (Ping(5), b"\x82\xa4type\xa4ping\xa7sent_us\x05"),
    (Ping(LARGEST), b"\x82\xa4type\xa4ping\xa7sent_us\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"),
    (
        Pong(1, 65_536, 2**32),
        b"\x84\xa4type\xa4pong\xa7sent_us\x01\xabreceived_us\xce\x00\x01\x00\x00"
        b"\xaareplied_us\xcf\x00\x00\x00\x01\x00\x00\x00\x00",
    ),
    (
        Feedback(70_000, 12, 11, 900),
        b"\x85\xa4type\xa8feedback\xabvideo_bytes\xce\x00\x01\x11\x70\xadvideo_packets\x0c"
        b"\xa7decoded\x0b\xaaarrived_us\xcd\x03\x84",
    ),
    (KeyframeRequest(), b"\x81\xa4type\xb0keyframe_request"),
    (
        VideoFormat("mjpeg", 640, 480, 2**32 - 1),
        b"\x85\xa4type\xacvideo_format\xa5codec\xa5mjpeg\xa8width_px\xcd\x02\x80"
        b"\xa9height_px\xcd\x01\xe0\xadfrom_sequence\xce\xff\xff\xff\xff",
    ),
    (PictureState("hidden"), b"\x82\xa4type\xadpicture_state\xa5state\xa6hidden"),
    (
        AudioFormat("opus", 300),
        b"\x83\xa4type\xacaudio_format\xa5codec\xa4opus\xadfrom_sequence\xcd\x01\x2c",
    ),
    (
        Discovery(NONCE, 5000),
        b"\x83\xa4type\xa9discovery\xa6secret\xc4\x20" + NONCE + b"\xa4port\xcd\x13\x88",
    ),
    (SoundState("muted"), b"\x82\xa4type\xabsound_state\xa5state\xa5muted"),
    (CompareWords(), b"\x81\xa4type\xadcompare_words"),
)
KINDS: dict[str, type[Control]] = {
    str(type(control).__struct_config__.tag): type(control) for control, _ in TABLE
}


def packed(fields: dict[str, Any]) -> bytes:
    return msgspec.msgpack.encode(fields)


def check_any_bytes(payload: bytes) -> Control | None:
    """Decode any bytes: return a message, None, or an error fit to be shown to a person."""
    sentence = ""
    control = None
    try:
        control = decode_control(payload)
    except ProtocolError as error:
        sentence = error.sentence
    assert len(sentence) <= 200
    assert sentence.isprintable()
    return control


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_message_encodes_to_these_bytes(control: Control, payload: bytes) -> None:
    assert encode_control(control) == payload


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_these_bytes_decode_to_the_message(control: Control, payload: bytes) -> None:
    assert decode_control(payload) == control


def test_table_holds_every_kind_of_message() -> None:
    assert set(KINDS.values()) == set(get_args(Control))


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_truncated_message_is_a_protocol_error(control: Control, payload: bytes) -> None:
    for length in range(len(payload)):
        with pytest.raises(ProtocolError):
            decode_control(payload[:length])


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_trailing_bytes_are_a_protocol_error(control: Control, payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_control(payload + b"\x00")


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_unknown_fields_are_ignored(control: Control, payload: bytes) -> None:
    fields = msgspec.msgpack.decode(payload)
    for later in (
        None,
        1,
        -1.5,
        "text",
        b"bytes",
        [1, [2]],
        {"a": {"b": [3]}},
        msgspec.Raw(b"\xc0"),
    ):
        assert decode_control(packed({**fields, "later": later})) == control
        assert decode_control(packed({"later": later, **fields})) == control
    # An extension, a time and an invalid text, all in fields that nobody reads.
    for raw in (b"\xc7\x03\x05abc", b"\xd6\xff\x00\x00\x00\x00", b"\xa2\xff\xfe"):
        assert decode_control(packed({**fields, "later": msgspec.Raw(raw)})) == control


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_tag_may_be_the_last_field(control: Control, payload: bytes) -> None:
    fields = msgspec.msgpack.decode(payload)
    tag = fields.pop("type")
    assert decode_control(packed({**fields, "type": tag})) == control


@pytest.mark.parametrize("tag", ["", "x", "hello2", "Hello", "resume", "a" * 300, "bye\x00", "✆"])
def test_unknown_tag_decodes_to_none(tag: str) -> None:
    assert decode_control(packed({"type": tag})) is None
    assert decode_control(packed({"type": tag, "reason": 5, "x": [b"", {"y": 1.5}]})) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x80",
        b"\xc0",
        b"\xc1",
        b"\x01",
        b"\xa3bye",
        b"\x91\xa3bye",
        b"\xc4\x03bye",
        packed({"reason": "no tag"}),
        packed({"type": None}),
        packed({"type": 1}),
        packed({"type": ["bye"]}),
        packed({"type": b"bye"}),
        packed({"Type": "bye"}),
        b"\x81\x01\x02",
        b"\x81\x91\x01\x02",
        b"\x81\xa4type\xa2\xff\xfe",
        b"\x81\xa4type\xc1",
    ],
)
def test_payload_without_a_tagged_map_is_a_protocol_error(payload: bytes) -> None:
    with pytest.raises(ProtocolError, match="malformed control message"):
        decode_control(payload)


NEEDED: dict[str, set[str]] = {
    "hello": {"version", "name", "nonce"},
    "proof": {"nonce", "certificate", "signature"},
    "code_proof": {"nonce", "certificate", "signature", "exchange"},
    "code_answer": {"exchange"},
    "code_confirm": {"mac"},
    "reject": {"reason"},
    "ping": {"sent_us"},
    "pong": {"sent_us", "received_us", "replied_us"},
    "feedback": {"video_bytes", "video_packets", "decoded", "arrived_us"},
    "video_format": {"codec", "width_px", "height_px", "from_sequence"},
    "picture_state": {"state"},
    "audio_format": {"codec", "from_sequence"},
    "sound_state": {"state"},
    "discovery": {"secret"},
}


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_only_optional_fields_may_be_missing(control: Control, payload: bytes) -> None:
    fields = msgspec.msgpack.decode(payload)
    tag = fields["type"]
    for name in fields.keys() - {"type"}:
        less = packed({key: value for key, value in fields.items() if key != name})
        if name in NEEDED.get(tag, set()):
            with pytest.raises(ProtocolError, match=f"malformed {tag} message"):
                decode_control(less)
        else:
            assert type(decode_control(less)) is type(control)


WRONG_FIELDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ping", {"sent_us": -1}),
    ("ping", {"sent_us": 2**63}),
    ("ping", {"sent_us": 2**64 - 1}),
    ("ping", {"sent_us": 1.5}),
    ("ping", {"sent_us": float("nan")}),
    ("ping", {"sent_us": float("inf")}),
    ("ping", {"sent_us": 1e300}),
    ("ping", {"sent_us": "5"}),
    ("ping", {"sent_us": None}),
    ("ping", {"sent_us": True}),
    ("pong", {"received_us": -1}),
    ("feedback", {"video_bytes": -1}),
    ("feedback", {"decoded": 2**63}),
    ("hello", {"version": -1}),
    ("hello", {"name": "a" * 257}),
    ("hello", {"name": b"Ada"}),
    ("hello", {"name": msgspec.Raw(b"\xa1\xff")}),
    ("hello", {"name": msgspec.Raw(b"\xa3\xed\xa0\x80")}),
    ("hello", {"nonce": bytes(31)}),
    ("hello", {"nonce": bytes(33)}),
    ("hello", {"nonce": "a" * 32}),
    ("hello", {"can_decode": None}),
    ("hello", {"can_decode": [{"codec": "h264", "width_px": 64, "height_px": 64}] * 17}),
    ("hello", {"can_decode": [{"codec": "h264", "width_px": 64}]}),
    ("hello", {"can_decode": [{"codec": "h264", "width_px": 15, "height_px": 64}]}),
    ("hello", {"can_decode": [{"codec": "h264", "width_px": 64, "height_px": 16_385}]}),
    ("hello", {"can_decode": [{"codec": "h" * 33, "width_px": 64, "height_px": 64}]}),
    ("proof", {"nonce": b""}),
    ("proof", {"certificate": bytes(4097)}),
    ("proof", {"signature": bytes(1025)}),
    ("reject", {"reason": "a" * 257}),
    ("reject", {"reason": None}),
    ("bye", {"reason": 5}),
    ("bye", {"reason": "a" * 257}),
    ("video_format", {"codec": "c" * 33}),
    ("video_format", {"width_px": 0}),
    ("video_format", {"width_px": 2**31}),
    ("video_format", {"height_px": -16}),
    ("video_format", {"from_sequence": 2**32}),
    ("picture_state", {"state": "s" * 33}),
)


@pytest.mark.parametrize(("tag", "wrong"), WRONG_FIELDS)
def test_field_out_of_bounds_is_a_protocol_error(tag: str, wrong: dict[str, Any]) -> None:
    good = next(payload for control, payload in TABLE if type(control) is KINDS[tag])
    with pytest.raises(ProtocolError, match=f"malformed {tag} message"):
        decode_control(packed({**msgspec.msgpack.decode(good), **wrong}))


def test_last_of_two_equal_fields_counts() -> None:
    assert decode_control(b"\x83\xa4type\xa4ping\xa7sent_us\x01\xa7sent_us\x02") == Ping(2)


def test_two_tags_yield_one_message_at_most() -> None:
    for first in (b"\xa3bye", b"\xa3foo", b"\xa4ping"):
        for second in (b"\xa3bye", b"\xa3foo", b"\x05"):
            check_any_bytes(b"\x82\xa4type" + first + b"\xa4type" + second)


def test_error_sentence_quotes_nothing_from_the_peer() -> None:
    long = "SHOUT" * 3_000
    payload = packed({"type": long})[:-1] + b"T"
    twice = b"\x82" + payload[1:] + b"\xa4type\xa3bye"
    with pytest.raises(ProtocolError) as caught:
        decode_control(twice)
    assert "SHOUT" not in caught.value.sentence
    assert len(caught.value.sentence) <= 200


NESTED = 5_000
BOMBS = (
    b"\x91" * MAX_PAYLOAD_BYTES,
    b"\x81" * MAX_PAYLOAD_BYTES,
    b"\x81\xa1a" * NESTED,
    b"\x82\xa4type\xa7ringing\xa1x" + b"\x91" * NESTED + b"\xc0",
    b"\x82\xa4type\xa7ringing\xa1x" + b"\x81\xa1a" * NESTED + b"\xc0",
    b"\x82\xa1x" + b"\x91" * NESTED + b"\xc0\xa4type\xa7ringing",
    b"\x82\xa4type\xa5later\xa1x" + b"\x91" * NESTED + b"\xc0",
    b"\x82\xa4type\xa5later\xa1x" + b"\x81\xa1a" * NESTED + b"\xc0",
    b"\x82\xa4type" + b"\x91" * NESTED + b"\xc0",
    b"\x81" + b"\x91" * NESTED + b"\xc0",
)
ENDLESS = (
    b"\xdd\xff\xff\xff\xff",  # an array, a map, a text, bytes and an extension of 2^32-1
    b"\xdf\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xc9\xff\xff\xff\xff\x05",
)
PLACES = (
    b"%b",
    b"\x81%b",
    b"\x81\xa4type%b",
    b"\x82\xa4type\xa7ringing\xa1x%b",
    b"\x82\xa4type\xa5later\xa1x%b",
    b"\x82\xa4type\xa3bye\xa6reason%b",
    b"\x82\xa4type\xa3bye%b",
    b"\x85\xa4type\xa5hello\xa7version\x01\xa4name%b",
    b"\x85\xa4type\xa5hello\xa7version\x01\xa4name\xa1a\xa5nonce%b",
    b"\x85\xa4type\xa5hello\xa7version\x01\xa4name\xa1a\xa5nonce\xc4\x20"
    + NONCE
    + b"\xaacan_decode%b",
    b"\x85\xa4type\xa5hello\xa7version\x01\xa4name\xa1a\xa5nonce\xc4\x20"
    + NONCE
    + b"\xaacan_decode\x91%b",
    b"\x84\xa4type\xa5proof\xa5nonce\xc4\x20" + NONCE + b"\xabcertificate%b",
    b"\xdf\xff\xff\xff\xff\xa4type\xa5later%b",
)


@pytest.mark.parametrize("bomb", BOMBS)
def test_deep_nesting_is_harmless(bomb: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_control(bomb)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("endless", ENDLESS)
@pytest.mark.parametrize("rest", [b"", b"\x00" * 8_000])
def test_memory_grows_with_arrived_bytes_not_with_announced_lengths(
    place: bytes, endless: bytes, rest: bytes
) -> None:
    payload = place.replace(b"%b", endless) + rest
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            decode_control(payload)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 1_000_000


def test_random_bytes_yield_messages_or_a_protocol_error() -> None:
    dice = random.Random(5000)
    stream = dice.randbytes(1_000_000)
    start = 0
    while start < len(stream):
        size = dice.choice((1, 3, 10, 60, 300, MAX_PAYLOAD_BYTES))
        check_any_bytes(stream[start : start + size])
        start += size


def test_changed_messages_yield_messages_or_a_protocol_error() -> None:
    dice = random.Random(5001)
    for _ in range(20_000):
        changed = bytearray(dice.choice(TABLE)[1])
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(changed))
            what = dice.random()
            if what < 0.6:
                changed[place] = dice.randrange(256)
            elif what < 0.8:
                changed[place:place] = dice.randbytes(dice.randint(1, 6))
            else:
                del changed[place : place + dice.randint(1, 6)]
            if not changed:
                break
        control = check_any_bytes(bytes(changed))
        if control is not None:
            assert decode_control(encode_control(control)) == control


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=40)
    | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5)
    ),
    max_leaves=20,
)
field_names = st.sampled_from(
    sorted({name for kind in KINDS.values() for name in kind.__struct_fields__})
)


@given(st.sampled_from(sorted(KINDS)) | values, st.dictionaries(field_names, values))
@example("ping", {"sent_us": struct.unpack(">d", b"\x7f\xf0\x00\x00\x00\x00\x00\x01")[0]})
def test_any_map_yields_a_message_or_a_protocol_error(tag: object, fields: dict[str, Any]) -> None:
    control = check_any_bytes(packed({"type": tag, **fields}))
    if control is not None:
        assert type(control) is KINDS[str(tag)]
