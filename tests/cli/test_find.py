"""cli/find.py: a line for each listener, and no trust in the name that it claims."""

import pytest

from cli import find
from core.user_folders import data_folder
from net.link.advertisement import Advertisement
from net.trust.discovery_tag import discovery_tag
from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE

SECRET, NONCE = b"s" * 32, b"n" * 16


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *found: Advertisement
) -> list[str]:
    """Find listeners among these advertisements, and return the lines printed."""
    heard: list[Advertisement | None] = list(found)

    class Search:
        def next(self, timeout_s: float) -> Advertisement | None:
            return heard.pop(0) if heard else None

        def close(self) -> None:
            heard.append(None)

    monkeypatch.setattr(find, "Search", Search)
    monkeypatch.setattr(find, "SEARCH_S", 0.05)
    assert find.run_find() == 0
    assert heard == [None], "the search was closed, once"
    heading, *rows = capsys.readouterr().out.splitlines()
    if rows:
        assert heading == "code begins with\taddress\tname\tdo you know them?"
    return rows or [heading]


def test_search_without_a_listener_prints_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [line] = run(monkeypatch, capsys)
    assert line == "Found no listener. Some networks keep their computers apart: try its address."


def test_listener_is_printed_as_number_address_and_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = run(
        monkeypatch,
        capsys,
        Advertisement(("10.0.0.2", "fd00::2"), 5000, 7, NONCE, b"", "Zoë"),
        Advertisement(("fd00::3",), 5001, None, NONCE, b""),
    )
    assert lines == ["7\t10.0.0.2:5000\tZoë\tnot known", "-\t[fd00::3]:5001\t-\tnot known"]


def test_known_listener_has_its_stored_name_and_an_impostor_is_not_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = KnownPeers(data_folder() / KNOWN_PEERS_FILE)
    known.remember(b"b" * 32, PeerDetails("Bob", discovery_secret=SECRET))
    tag = discovery_tag(SECRET, NONCE, "10.0.0.2", 5000)
    lines = run(
        monkeypatch,
        capsys,
        Advertisement(("10.0.0.2",), 5000, 7, NONCE, tag, "Mallory"),
        Advertisement(("10.0.0.66",), 5000, 7, NONCE, tag, "Bob"),
    )
    assert lines == ["7\t10.0.0.2:5000\tBob\tknown", "7\t10.0.0.66:5000\tBob\tnot known"]


def test_name_cannot_change_the_terminal_or_the_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b[2J\x1b]0;x\x07Bob\tknown\n1\t10.0.0.1:5000\tAlice\tknown" + "x" * 500
    [line] = run(monkeypatch, capsys, Advertisement(("10.0.0.2",), 5000, 7, NONCE, b"", evil))
    number, address, name, known = line.split("\t")
    assert (number, address, known) == ("7", "10.0.0.2:5000", "not known")
    assert name.isprintable()
    assert len(name) <= 64


def test_repeated_advertisement_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Advertisement(("10.0.0.2",), 5000, 7, NONCE, b"")
    again = Advertisement(("10.0.0.2",), 5000, 8, NONCE, b"")
    assert run(monkeypatch, capsys, first, again) == ["8\t10.0.0.2:5000\t-\tnot known"]
