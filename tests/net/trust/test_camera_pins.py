"""Claims about net/trust/camera_pins.py, with real files."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from net.trust import private_files
from net.trust.camera_pins import CAMERA_PINS_FILE, MAX_PINS, PinStore

ONE = bytes(range(32))
OTHER = bytes(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / CAMERA_PINS_FILE


def test_first_certificate_is_pinned_and_another_refused(path: Path) -> None:
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)
    assert store.check("phone", 8080, ONE), "the refused certificate was pinned"


def test_stores_of_one_file_share_their_pins(path: Path) -> None:
    first, second = PinStore(path), PinStore(path)
    assert second.check("tablet", 1, OTHER)
    assert first.check("phone", 8080, ONE)
    assert not second.check("phone", 8080, OTHER)
    assert not first.check("tablet", 1, ONE)


def test_each_host_and_port_has_its_own_pin(path: Path) -> None:
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert store.check("phone", 8081, OTHER)
    assert store.check("fe80::1%eth0", 8080, OTHER)


def test_host_name_ignores_case_and_a_final_dot(path: Path) -> None:
    store = PinStore(path)
    assert store.check("phone.local", 8080, ONE)
    assert not store.check("Phone.Local.", 8080, OTHER)


def test_pins_are_listed_by_address(path: Path) -> None:
    store = PinStore(path)
    assert store.all() == {}
    store.check("tablet", 8080, OTHER)
    store.check("Phone", 8080, ONE)
    store.check("fe80::1%eth0", 8081, ONE)
    assert list(PinStore(path).all().items()) == [
        ("[fe80::1%eth0]:8081", ONE.hex()),
        ("phone:8080", ONE.hex()),
        ("tablet:8080", OTHER.hex()),
    ]


def test_listing_changes_no_damaged_file(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")
    assert PinStore(path).all() == {}
    assert path.read_bytes() == b"{"


def test_forgotten_camera_may_have_another_certificate(path: Path) -> None:
    store = PinStore(path)
    store.check("phone", 8080, ONE)
    store.check("tablet", 8080, ONE)
    assert PinStore(path).forget("PHONE", 8080)
    assert list(store.all()) == ["tablet:8080"]
    assert store.check("phone", 8080, OTHER)
    assert not store.check("tablet", 8080, OTHER)


def test_forgetting_an_unknown_camera_changes_nothing(path: Path) -> None:
    store = PinStore(path)
    store.check("phone", 8080, ONE)
    assert not store.forget("nobody", 8080)
    assert not store.forget("phone", 8081)
    assert list(store.all()) == ["phone:8080"]


def test_forgetting_fails_if_the_file_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PinStore(path)
    store.check("phone", 8080, ONE)
    refuse_to_write(monkeypatch)
    with pytest.raises(PermissionError):
        store.forget("phone", 8080)
    assert not store.check("phone", 8080, OTHER)


def test_no_file_is_made_before_the_first_use(path: Path) -> None:
    PinStore(path)
    assert not path.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_only_the_owner_can_use_the_file(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = PinStore(path)
    store.check("phone", 8080, ONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o666)
    assert not store.check("phone", 8080, OTHER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Others had access to" in caplog.text


def test_file_is_readable_json(path: Path) -> None:
    PinStore(path).check("phone", 8080, ONE)
    assert json.loads(path.read_text()) == {"version": 1, "pins": {"phone:8080": ONE.hex()}}


DAMAGED = (
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b'{"version": 2, "pins": {}}',
    b'{"version": 1, "pins": {"phone:8080": "not hexadecimal"}}',
    b'{"version": 1, "pins": {"phone:8080": "00"}}',
    b'{"version": 1, "pins": {"phone:8080": 5}}',
    b'{"version": 1, "pins": {}, "more": 1}',
    b'{"version": 1, "pins": {}}' + b" " * 2_000_000,
)


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_file_is_moved_aside_with_a_warning(
    path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)
    assert path.with_name(f"{CAMERA_PINS_FILE}.damaged-1").read_bytes() == content
    assert ["are damaged" in record.getMessage() for record in caplog.records] == [True]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_file_content_still_allows_a_check(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)


def write_pins(path: Path, pins: dict[str, str]) -> None:
    """Write the file as an earlier run of the program would have."""
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "pins": pins}, ensure_ascii=False), "utf-8")


def refuse_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(private_files, "make_folder", refuse)


def test_pin_that_cannot_be_saved_holds_as_long_as_the_store(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_to_write(monkeypatch)
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)
    assert store.check("phone", 8080, ONE)
    assert "cannot be saved" in caplog.text


def test_saved_pins_count_even_if_the_file_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PinStore(path).check("phone", 8080, ONE)
    refuse_to_write(monkeypatch)
    assert not PinStore(path).check("phone", 8080, OTHER)


def test_unsaved_pin_is_saved_with_the_next_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PinStore(path)
    with monkeypatch.context() as patch:
        refuse_to_write(patch)
        store.check("phone", 8080, ONE)
    store.check("tablet", 8080, ONE)
    assert not PinStore(path).check("phone", 8080, OTHER)


def test_oldest_pin_is_dropped_with_a_warning_beyond_the_maximum(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_pins(path, {f"phone{number}:1": ONE.hex() for number in range(MAX_PINS)})
    store = PinStore(path)
    assert store.check("new", 1, ONE)
    assert len(json.loads(path.read_text())["pins"]) == MAX_PINS
    assert "camera phone0:1 was dropped" in caplog.text
    assert not store.check("phone1", 1, OTHER)


def test_largest_file_that_the_store_writes_can_be_read(path: Path) -> None:
    hosts = [f"{number:03}{'例' * 314}" for number in range(MAX_PINS + 1)]
    write_pins(path, {f"{host}:65535": ONE.hex() for host in hosts[:-1]})
    assert PinStore(path).check(hosts[-1], 65535, ONE), "the store must write the file once"
    assert len(PinStore(path).all()) == MAX_PINS
    assert not PinStore(path).check(hosts[7], 65535, OTHER)


def test_impossible_pin_is_a_value_error(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PinStore(path).check("phone", 8080, b"short")
    with pytest.raises(ValueError, match="too long"):
        PinStore(path).check("x" * 1000, 8080, ONE)


def test_stores_used_at_once_lose_no_pin(path: Path) -> None:
    def remember(first: int) -> None:
        store = PinStore(path)
        for number in range(first, first + 10):
            assert store.check(f"phone{number}", 1, ONE)

    threads = [threading.Thread(target=remember, args=[10 * n], daemon=True) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(json.loads(path.read_text())["pins"]) == 40
