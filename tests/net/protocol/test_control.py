"""Claims about net/protocol/control.py."""

from typing import Any, get_args

import msgspec
import pytest

from net.errors import ProtocolError
from net.protocol.control import Control, Ping, decode_control, encode_control
from tests.net.protocol.control_messages import KINDS, TABLE, packed


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
    # An extension, a time and an invalid text, all in unknown fields.
    for raw in (b"\xc7\x03\x05abc", b"\xd6\xff\x00\x00\x00\x00", b"\xa2\xff\xfe"):
        assert decode_control(packed({**fields, "later": msgspec.Raw(raw)})) == control


@pytest.mark.parametrize(("control", "payload"), TABLE)
def test_tag_may_be_the_last_field(control: Control, payload: bytes) -> None:
    fields = msgspec.msgpack.decode(payload)
    tag = fields.pop("type")
    assert decode_control(packed({**fields, "type": tag})) == control


@pytest.mark.parametrize(
    "tag", ["", "x", "hello2", "Hello", "resume_later", "a" * 300, "bye\x00", "✆"]
)
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
    "recording_state": {"is_recording"},
    "resume_share": {"share"},
    "resume": {"call_id", "generation", "mac"},
    "resume_answer": {"mac"},
    "features": {"names"},
    "chat": {"number", "text", "sent_ms"},
    "chat_received": {"number"},
    "file_offer": {"transfer", "name", "size_bytes"},
    "file_accept": {"transfer", "from_bytes"},
    "file_progress": {"transfer", "received_bytes", "arrived_us", "stored_bytes"},
    "file_end": {"transfer", "sha256"},
    "file_stored": {"transfer"},
    "file_cancel": {"transfer", "reason"},
    "goodput_proof": {"nonce", "certificate", "signature"},
    "filler": {"padding"},
    "goodput_report": {"received_bytes", "time_us"},
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
    ("resume_share", {"share": bytes(31)}),
    ("resume", {"call_id": bytes(17)}),
    ("resume", {"generation": 0}),
    ("resume", {"generation": 2**32}),
    ("resume", {"mac": bytes(33)}),
    ("resume_answer", {"mac": bytes(31)}),
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
    ("picture_state", {"is_paused": 1}),
    ("features", {"names": ["n"] * 17}),
    ("features", {"names": ["n" * 33]}),
    ("chat", {"number": 0}),
    ("chat", {"text": "a" * 4_001}),
    ("chat", {"sent_ms": 253_402_300_800_000}),
    ("chat_received", {"number": 2**32}),
    ("file_offer", {"transfer": 0}),
    ("file_offer", {"name": "n" * 257}),
    ("file_offer", {"size_bytes": -1}),
    ("file_offer", {"size_bytes": 2**63}),
    ("file_offer", {"kind": "k" * 33}),
    ("file_accept", {"from_bytes": -1}),
    ("file_progress", {"received_bytes": 2**63}),
    ("file_end", {"sha256": bytes(31)}),
    ("file_stored", {"transfer": 2**32}),
    ("file_cancel", {"reason": "r" * 65}),
    ("recording_state", {"is_recording": 1}),
    ("hello", {"measures_goodput": 1}),
    ("hello", {"measures_goodput": None}),
    ("goodput_proof", {"nonce": bytes(31)}),
    ("goodput_proof", {"certificate": bytes(4097)}),
    ("goodput_proof", {"signature": bytes(1025)}),
    ("filler", {"padding": bytes(1_199)}),
    ("filler", {"padding": bytes(16_001)}),
    ("filler", {"padding": "a" * 1_200}),
    ("goodput_report", {"received_bytes": -1}),
    ("goodput_report", {"time_us": 2**63}),
)


@pytest.mark.parametrize(("tag", "wrong"), WRONG_FIELDS)
def test_field_out_of_bounds_is_a_protocol_error(tag: str, wrong: dict[str, Any]) -> None:
    good = next(payload for control, payload in TABLE if type(control) is KINDS[tag])
    with pytest.raises(ProtocolError, match=f"malformed {tag} message"):
        decode_control(packed({**msgspec.msgpack.decode(good), **wrong}))


def test_last_of_two_equal_fields_counts() -> None:
    assert decode_control(b"\x83\xa4type\xa4ping\xa7sent_us\x01\xa7sent_us\x02") == Ping(2)
