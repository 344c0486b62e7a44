"""net/link/protocol_sniffer.py: the first bytes of a stranger name it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.link.protocol_sniffer import ENOUGH_BYTES, alert_meaning, who_speaks

SPEAKERS = (
    (b"", "said nothing"),
    (b"GET / HTTP/1.1\r\n", "web browser"),
    (b"PRI * HTTP/2.0\r\n", "web browser"),
    (b"HTTP/1.1 400 Bad", "web server"),
    (b"SSH-2.0-OpenSSH_", "SSH"),
    (b"RTSP/1.0 400 Bad", "camera"),
    (b"220 mail.example", "mail"),
    (b"hello\r\n", "plain text"),
    (b"\x16\x03\x01\x02\x00\x01", "TLS"),
    (b"\x15", "TLS"),
    (b"\x00\xff\x80", "another kind"),
)


@pytest.mark.parametrize(("opening", "name"), SPEAKERS)
def test_a_known_opening_is_named(opening: bytes, name: str) -> None:
    assert name in who_speaks(opening)


def test_an_alert_that_refuses_our_version_says_so() -> None:
    assert "version" in alert_meaning(b"\x15\x03\x01\x00\x02\x02\x46")


@pytest.mark.parametrize("opening", [b"", b"\x15\x03\x01", b"HTTP/1.1 400 Bad", b"\x16" * 16])
def test_what_is_no_alert_has_no_meaning_as_one(opening: bytes) -> None:
    assert alert_meaning(opening) == ""


@given(st.binary(max_size=ENOUGH_BYTES))
def test_any_bytes_are_named_without_being_shown(opening: bytes) -> None:
    assert who_speaks(opening).isprintable()
    assert alert_meaning(opening).isprintable()
