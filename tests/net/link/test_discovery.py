"""net/link/discovery.py: what others may say."""

import pytest

from net.link.discovery import (
    MAX_HOSTS,
    MAX_NAME_CHARACTERS,
    MAX_TAGS_BYTES,
    Advertisement,
    properties_of,
    read_advertisement,
)

FULL = Advertisement(("10.77.0.1", "fd00::1"), 5000, 7, b"n" * 16, b"t" * 32, "Zoë")


def read(properties: dict[bytes, bytes | None]) -> Advertisement | None:
    return read_advertisement(properties, ["10.0.0.1"], 5000)


def test_what_is_said_is_what_is_heard() -> None:
    heard = read_advertisement(dict(properties_of(FULL)), list(FULL.hosts), FULL.port)
    assert heard == FULL


def test_no_name_and_no_number_are_not_said() -> None:
    bare = Advertisement(("10.77.0.1",), 5000, None, b"n" * 16, b"")
    assert properties_of(bare).keys() == {b"nonce", b"tags"}


def test_nothing_to_try_is_no_listener() -> None:
    assert read_advertisement({}, [], 5000) is None
    assert read_advertisement({}, ["10.0.0.1"], None) is None
    assert read_advertisement({}, ["10.0.0.1"], 0) is None
    for host in ("fe80::1", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.251", "ff02::fb", "x", ""):
        assert read_advertisement({}, [host], 5000) is None, host
    found = read_advertisement({}, ["fe80::1", "169.254.3.3"], 5000)
    assert found is not None
    assert found.hosts == ("169.254.3.3",), "on a cable there may be nothing else"


@pytest.mark.parametrize(
    "number", [b"", b"x", b"-1", b"7.0", b"1" * 10, b"\xff", "٧".encode(), b" 7", None]
)
def test_what_is_no_number_is_none(number: bytes | None) -> None:
    found = read({b"n": number})
    assert found is not None
    assert found.number is None


def test_nothing_is_longer_than_it_may_be() -> None:
    found = read_advertisement(
        {b"name": b"x" * 5000, b"nonce": b"x" * 5000, b"tags": b"x" * 5000},
        [f"10.0.0.{number}" for number in range(200)],
        5000,
    )
    assert found is not None
    assert len(found.name) == MAX_NAME_CHARACTERS
    assert len(found.nonce) == 64
    assert len(found.tags) == MAX_TAGS_BYTES
    assert len(found.hosts) == MAX_HOSTS


def test_a_name_that_is_no_text_is_shown_as_well_as_it_goes() -> None:
    found = read({b"name": b"\xff\xfeAnn"})
    assert found is not None
    assert found.name.endswith("Ann")
