"""Claims about net/link/advertisement.py."""

import pytest

from net.link.advertisement import (
    MAX_HOSTS,
    MAX_NAME_CHARACTERS,
    MAX_SEEN,
    MAX_TAGS_BYTES,
    Advertisement,
    SeenAdvertisements,
    properties_of,
    read_advertisement,
)

FULL = Advertisement(("10.77.0.1", "fd00::1"), 5000, 7, b"n" * 16, b"t" * 32, "Zoë")


def read(properties: dict[bytes, bytes | None]) -> Advertisement | None:
    return read_advertisement(properties, ["10.0.0.1"], 5000)


def test_record_is_read_back_unchanged() -> None:
    found = read_advertisement(dict(properties_of(FULL)), list(FULL.hosts), FULL.port)
    assert found == FULL


def test_record_omits_an_empty_name_and_number() -> None:
    bare = Advertisement(("10.77.0.1",), 5000, None, b"n" * 16, b"")
    assert properties_of(bare).keys() == {b"nonce", b"tags"}


def test_advertisement_without_a_usable_address_is_none() -> None:
    assert read_advertisement({}, [], 5000) is None
    assert read_advertisement({}, ["10.0.0.1"], None) is None
    assert read_advertisement({}, ["10.0.0.1"], 0) is None
    for host in ("fe80::1", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.251", "ff02::fb", "x", ""):
        assert read_advertisement({}, [host], 5000) is None, host
    found = read_advertisement({}, ["fe80::1", "169.254.3.3"], 5000)
    assert found is not None
    assert found.hosts == ("169.254.3.3",), "two computers on one cable may have no other address"


@pytest.mark.parametrize(
    "number", [b"", b"x", b"-1", b"7.0", b"1" * 10, b"\xff", "٧".encode(), b" 7", None]
)
def test_invalid_number_is_none(number: bytes | None) -> None:
    found = read({b"n": number})
    assert found is not None
    assert found.number is None


def test_every_field_is_bounded() -> None:
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


def test_invalid_utf_8_in_a_name_is_replaced() -> None:
    found = read({b"name": b"\xff\xfeAnn"})
    assert found is not None
    assert found.name.endswith("Ann")


def test_seen_advertisement_is_new_again_only_if_it_changes() -> None:
    seen = SeenAdvertisements()
    changed = Advertisement(FULL.hosts, 5001, 7, FULL.nonce, FULL.tags)
    noted = [seen.note("a", FULL), seen.note("a", FULL), seen.note("b", FULL)]
    assert noted == [True, False, True]
    assert [seen.note("a", changed), seen.note("a", changed)] == [True, False]


def test_oldest_seen_advertisement_is_forgotten_beyond_the_maximum() -> None:
    seen = SeenAdvertisements()
    for number in range(MAX_SEEN):
        assert seen.note(str(number), FULL)
    assert not seen.note("0", FULL)
    assert seen.note("one more", FULL)
    assert seen.note("0", FULL)
