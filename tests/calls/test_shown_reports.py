"""The report on a call, asked for in a window: its page is written and opened in the browser."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.fake_command import put_command
from tests.support.peer_process import StartPeer, wait_until
from tests.support.screen_user import Person

CARD_BUTTON = "Report on the call, in the browser"
PAGE_BUTTON = "Report on the last call, in the browser"
MENU_ENTRY = "Report on the last call"
Start = Callable[..., Person]


@pytest.fixture
def person(screen: str, start: StartPeer, tmp_path: Path) -> Start:
    """Return a function that seats somebody, whose browser notes what it opens."""
    commands = tmp_path / "commands"
    commands.mkdir()
    put_command(commands, "xdg-open", f'echo "$1" >> "{tmp_path}/$BROWSED"')

    def seat(name: str, *arguments: str) -> Person:
        arguments += (f"--stats={tmp_path}/{name}.stats",)
        environment = {"BROWSED": f"{name}.browsed", "PATH": f"{commands}:/usr/bin:/bin"}
        return Person(name, start, screen, tmp_path, arguments=arguments, environment=environment)

    return seat


def count_lines(statistics: Path) -> int:
    """Return the number of seconds of which there are figures."""
    return statistics.read_text("utf-8").count("\n") if statistics.exists() else 0


def read_opened(folder: Path, name: str, *, times: int = 1) -> str:
    """Return the page that somebody's browser has opened this many times."""
    browsed = folder / f"{name}.browsed"
    wait_until(
        lambda: browsed.exists() and browsed.read_text().count("\n") == times,
        f"{name}'s browser opens the page",
    )
    address = urlsplit(browsed.read_text().splitlines()[-1])
    assert address.scheme == "file"
    return Path(unquote(address.path)).read_text("utf-8")


def expect_page(page: str, peer: str) -> None:
    """Check that a page tells of a call with this peer, and loads nothing from elsewhere."""
    assert re.search(rf"Your call with {peer} lasted \d+ s; its quality was (good|fair|poor)", page)
    for plot in ("Latency", "Rate of the pictures", "Pictures a second", "Processor"):
        assert plot in page
    assert page.count("<svg") >= 4
    assert not re.search(r"(src|href)=[\"'](?!#|data:)", page)


def test_both_ends_of_a_call_read_its_report_in_the_browser(person: Start, tmp_path: Path) -> None:
    ann = person("Ann", "lobby", "--set=window.placement=left")
    bob = person("Bob", "listen", "--set=window.placement=right")
    ann.focus("Vis-à-vis — waiting")
    ann.click("Whom to call: a code, a name or an address")
    ann.type_text(f"127.0.0.1:{bob.peer.port}")
    bob.peer.wait_event("ringing", peer="Ann")
    bob.click("Accept the call")
    wait_until(
        lambda: all(count_lines(tmp_path / f"{name}.stats") >= 2 for name in ("Ann", "Bob")),
        "there are figures of both ends",
    )
    ann.click("Hang up")
    for each in (ann, bob):
        each.peer.wait_event("ended", exit_status=0)

    ann.click(CARD_BUTTON)
    expect_page(read_opened(tmp_path, "Ann"), "Bob")
    bob.click(PAGE_BUTTON)
    expect_page(read_opened(tmp_path, "Bob"), "Ann")
    assert [each.suffix for each in ann.documents.iterdir()] == [".html"]

    # Back in the lobby, the menu has it until the next call ends.
    ann.click("Close the window")
    ann.peer.wait_event("waiting", times=2)
    ann.click("More")
    ann.click(MENU_ENTRY)
    expect_page(read_opened(tmp_path, "Ann", times=2), "Bob")
