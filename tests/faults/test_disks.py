"""Disks that are full or read-only, folders with any name, and files that somebody has damaged."""

import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from net.trust.identity import IDENTITY_FILE, load_or_make_identity
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.own_disks import seen_by, why_no_disks, with_disk, with_read_only
from tests.support.peer_process import Input, StartPeer, read_statistics, wait_until
from tests.support.recorded_call import read_recording

needs_disks = pytest.mark.skipif(why_no_disks() is not None, reason=str(why_no_disks()))


@needs_disks
def test_full_disk_ends_the_files_of_a_call_and_not_the_call(
    start: StartPeer, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    names = ("figures", "call.mkv", "last.png")
    figures, recording, snapshot = (disk / name for name in names)
    listener = start(
        *("listen", "--accept", f"--stats={figures}", f"--record={recording}"),
        f"--snapshot={snapshot}",
        prefix=with_disk(disk, "size=200k"),
    )
    caller = start("connect", f"127.0.0.1:{listener.port}", "--mic=tone")
    listener.wait_event("warning", key="recording_stopped")
    listener.wait_said("No more statistics are written: No space left on device")
    pictures = listener.wait_event("first_picture")
    assert pictures["after_ms"] > 0
    caller.type_line("q")
    assert caller.wait() == 0
    listener.wait_event("ended", reason="remote_hung_up", exit_status=0)
    listener.wait_said("The picture could not be written to")
    listener.wait_event("waiting", times=2)

    seen = {name: seen_by(listener.process.pid, disk / name) for name in names}
    whole_lines = seen["figures"].read_text("utf-8").rpartition("\n")[0]
    assert read_statistics(whole_lines)
    assert len(read_recording(seen["call.mkv"])[0].payloads) > 5
    assert not seen["last.png"].exists()


@needs_disks
@pytest.mark.parametrize(
    ("options", "why"),
    [("ro", "Read-only file system"), ("nr_inodes=1", "No space left on device")],
    ids=["read-only", "full"],
)
def test_home_without_room_for_the_key_is_one_sentence(
    options: str, why: str, start: StartPeer, tmp_path: Path
) -> None:
    home = tmp_path / "data"
    home.mkdir()
    listener = start("listen", prefix=with_disk(home, options))
    assert listener.wait() == 2
    assert listener.said.startswith("This program cannot store its key in ")
    assert f"{why}. Make sure that you may read and write {home}" in listener.said
    assert (listener.said.count("\n"), listener.out) == (1, "")


@needs_disks
def test_call_by_code_from_a_read_only_home_remembers_nobody_and_says_so(
    start: StartPeer, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    load_or_make_identity(home / "vis-a-vis")
    before = sorted(home.rglob("*"))
    listener = start("listen", "--accept", "--set=listen.open=false", "--name=Bob")
    code = listener.wait_event("listening")["code"]
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", f"--code={code}", "--duration=1"),
        prefix=with_read_only(home),
        environment={"XDG_DATA_HOME": str(home)},
    )
    assert caller.wait() == 0
    assert "cannot be saved" in caller.said
    assert sorted(home.rglob("*")) == before


def test_unset_home_does_no_harm(start: StartPeer) -> None:
    without_home = ["env", "-u", "HOME", "-u", "USER", "-u", "LOGNAME"]
    listener = start("listen", "--accept", "--once", prefix=without_home)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=0.3", prefix=without_home)
    assert caller.wait() == 0
    assert listener.wait() == 0


@needs_disks
def test_demo_needs_no_folder_for_temporary_files(start: StartPeer, tmp_path: Path) -> None:
    demo = start(
        *("demo", "--headless", "--duration=0.3", "--camera=test"),
        stdin=Input.NULL,
        prefix=with_read_only(Path("/tmp"), but=tmp_path),
        environment={"TMPDIR": "/nowhere"},
    )
    assert demo.wait() == 0, demo.said
    assert (tmp_path / "demo-caller.png").exists()
    assert not list(tmp_path.glob("vis-a-vis-demo-*"))


def test_folders_may_have_any_name(start: StartPeer, tmp_path: Path) -> None:
    folder = tmp_path / "Müllers „neue“ 日本 🎥 & 'x' -v"
    folder.mkdir()
    (folder / "mine.yaml").write_text("name: Jürgen 日本\n", "utf-8")
    listener = start("listen", "--accept")
    files = {"stats": "figures", "record": "call.mkv", "snapshot": "last.png"}
    caller = start(
        *("connect", f"127.0.0.1:{listener.port}", "--mic=tone"),
        f"--config={folder / 'mine.yaml'}",
        f"--speaker={folder / 'heard.wav'}",
        *(f"--{option}={folder / name}" for option, name in files.items()),
        environment={"XDG_DATA_HOME": str(folder / "data")},
    )
    caller.wait_event("first_picture")
    listener.wait_event("ringing", peer="Jürgen 日本")
    figures = folder / "figures"
    wait_until(lambda: figures.stat().st_size > 0, "the call is measured")
    caller.type_line("q")
    assert caller.wait() == 0, caller.said
    for name in ("heard.wav", *files.values(), f"data/vis-a-vis/{IDENTITY_FILE}"):
        assert (folder / name).stat().st_size > 0, name


@pytest.mark.skipif(sys.platform == "win32", reason="there are no mode bits")
def test_damaged_and_open_files_of_the_user_are_mended_and_kept(
    start: StartPeer, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "vis-a-vis"
    key = load_or_make_identity(folder).pem_path
    key.chmod(0o644)
    known = folder / KNOWN_PEERS_FILE
    known.write_bytes(b'{"version": 1, "peers')
    listener = start("listen")
    listener.wait_event("waiting")
    listener.wait_said(f"Others could read the key in {key}; only you can now")
    listener.wait_said("They need a call code again")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert known.with_name(f"{KNOWN_PEERS_FILE}.damaged-1").read_bytes().endswith(b"peers")
    listener.signal(signal.SIGTERM)
    assert listener.ends() == 130

    os.truncate(key, 40)
    listener = start("listen")
    listener.wait_event("waiting")
    listener.wait_said("a new key was made. Peers that know this computer will not recognize it")
    assert key.with_name(f"{IDENTITY_FILE}.damaged-1").stat().st_size == 40
