"""Advertisements of listeners: their TXT record, and those already seen. Pure: no I/O, no clock.

    n      the number of the listener's call code, if it accepts one
    nonce  16 random bytes
    tags   one discovery tag for each address, see `net/trust/discovery_tag.py`
    name   only if the listener's settings allow it

Anybody may send any advertisement, so everything in it is checked and bounded here. An advertised
address is only a candidate to try.
"""

import ipaddress
from collections.abc import Mapping

import msgspec

MAX_HOSTS = 6
"""The most addresses used from one advertisement."""
MAX_NAME_CHARACTERS = 256
MAX_TAGS_BYTES = 16 * MAX_HOSTS
MAX_SEEN = 256
"""Advertisements remembered in one search; an older one counts as new when it is seen again."""


class Advertisement(msgspec.Struct, frozen=True):
    """The announcement of a listener.

    Attributes:
        hosts: IPv4 addresses, and IPv6 addresses that need no zone.
        number: the number of its call code, if it accepts one.
        nonce, tags: the fields from which known peers recognize it.
        name: unproven, so clean it before you show it; often empty.
    """

    hosts: tuple[str, ...]
    port: int
    number: int | None
    nonce: bytes
    tags: bytes
    name: str = ""


def properties_of(advertisement: Advertisement) -> dict[bytes, bytes]:
    """Return the TXT record of an advertisement."""
    properties = {b"nonce": advertisement.nonce, b"tags": advertisement.tags}
    if advertisement.number is not None:
        properties[b"n"] = str(advertisement.number).encode()
    if advertisement.name:
        properties[b"name"] = advertisement.name.encode()[:200]
    return properties


def read_advertisement(
    properties: Mapping[bytes, bytes | None], hosts: list[str], port: int | None
) -> Advertisement | None:
    """Return the advertisement in a TXT record and its addresses, or None if it is unusable."""
    hosts = [host for host in hosts if _is_callable(host)][:MAX_HOSTS]
    if not hosts or not port:
        return None
    number = (properties.get(b"n") or b"").decode("ascii", "replace")
    name = (properties.get(b"name") or b"").decode("utf-8", "replace")
    return Advertisement(
        tuple(hosts),
        port,
        int(number) if number.isdecimal() and number.isascii() and len(number) < 10 else None,
        (properties.get(b"nonce") or b"")[:64],
        (properties.get(b"tags") or b"")[:MAX_TAGS_BYTES],
        name[:MAX_NAME_CHARACTERS],
    )


class SeenAdvertisements:
    """The newest advertisements of one search, by service name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Advertisement] = {}

    def note(self, name: str, advertisement: Advertisement) -> bool:
        """Remember an advertisement; return whether it is new or has changed."""
        if self._by_name.get(name) == advertisement:
            return False
        self._by_name[name] = advertisement
        if len(self._by_name) > MAX_SEEN:
            del self._by_name[next(iter(self._by_name))]
        return True


def _is_callable(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        return False
    # A link-local IPv6 address would need a zone, and the sender's zone means nothing here.
    return address.version == 4 or not (address.is_link_local or "%" in host)
