"""Claims about net/link/address.py."""

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net.link.address import HostPort, format_host, parse_host

DEFAULT_PORT = 5000

GOOD = (
    ("192.168.1.7", HostPort("192.168.1.7", 5000)),
    ("192.168.1.7:5001", HostPort("192.168.1.7", 5001)),
    ("alice", HostPort("alice", 5000)),
    ("alice.local:1", HostPort("alice.local", 1)),
    ("alice.example.:65535", HostPort("alice.example.", 65535)),
    ("my_pc-2", HostPort("my_pc-2", 5000)),
    ("7-otter-lamp", HostPort("7-otter-lamp", 5000)),
    ("müller.example:5002", HostPort("müller.example", 5002)),
    ("例え.jp", HostPort("例え.jp", 5000)),
    ("::1", HostPort("::1", 5000)),
    ("fe80::1%eth0", HostPort("fe80::1%eth0", 5000)),
    ("[::1]", HostPort("::1", 5000)),
    ("[::1]:5003", HostPort("::1", 5003)),
    ("[fe80::1%eth0]:5004", HostPort("fe80::1%eth0", 5004)),
    ("[fe80::1%12]:5004", HostPort("fe80::1%12", 5004)),
    ("::ffff:192.168.1.7", HostPort("::ffff:192.168.1.7", 5000)),
)

BAD = (
    ("", "empty"),
    (" ", "blank"),
    ("alice ", "blank"),
    ("ali ce", "blank"),
    ("alice\n", "invisible"),
    ("ali\x00ce", "invisible"),
    ("ali\u202ece", "invisible"),
    ("http://alice:5000", "web page"),
    ("alice/video", "cannot contain /"),
    ("bob@alice", "cannot contain @"),
    (":5000", "missing before"),
    ("alice:", "missing after"),
    ("alice:port", "not a number"),
    ("alice:+1", "not a number"),
    ("alice:\u0661", "not a number"),
    ("alice:0", "not between"),
    ("alice:65536", "not between"),
    ("alice:000001", "not between"),
    ("alice:" + "9" * 100, "not between"),
    ("a" * 300, "too long"),
    ("a" * 64, "more than 63"),
    (".".join(["a" * 60] * 5)[:255], "too long"),
    ("alice..local", "one dot too many"),
    (".", "not an IPv4"),
    ("192.168.1.300", "not an IPv4"),
    ("192.168.1", "not an IPv4"),
    ("5000", "not an IPv4"),
    ("[::1", "does not close"),
    ("::1]", "not an IPv6"),
    ("alice]", "cannot contain ]"),
    ("[]", "empty"),
    ("[]:5000", "empty"),
    ("[alice]:5000", "not an IPv6"),
    ("[192.168.1.7]:5000", "not an IPv6"),
    ("[::1]5000", "only :PORT"),
    ("[::1]:", "missing after"),
    ("[[::1]]", "only :PORT"),
    ("1:2:3", "not an IPv6"),
    ("alice:5000:5000", "not an IPv6"),
    ("fe80::1%", "not an IPv6"),
    ("fe80::1%eth0:5000", "not an IPv6"),
    ("fe80::1%a%b", "not an IPv6"),
)

labels = st.text(string.ascii_letters + string.digits + "_-äßあ", min_size=1, max_size=20)
names = st.lists(labels, min_size=1, max_size=5).map(".".join)
zones = st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=15)
ipv6_addresses = st.builds(
    lambda address, zone: f"{address}%{zone}" if zone else str(address),
    st.ip_addresses(v=6).filter(lambda address: ":" in str(address)),
    st.none() | zones,
)
hosts = (
    names.filter(lambda name: not set(name) <= set(string.digits + "."))
    | st.ip_addresses(v=4).map(str)
    | ipv6_addresses
)


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_every_form_of_a_host_is_parsed(text: str, expected: HostPort) -> None:
    assert parse_host(text, DEFAULT_PORT) == expected


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_text_that_is_not_a_host_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_host(text, DEFAULT_PORT)
    sentence = str(caught.value)
    assert not sentence.endswith(".")
    assert sentence.isprintable()


@given(hosts, st.integers(1, 65_535))
def test_formatted_host_parses_to_itself(host: str, port: int) -> None:
    assert parse_host(format_host(host, port), DEFAULT_PORT) == HostPort(host, port)


@given(hosts)
def test_bare_host_gets_the_default_port(host: str) -> None:
    assert parse_host(host, DEFAULT_PORT) == HostPort(host, DEFAULT_PORT)


@given(st.text(max_size=400) | st.text("[]:%.0123456789abf", max_size=40))
def test_any_text_yields_a_host_or_a_value_error(text: str) -> None:
    try:
        parsed = parse_host(text, DEFAULT_PORT)
    except ValueError:
        return
    assert parse_host(str(parsed), 1) == parsed


def test_ipv6_address_is_formatted_in_brackets() -> None:
    assert format_host("fe80::1%eth0", 5000) == "[fe80::1%eth0]:5000"
    assert format_host("192.168.1.7", 5000) == "192.168.1.7:5000"
    assert str(HostPort(str(ipaddress.IPv6Address(1)), 1)) == "[::1]:1"
