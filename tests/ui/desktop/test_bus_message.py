"""ui/desktop/bus_message.py: what is written and read, and that nothing malformed does harm."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.session_bus import bus_message, bus_text
from ui.desktop.bus_message import (
    FIXED_BYTES,
    MAX_MESSAGE_BYTES,
    BusError,
    BusMessage,
    Writer,
    decode_message,
    encode_call,
    message_length,
)


@pytest.mark.parametrize("order", ["<", ">"])
def test_signal_of_either_byte_order_is_read(order: str) -> None:
    message = bus_message(
        order,
        4,
        [
            (1, b"o", bus_text(order, "/org/freedesktop/Notifications")),
            (3, b"s", bus_text(order, "ActionInvoked")),
            (8, b"g", b"\x02us\0"),
        ],
        struct.pack(f"{order}I", 77) + bus_text(order, "accept"),
    )
    assert message_length(message[:FIXED_BYTES]) == len(message)
    assert decode_message(message) == BusMessage(4, 0, "ActionInvoked", (77, "accept"))


def test_answer_names_the_call_and_unknown_types_end_the_values() -> None:
    fields = [(5, b"u", struct.pack("<I", 3)), (8, b"g", b"\x02ub\0")]
    assert decode_message(bus_message("<", 2, fields, bytes(8))) == BusMessage(2, 3, "", (0,))


def test_call_has_the_types_of_a_notification() -> None:
    body = Writer()
    body.string("Vis-à-vis")
    body.u32(7)
    body.strings(("a", "bc"))
    body.hints({"urgency": 2, "category": "call"})
    body.i32(-1)
    assert body.signature == "suasa{sv}i"
    call = encode_call(1, destination="a.b", path="/p", interface="c.d", member="Do", body=body)
    assert message_length(call[:FIXED_BYTES]) == len(call)
    assert decode_message(call) == BusMessage(1, 0, "Do", ("Vis-à-vis", 7))


def test_too_long_a_message_is_refused_before_it_is_read() -> None:
    with pytest.raises(BusError):
        message_length(struct.pack("<cBBBIII", b"l", 2, 0, 1, MAX_MESSAGE_BYTES, 1, 0))


@given(st.binary(max_size=200))
def test_random_bytes_are_a_message_or_an_error(data: bytes) -> None:
    for begun in (data, b"l\x04\x00\x01" + data):
        with contextlib.suppress(BusError):
            decode_message(begun)
