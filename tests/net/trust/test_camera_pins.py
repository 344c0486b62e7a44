"""net/trust/camera_pins.py: real files; what is fake says so."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from net.trust import camera_pins, private_files
from net.trust.camera_pins import FILE_NAME, MAX_PINS, PinStore

ONE = bytes(range(32))
OTHER = bytes(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / FILE_NAME


def test_the_first_certificate_is_remembered_and_another_refused(path: Path) -> None:
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)
    assert store.check("phone", 8080, ONE), "the refused one was not remembered"


def test_what_one_store_remembers_another_knows(path: Path) -> None:
    first, second = PinStore(path), PinStore(path)
    assert second.check("tablet", 1, OTHER)
    assert first.check("phone", 8080, ONE)
    assert not second.check("phone", 8080, OTHER)
    assert not first.check("tablet", 1, ONE)


def test_each_port_and_host_has_its_own(path: Path) -> None:
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert store.check("phone", 8081, OTHER)
    assert store.check("fe80::1%eth0", 8080, OTHER)


def test_a_name_is_the_same_in_capitals_and_with_a_last_dot(path: Path) -> None:
    store = PinStore(path)
    assert store.check("phone.local", 8080, ONE)
    assert not store.check("Phone.Local.", 8080, OTHER)


def test_a_camera_that_was_forgotten_is_new(path: Path) -> None:
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert store.check("tablet", 8080, ONE)
    store.forget("PHONE", 8080)
    store.forget("nobody", 1)
    assert store.check("phone", 8080, OTHER)
    assert not store.check("tablet", 8080, OTHER)


def test_nothing_is_read_or_made_before_the_first_use(path: Path) -> None:
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
    assert "Others could use" in caplog.text


def test_the_file_can_be_read_by_people(path: Path) -> None:
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
def test_a_damaged_file_is_moved_aside_and_said_so(
    path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)
    assert path.with_name(f"{FILE_NAME}.damaged-1").read_bytes() == content
    assert ["are damaged" in record.getMessage() for record in caplog.records] == [True]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=200))
def test_no_file_stops_a_check(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)


def refuse_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(private_files, "make_folder", refuse)


def test_where_nothing_can_be_written_it_holds_while_the_program_runs(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_to_write(monkeypatch)
    store = PinStore(path)
    assert store.check("phone", 8080, ONE)
    assert not store.check("phone", 8080, OTHER)
    assert store.check("phone", 8080, ONE)
    assert "cannot be kept" in caplog.text
    store.forget("phone", 8080)
    assert store.check("phone", 8080, OTHER)


def test_where_nothing_can_be_written_the_file_still_counts(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PinStore(path).check("phone", 8080, ONE)
    refuse_to_write(monkeypatch)
    assert not PinStore(path).check("phone", 8080, OTHER)


def test_what_could_not_be_written_is_written_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PinStore(path)
    with monkeypatch.context() as patch:
        refuse_to_write(patch)
        store.check("phone", 8080, ONE)
    store.check("tablet", 8080, ONE)
    assert not PinStore(path).check("phone", 8080, OTHER)


def test_of_too_many_the_first_is_forgotten_and_said_so(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    full = {f"phone{number}:1": ONE.hex() for number in range(MAX_PINS)}
    path.write_bytes(camera_pins._encoded(full))
    store = PinStore(path)
    assert store.check("new", 1, ONE)
    assert len(json.loads(path.read_text())["pins"]) == MAX_PINS
    assert "phone0:1 is forgotten" in caplog.text
    assert not store.check("phone1", 1, OTHER)


def test_the_largest_file_that_is_written_is_read_again(path: Path) -> None:
    path.parent.mkdir()
    full = {f"{number:03}{'例' * 314}:65535": ONE.hex() for number in range(MAX_PINS)}
    path.write_bytes(camera_pins._encoded(full))
    assert not PinStore(path).check("007" + "例" * 314, 65535, OTHER)


def test_what_cannot_be_a_pin_is_a_mistake_of_the_caller(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PinStore(path).check("phone", 8080, b"short")
    with pytest.raises(ValueError, match="too long"):
        PinStore(path).check("x" * 1000, 8080, ONE)


def test_stores_used_at_once_lose_nothing(path: Path) -> None:
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
