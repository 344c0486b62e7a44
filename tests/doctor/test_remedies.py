"""Remedies of the doctor for this computer, followed word for word until their check is `ok`.

Each test breaks one thing, enters the command that the doctor's own next step holds, in the
terminal in which it was read, and asks the doctor again.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import pytest

from net.trust.identity import IDENTITY_FILE, load_or_make_identity
from tests.support.own_disks import why_no_disks, with_disk
from tests.support.own_screen import own_screen, why_no_screen
from tests.support.peer_process import wait_until
from tests.support.remedy import NOBODY
from tests.support.remedy_terminal import Finding, RemedyTerminal, commands_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="remedies for a POSIX shell")
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="only root can become another user"
)
HOLD = (
    "import socket; s = socket.create_server(('0.0.0.0', {}));"
    " print(s.getsockname()[1], flush=True); s.accept()"
)
LARGE = (
    *("--set=video.width_px=1920", "--set=video.height_px=1080", "--set=video.frame_rate_hz=60"),
    "--set=video.bitrate_bps=20000000",
)


@pytest.fixture
def terminal() -> Iterator[RemedyTerminal]:
    with RemedyTerminal() as terminal:
        yield terminal


@pytest.fixture
def user_terminal() -> Iterator[RemedyTerminal]:
    """A terminal of a user without rights, who has `sudo`."""
    with RemedyTerminal(user=NOBODY) as terminal:
        yield terminal


def is_ok(finding: Finding) -> bool:
    return bool(finding["mark"] == "ok")


def options_of(finding: Finding) -> list[str]:
    """Return the options of a next step that names some outside of a command."""
    return re.findall(r"--set video\.\w+=\d+", finding["next_step"])


# Settings.


def test_unknown_setting_has_the_name_that_was_meant(terminal: RemedyTerminal) -> None:
    file = terminal.folder / "config.yaml"
    file.write_text("video:\n  camra: test\n")
    finding = terminal.examine("settings", f"--config={file}")
    assert finding["mark"] == "wrong"
    meant = re.search(r"Did you mean video\.(\w+)\?", finding["next_step"])
    assert meant, finding
    file.write_text(f"video:\n  {meant[1]}: test\n")
    assert is_ok(terminal.examine("settings", f"--config={file}"))


def test_number_as_text_is_put_in_quotes(terminal: RemedyTerminal) -> None:
    file = terminal.folder / "config.yaml"
    file.write_text("name: 12\n")
    finding = terminal.examine("settings", f"--config={file}")
    _, _, line = finding["next_step"].partition("Put it in quotes: ")
    assert line, finding
    file.write_text(f"{line}\n")
    assert is_ok(terminal.examine("settings", f"--config={file}"))


def test_every_error_of_a_settings_file_has_a_next_step(terminal: RemedyTerminal) -> None:
    file = terminal.folder / "config.yaml"
    for text in ("video:\n  width_px: 5\n", "video: &a\n", "a: 1\na: 2\n", "- 1\n", "[\n", "\t\n"):
        file.write_text(text)
        finding = terminal.examine("settings", f"--config={file}")
        assert finding["mark"] == "wrong"
        assert finding["next_step"], finding


@as_root
def test_settings_that_may_not_be_read_can_be_shown(user_terminal: RemedyTerminal) -> None:
    file = user_terminal.folder / "config.yaml"
    file.touch(mode=0o600)
    finding = user_terminal.examine("settings", f"--config={file}")
    assert finding["mark"] == "wrong"
    user_terminal.follow(finding)
    assert is_ok(user_terminal.examine("settings", f"--config={file}"))


# Limits and display.


@pytest.mark.parametrize("limit", ["ulimit -S -n 60", "ulimit -S -v 1500000"])
def test_low_limit_can_be_raised(terminal: RemedyTerminal, limit: str) -> None:
    terminal.enter(limit)
    finding = terminal.examine("limits")
    assert finding["mark"] == "wrong"
    terminal.follow(finding)
    assert is_ok(terminal.examine("limits"))


@pytest.mark.skipif(why_no_screen() is not None, reason=str(why_no_screen()))
def test_platform_that_qt_does_not_know_can_be_unset() -> None:
    with own_screen() as screen:
        changes = {"DISPLAY": screen.display, "QT_QPA_PLATFORM": "cinema"}
        with RemedyTerminal(environment=changes) as terminal:
            finding = terminal.examine("display", "--set=window.headless=false")
            assert finding["mark"] == "warning"
            terminal.follow(finding)
            assert is_ok(terminal.examine("display", "--set=window.headless=false"))


# Port.


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Return the port that another program listens on."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD.format(0)], stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            yield int(program.stdout.readline())
        finally:
            program.kill()


def test_program_on_the_port_can_be_ended(terminal: RemedyTerminal, taken_port: int) -> None:
    finding = terminal.examine("port", f"--port={taken_port}")
    assert finding["mark"] == "wrong"
    terminal.follow(finding)
    wait_until(lambda: is_ok(terminal.examine("port", f"--port={taken_port}")), "it has ended")


@as_root
def test_listener_starts_on_the_other_port() -> None:
    # In a network of its own, where nobody else takes the port that the doctor names.
    with RemedyTerminal(prefix=["unshare", "--net"]) as terminal:
        terminal.enter(
            f"{quote(sys.executable)} -c {quote(HOLD.format(5000))} >held 2>&1 & held=$!"
        )
        wait_until(lambda: (terminal.folder / "held").read_text() == "5000\n", "it is held")
        finding = terminal.examine("port")
        command = commands_of(finding)[1]
        # In the background, so that the terminal goes on; without a camera, as all tests here.
        options = "--headless --camera none --mic none --speaker none"
        terminal.enter(f"{command} {options} >out 2>err & listener=$!")
        port = command.rpartition(" ")[2]
        out = terminal.folder / "out"
        wait_until(lambda: f":{port}\n" in out.read_text(), f"{command} listens")
        assert is_ok(terminal.examine("port", f"--port={port}"))
        terminal.enter("kill $listener $held; wait", status=None)


@as_root
def test_reserved_port_can_be_replaced_by_another() -> None:
    with RemedyTerminal(prefix=["unshare", "--net"], user=NOBODY) as terminal:
        finding = terminal.examine("port", "--port=80")
        assert finding["mark"] == "wrong"
        assert is_ok(terminal.examine("port", *commands_of(finding)[0].split()))


# Disk.


def received(folder: Path) -> str:
    return f"--set=files.folder={folder}"


def test_file_in_place_of_a_folder_can_be_moved(terminal: RemedyTerminal) -> None:
    folder = terminal.folder / "my files"
    folder.touch()
    finding = terminal.examine("disk", received(folder))
    assert finding["mark"] == "wrong"
    terminal.follow(finding)
    assert terminal.examine("disk", received(folder))["mark"] != "wrong"


@as_root
@pytest.mark.parametrize("owner", [NOBODY, 0])
def test_folder_that_may_not_be_written_can_be(user_terminal: RemedyTerminal, owner: int) -> None:
    folder = user_terminal.folder / "my files"
    folder.mkdir()
    folder.chmod(0o555)
    os.chown(folder, owner, -1)
    finding = user_terminal.examine("disk", received(folder))
    assert finding["mark"] == "wrong"
    user_terminal.follow(finding)
    assert user_terminal.examine("disk", received(folder))["mark"] != "wrong"


@as_root
def test_missing_folder_is_made_and_the_one_above_keeps_its_owner(
    user_terminal: RemedyTerminal,
) -> None:
    above = user_terminal.folder / "home"
    above.mkdir(mode=0o755)
    finding = user_terminal.examine("disk", received(above / "a" / "b"))
    assert finding["mark"] == "wrong"
    user_terminal.follow(finding)
    assert user_terminal.examine("disk", received(above / "a" / "b"))["mark"] != "wrong"
    assert above.stat().st_uid == 0


@as_root
def test_folder_of_another_user_is_named(user_terminal: RemedyTerminal) -> None:
    above = user_terminal.folder / "home"
    above.mkdir(mode=0o700)
    finding = user_terminal.examine("disk", received(above / "a"))
    assert finding["mark"] == "wrong"
    option = f"--set=files.folder={user_terminal.folder / 'own'}"
    assert "--set files.folder=FOLDER" in finding["next_step"]
    assert user_terminal.examine("disk", option)["mark"] != "wrong"


@pytest.mark.skipif(why_no_disks() is not None, reason=str(why_no_disks()))
def test_read_only_disk_can_be_remounted(tmp_path: Path) -> None:
    disk = tmp_path / "my disk"
    disk.mkdir()
    with RemedyTerminal(prefix=with_disk(disk, "ro,size=8m")) as terminal:
        finding = terminal.examine("disk", received(disk))
        assert finding["mark"] == "wrong"
        assert "read-only" in finding["sentence"]
        terminal.follow(finding)
        assert terminal.examine("disk", received(disk))["mark"] == "warning"


@pytest.mark.skipif(why_no_disks() is not None, reason=str(why_no_disks()))
def test_disk_has_room_again_once_something_is_removed(tmp_path: Path) -> None:
    with RemedyTerminal(prefix=with_disk(tmp_path, "size=200m")) as terminal:
        options = (received(tmp_path), "--set=video.bitrate_bps=100000")
        film = quote(str(tmp_path / "film"))
        terminal.enter(f"head -c 80000000 /dev/zero >{film}")
        finding = terminal.examine("disk", *options)
        assert finding["mark"] == "warning"
        assert "Make room there" in finding["next_step"]
        terminal.enter(f"rm {film}")
        assert is_ok(terminal.examine("disk", *options))


# Keys.


@pytest.fixture
def key(terminal: RemedyTerminal) -> Path:
    """Return the key in the terminal's data folder."""
    folder = terminal.folder / "data" / "vis-a-vis"
    load_or_make_identity(folder)
    return folder / IDENTITY_FILE


def test_key_that_others_can_read_can_be_protected(terminal: RemedyTerminal, key: Path) -> None:
    key.chmod(0o644)
    finding = terminal.examine("keys")
    assert finding["mark"] == "wrong"
    terminal.follow(finding)
    assert is_ok(terminal.examine("keys"))


def test_key_that_others_can_replace_can_be_protected(terminal: RemedyTerminal, key: Path) -> None:
    key.parent.chmod(0o777)
    finding = terminal.examine("keys")
    assert finding["mark"] == "wrong"
    terminal.follow(finding)
    assert is_ok(terminal.examine("keys"))


def test_damaged_key_can_be_put_away(terminal: RemedyTerminal, key: Path) -> None:
    key.write_bytes(key.read_bytes()[:-80])
    finding = terminal.examine("keys")
    assert finding["mark"] == "wrong"
    terminal.follow(finding)
    assert is_ok(terminal.examine("keys"))


@as_root
def test_key_of_another_user_can_be_taken_over(user_terminal: RemedyTerminal) -> None:
    """As the first start by root leaves it."""
    load_or_make_identity(user_terminal.folder / "data" / "vis-a-vis")
    (user_terminal.folder / "data").chmod(0o755)
    finding = user_terminal.examine("keys")
    assert finding["mark"] == "wrong"
    user_terminal.follow(finding)
    assert is_ok(user_terminal.examine("keys"))


@as_root
def test_own_key_without_rights_gets_them(user_terminal: RemedyTerminal) -> None:
    folder = user_terminal.folder / "data" / "vis-a-vis"
    load_or_make_identity(folder)
    for path in (folder.parent, folder, *folder.iterdir()):
        os.chown(path, NOBODY, -1)
    (folder / IDENTITY_FILE).chmod(0o400)
    finding = user_terminal.examine("keys")
    assert finding["mark"] == "wrong"
    user_terminal.follow(finding)
    assert is_ok(user_terminal.examine("keys"))


# Processor.


@pytest.mark.skipif(sys.platform != "linux", reason="taskset is Linux's")
def test_pictures_of_the_suggested_size_are_encoded_in_time(terminal: RemedyTerminal) -> None:
    terminal.enter(f"taskset -cp {min(os.sched_getaffinity(0))} $$")  # One processor is slow.
    finding = terminal.examine("processor", *LARGE)
    assert finding["mark"] == "warning", finding
    options: list[str] = []
    for _ in range(3):  # Another program may take the processor meanwhile: then still smaller.
        options += [f"--set={option.split()[1]}" for option in options_of(finding)]
        assert options, finding
        finding = terminal.examine("processor", *LARGE, *options)
        if is_ok(finding):
            return
    pytest.fail(str(finding))
