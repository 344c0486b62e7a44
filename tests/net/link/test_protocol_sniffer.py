"""Claims about net/link/protocol_sniffer.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.link.protocol_sniffer import ENOUGH_BYTES, explain_alert, identify_sender

SPEAKERS = (
    (b"", "sent nothing"),
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
def test_known_opening_identifies_its_sender(opening: bytes, name: str) -> None:
    assert name in identify_sender(opening)


def test_version_alert_is_explained() -> None:
    assert "version" in explain_alert(b"\x15\x03\x01\x00\x02\x02\x46")


@pytest.mark.parametrize("opening", [b"", b"\x15\x03\x01", b"HTTP/1.1 400 Bad", b"\x16" * 16])
def test_other_openings_have_no_alert_to_explain(opening: bytes) -> None:
    assert explain_alert(opening) == ""


@given(st.binary(max_size=ENOUGH_BYTES))
def test_phrases_for_any_bytes_are_printable(opening: bytes) -> None:
    assert identify_sender(opening).isprintable()
    assert explain_alert(opening).isprintable()
