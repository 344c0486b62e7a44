"""The address of a peer, as people type it: a host and a port. Pure: no I/O, no clock.

    192.168.1.7           alice.local           fe80::1%eth0          the default port
    192.168.1.7:5001      alice.local:5001      [fe80::1%eth0]:5001   this port

No name is looked up here, so a parsed name may not exist.
"""

import ipaddress
import unicodedata

import msgspec

MAX_NAME_CHARACTERS = 253
"""The longest name in the DNS, RFC 1035 section 2.3.4."""

_MAX_LABEL_CHARACTERS = 63
_NOT_IN_NAMES = frozenset("!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~")
_NOT_IN_ZONES = frozenset(":/[]%\\\"'")
_DIGITS = frozenset("0123456789")


class HostPort(msgspec.Struct, frozen=True):
    """A host and a port."""

    host: str
    """A name, an IPv4 address, or an IPv6 address without brackets, including any zone."""
    port: int

    def __str__(self) -> str:
        return format_host(self.host, self.port)


def format_host(host: str, port: int) -> str:
    """Return `HOST:PORT`, with an IPv6 address in brackets, as `parse_host` accepts it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_host(text: str, default_port: int) -> HostPort:
    """Return the host and port in a text.

    Args:
        default_port: the port of a text that has none.
    Raises:
        ValueError: the text is not a host; the message is a sentence for the user.
    """
    _check_characters(text)
    if text.startswith("["):
        inside, bracket, after = text[1:].partition("]")
        if not bracket:
            raise ValueError(f"{text!r} opens a bracket and does not close it")
        if after and not after.startswith(":"):
            raise ValueError(f"only :PORT may follow the bracket in {text!r}")
        _check_ipv6(inside)
        return HostPort(inside, _parse_port(after[1:], text) if after else default_port)
    if text.count(":") > 1:
        _check_ipv6(text)
        return HostPort(text, default_port)
    host, colon, port = text.partition(":")
    _check_name(host, text)
    return HostPort(host, _parse_port(port, text) if colon else default_port)


def _check_characters(text: str) -> None:
    if not text:
        raise ValueError("the host is empty: give a name or an address")
    if len(text) > MAX_NAME_CHARACTERS + len("[]:65535"):
        raise ValueError(f"a host of {len(text)} characters is too long")
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise ValueError(f"the host {text!a} contains an invisible character")
    if any(character.isspace() for character in text):
        raise ValueError(f"the host {text!r} contains a blank")
    if "://" in text:
        raise ValueError(f"{text!r} is the address of a web page: give only the host")


def _parse_port(port: str, text: str) -> int:
    if not port:
        raise ValueError(f"the port is missing after the colon of {text!r}")
    if not _DIGITS.issuperset(port):
        raise ValueError(f"the port {port!r} is not a number")
    if len(port) > len("65535") or not 1 <= int(port) <= 65_535:
        raise ValueError(f"the port {port} is not between 1 and 65535")
    return int(port)


def _check_ipv6(address: str) -> None:
    if not address:
        raise ValueError("the brackets are empty: put an IPv6 address between them")
    try:
        zone = ipaddress.IPv6Address(address).scope_id
    except ValueError:
        zone = None
        is_address = False
    else:
        is_address = True
    if not is_address or not _NOT_IN_ZONES.isdisjoint(zone or ""):
        raise ValueError(
            f"{address!r} is not an IPv6 address; write one with a port as [ADDRESS]:PORT"
        )


def _check_name(name: str, text: str) -> None:
    if not name:
        raise ValueError(f"the host is missing before the port of {text!r}")
    strange = sorted(_NOT_IN_NAMES.intersection(name))
    if strange:
        raise ValueError(f"a host cannot contain {strange[0]}, as {text!r} does")
    if _DIGITS.issuperset(name.replace(".", "")):
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            raise ValueError(
                f"{name!r} is not an IPv4 address, which looks like 192.168.1.7"
            ) from None
    if len(name) > MAX_NAME_CHARACTERS:
        raise ValueError(f"a name of {len(name)} characters is too long")
    for label in name.removesuffix(".").split("."):
        if not label:
            raise ValueError(f"{name!r} has one dot too many")
        if len(label) > _MAX_LABEL_CHARACTERS:
            raise ValueError(
                f"a part of the name {name!r} has more than {_MAX_LABEL_CHARACTERS} characters"
            )
