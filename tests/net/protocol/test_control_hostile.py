"""Claims about net/protocol/control.py: no bytes from a peer do harm."""

import random
import struct
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from net.errors import ProtocolError
from net.protocol.control import Control, decode_control, encode_control
from net.protocol.framing import MAX_PAYLOAD_BYTES
from tests.net.protocol.control_messages import KINDS, NONCE, TABLE, packed


def check_any_bytes(payload: bytes) -> Control | None:
    """Decode any bytes; return a message or None, and check that an error is fit to be shown."""
    sentence = ""
    control = None
    try:
        control = decode_control(payload)
    except ProtocolError as error:
        sentence = error.sentence
    assert len(sentence) <= 200
    assert sentence.isprintable()
    return control


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
