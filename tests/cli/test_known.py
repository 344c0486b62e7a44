"""cli/known.py: the command that lists, renames and forgets."""

from pathlib import Path

import pytest

from call.errors import SettingsError
from cli import known
from cli.known import run_known
from net.trust import camera_pins
from net.trust.camera_pins import PinStore
from net.trust.discovery_secret import load_or_make_secret
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a user's data folder, in which Alice is known."""
    monkeypatch.setattr(known, "data_folder", lambda: tmp_path)
    KnownPeers(tmp_path / KNOWN_PEERS_FILE).remember(
        b"a" * 32, PeerDetails("Alice", host="10.0.0.7", port=5001)
    )
    return tmp_path


def test_known_peers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_known("list", []) == 0
    assert capsys.readouterr().out.splitlines() == [
        "name\tlast address\tkey begins with",
        "Alice\t10.0.0.7:5001\t6161616161616161",
    ]


def test_known_peer_can_be_renamed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_known("rename", ["alice", "Mum"]) == 0
    run_known("list", [])
    assert "Mum (Alice)\t" in capsys.readouterr().out


def test_forgotten_peer_no_longer_recognizes_us(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = load_or_make_secret(folder)
    assert run_known("forget", ["Alice"]) == 0
    assert load_or_make_secret(folder) != secret
    run_known("list", [])
    assert "You know nobody yet" in capsys.readouterr().out


@pytest.mark.parametrize(("action", "names"), [("forget", ["Alcie"]), ("rename", ["alic", "B"])])
def test_mistyped_name_has_a_suggestion(action: str, names: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        run_known(action, names)
    assert caught.value.next_step == "Did you mean Alice?"


def test_forgetting_an_unknown_name_changes_nothing(folder: Path) -> None:
    secret = load_or_make_secret(folder)
    with pytest.raises(SettingsError, match="You know nobody called 'Bob'"):
        run_known("forget", ["Bob"])
    assert load_or_make_secret(folder) == secret


@pytest.mark.parametrize(
    ("action", "names", "said"),
    [
        ("rename", ["Alice"], "takes 2 names, not 1"),
        ("forget", [], "takes 1 name, not 0"),
        ("list", ["Alice"], "takes 0 names, not 1"),
        ("rename", ["Alice", "\x1b"], "a name has 1 to 64"),
    ],
)
def test_wrong_number_or_form_of_names_is_an_error(
    action: str, names: list[str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        run_known(action, names)


def test_cameras_are_listed_and_forgotten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pins = PinStore(folder / camera_pins.CAMERA_PINS_FILE)
    assert pins.check("phone", 8080, b"a" * 32)
    assert run_known("cameras", []) == 0
    assert capsys.readouterr().out.splitlines() == [
        "camera\tits certificate begins with",
        "phone:8080\t6161616161616161",
    ]
    assert run_known("forget-camera", ["phone:8080"]) == 0
    assert PinStore(folder / camera_pins.CAMERA_PINS_FILE).check("phone", 8080, b"b" * 32)


def test_unknown_camera_cannot_be_forgotten() -> None:
    with pytest.raises(SettingsError, match="phone:443"):
        run_known("forget-camera", ["phone"])
