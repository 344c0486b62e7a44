"""Files sent between two real programs, and with a peer that the test plays."""

import contextlib
import hashlib
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from net.protocol.control import PictureState
from net.protocol.file_messages import FileAccept, FileOffer, FilePart, encode_part
from net.protocol.framing import MessageType, encode_message
from tests.support.forgetful_relay import ForgetfulRelay
from tests.support.peer_process import StartPeer, wait_until
from tests.support.raw_peer import RawPeer
from tests.support.shared_listener import RawBody, SharedListener

SEED = 11


class FileCall:
    """A call between Ann, who calls, and Bob, each with a downloads folder."""

    def __init__(self, start: StartPeer, folder: Path, *, has_relay: bool = False) -> None:
        self.folder = folder
        self.downloads = {name: folder / f"{name} downloads" for name in ("ann", "bob")}
        self.bob = start("listen", "--accept", "--name=Bob", self._setting("bob"))
        self.relay = ForgetfulRelay(self.bob.port) if has_relay else None
        port = self.bob.port if self.relay is None else self.relay.port
        self.ann = start("connect", f"127.0.0.1:{port}", "--name=Ann", self._setting("ann"))
        for peer in (self.ann, self.bob):
            peer.wait_event("first_picture")

    def _setting(self, name: str) -> str:
        return f"--set=files.folder={self.downloads[name]}"

    def make(self, name: str, size_bytes: int) -> Path:
        """Make a file of random bytes."""
        path = self.folder / name
        path.write_bytes(random.Random(SEED).randbytes(size_bytes))
        return path

    def send(self, path: Path, *, times: int = 1) -> None:
        """Offer a file of Ann to Bob, who accepts it."""
        self.ann.type_line(f"/send {path}")
        self.bob.wait_event("file", state="offered", name=path.name, times=times)
        self.bob.type_line("/accept")

    def wait_stored(self, path: Path) -> Path:
        """Wait until both ends say that a file is stored, check it, and return where it is."""
        stored = self.bob.wait_event("file", state="stored", is_own=False)
        self.ann.wait_event("file", state="stored", is_own=True)
        copy = Path(stored["path"])
        assert digest(copy) == digest(path)
        return copy

    def close(self) -> None:
        if self.relay is not None:
            self.relay.close()


def digest(path: Path) -> bytes:
    """Return the checksum of a file."""
    return hashlib.sha256(path.read_bytes()).digest()


@pytest.fixture(name="call")
def _call(start: StartPeer, tmp_path: Path) -> FileCall:
    return FileCall(start, tmp_path)


def test_file_arrives_whole_under_its_name_and_marked(call: FileCall) -> None:
    path = call.make("holiday picture.jpg", 3_000_000)
    call.send(path)
    copy = call.wait_stored(path)
    assert copy == call.downloads["bob"] / "holiday picture.jpg"
    assert list(copy.parent.iterdir()) == [copy]
    with contextlib.suppress(OSError):  # A disk without extended attributes.
        assert os.getxattr(copy, "user.xdg.origin.url") == b"visavis:Ann"
    call.bob.wait_said("holiday picture.jpg is stored")
    call.ann.wait_said("Bob has holiday picture.jpg")


def test_second_file_of_a_name_does_not_replace_the_first(call: FileCall) -> None:
    path = call.make("a.tar.gz", 10)
    for times in (1, 2):
        call.send(path, times=times)
        call.ann.wait_event("file", state="stored", times=times)
    names = {each.name for each in call.downloads["bob"].iterdir()}
    assert names == {"a.tar.gz", "a.tar (2).gz"}


def test_empty_file_arrives(call: FileCall) -> None:
    path = call.make("empty", 0)
    call.send(path)
    assert call.wait_stored(path).stat().st_size == 0


def test_declined_file_is_not_sent(call: FileCall) -> None:
    path = call.make("spam.txt", 100)
    call.ann.type_line(f"/send {path}")
    call.bob.wait_event("file", state="offered")
    call.bob.type_line("/decline")
    call.ann.wait_event("file", state="declined")
    call.ann.wait_said("Bob declined spam.txt")
    assert not call.downloads["bob"].exists()


def test_folder_missing_file_and_device_are_explained(call: FileCall) -> None:
    for path, why in (
        (call.folder, "is a folder"),
        (call.folder / "missing", "There is no file"),
        (Path("/dev/zero"), "is a device"),
    ):
        call.ann.type_line(f"/send {path}")
        call.ann.wait_said(why)
    assert not call.bob.find_events("file")


def test_file_goes_on_where_it_was_after_the_link_was_lost(
    start: StartPeer, tmp_path: Path
) -> None:
    call = FileCall(start, tmp_path, has_relay=True)
    with contextlib.closing(call):
        assert call.relay is not None
        path = call.make("film.bin", 25_000_000)
        call.send(path)
        part = wait_part(call.downloads["bob"], 2_000_000)
        call.relay.forget()
        call.ann.wait_event("link_lost")
        before_bytes = part.stat().st_size
        assert before_bytes < 25_000_000
        call.ann.wait_event("resumed")
        call.wait_stored(path)
        call.ann.wait_event("file", state="moving", times=2)


def wait_part(folder: Path, size_bytes: int) -> Path:
    """Wait until an unfinished file has a size, and return its path."""
    found: list[Path] = []

    def is_there() -> bool:
        found[:] = [each for each in folder.glob(".*.part") if each.stat().st_size >= size_bytes]
        return bool(found)

    wait_until(is_there, f"{size_bytes} bytes have arrived")
    return found[0]


@pytest.mark.parametrize("end", ["cancel here", "cancel there", "hang up", "kill"])
def test_unfinished_file_leaves_nothing_under_its_name(call: FileCall, end: str) -> None:
    path = call.folder / "big.bin"
    with path.open("wb") as file:
        file.truncate(5 * 1024**3)
    call.send(path)
    wait_part(call.downloads["bob"], 1_000_000)
    if end == "cancel here":
        call.ann.type_line("/cancel")
        call.bob.wait_said("Ann cancelled big.bin")
    elif end == "cancel there":
        call.bob.type_line("/cancel")
        call.ann.wait_said("Bob cancelled big.bin")
    elif end == "hang up":
        call.ann.type_line("q")
        assert call.ann.ends() == 0
        call.bob.wait_event("file", state="failed", reason="call_ended")
    else:
        call.bob.signal(signal.SIGKILL)
        call.bob.wait()
        assert [each.name[0] for each in call.downloads["bob"].iterdir()] == ["."]
        return
    wait_until(lambda: not list(call.downloads["bob"].iterdir()), "nothing is left")


def test_file_that_changes_while_it_is_sent_is_refused_at_both_ends(call: FileCall) -> None:
    path = call.folder / "log.txt"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    call.send(path)
    wait_part(call.downloads["bob"], 1_000_000)
    os.truncate(path, 1_000)
    call.ann.wait_event("file", state="failed", reason="changed")
    call.bob.wait_event("file", state="failed", reason="changed")
    call.bob.wait_said("the file changed while it was read. Ask for it again")
    wait_until(lambda: not list(call.downloads["bob"].iterdir()), "nothing is left")


def test_file_that_disappears_meanwhile_still_arrives(call: FileCall) -> None:
    path = call.make("gone.bin", 20_000_000)
    content = digest(path)
    call.ann.type_line(f"/send {path}")
    call.bob.wait_event("file", state="offered")
    path.unlink()
    call.bob.type_line("/accept")
    stored = call.bob.wait_event("file", state="stored")
    assert digest(Path(stored["path"])) == content


@contextlib.contextmanager
def small_disk(folder: Path, *options: str) -> Iterator[Path]:
    """Yield a disk of a megabyte at a folder."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(("size=1m", *options)), "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("needs root, to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize(
    ("option", "size_bytes", "reason", "sentence"),
    [
        ("rw", 2_000_000, "disk_full", "the disk is full. Make room"),
        ("ro", 1_000, "not_writable", "Set files.folder to a folder that you may write"),
    ],
)
def test_disk_that_cannot_take_a_file_is_explained_at_both_ends(
    call: FileCall, option: str, size_bytes: int, reason: str, sentence: str
) -> None:
    with small_disk(call.downloads["bob"], option) as disk:
        call.send(call.make("large.bin", size_bytes))
        call.bob.wait_said(sentence)
        call.ann.wait_event("file", state="failed", reason=reason)
        call.ann.wait_said("large.bin was not sent")
        assert not list(disk.iterdir())


def test_file_of_5_gb_is_refused_by_a_small_disk_and_leaves_nothing_there(call: FileCall) -> None:
    large = call.make("large.bin", 0)
    os.truncate(large, 5_000_000_000)
    with small_disk(call.downloads["bob"], "rw") as disk:
        call.send(large)
        call.bob.wait_said("Ann wants to send you large.bin (5.0 GB)")
        call.bob.wait_said("the disk is full. Make room")
        call.ann.wait_said("large.bin was not sent: Bob's disk is full")
        assert not list(disk.iterdir())


def _send_unaccepted(raw: RawPeer) -> None:
    raw.send(FileOffer(1, "a", 4))
    raw.write(encode_part(FilePart(1, 0, b"data")))


def _number_as_theirs(raw: RawPeer) -> None:
    raw.send(FileOffer(2, "a", 4))


def _flood_offers(raw: RawPeer) -> None:
    for number in range(1, 1_001, 2):
        raw.send(FileOffer(number, "a", 4))


BREACHES: dict[str, RawBody] = {
    "a part that nobody accepted": _send_unaccepted,
    "a part cut short": lambda raw: raw.write(encode_message(MessageType.FILE, b"abc")),
    "a number of the other side": _number_as_theirs,
    "an accept of nothing": lambda raw: raw.send(FileAccept(2, 0)),
    "a flood of offers": _flood_offers,
}


@pytest.mark.parametrize("body", BREACHES.values(), ids=BREACHES)
def test_file_that_breaks_the_protocol_ends_the_call(
    body: RawBody, shared_listener: SharedListener
) -> None:
    count = len(shared_listener.peer.find_events("ended", reason="protocol_error"))
    # OSError: the call ended while it still sent.
    with shared_listener.call() as raw, contextlib.suppress(OSError):
        body(raw)
        raw.await_end()
    shared_listener.peer.wait_event("ended", reason="protocol_error", times=count + 1)
    shared_listener.check_unharmed()


def test_hostile_name_is_shown_as_it_would_be_stored(shared_listener: SharedListener) -> None:
    with shared_listener.call("Mallory") as raw:
        raw.send(FileOffer(1, "../../\x1b[2J.ssh/\u202eCON", 4))
        shared_listener.peer.wait_event("file", state="offered", name="_CON")
        shared_listener.peer.wait_said("Mallory wants to send you _CON (4 bytes)")
        raw.hang_up()
    shared_listener.check_unharmed()


def test_older_peer_is_offered_no_file(shared_listener: SharedListener, tmp_path: Path) -> None:
    with shared_listener.call("Old") as raw:
        raw.send(PictureState("none"))
        shared_listener.peer.wait_event("remote_state", picture="none")
        shared_listener.peer.type_line(f"/send {tmp_path}")
        shared_listener.peer.wait_said("Old's program is older and takes no files")
        raw.hang_up()
    shared_listener.check_unharmed()


def test_photo_of_the_camera_is_sent_in_its_own_size(start: StartPeer, tmp_path: Path) -> None:
    call = FileCall(start, tmp_path)
    call.ann.type_line("p")
    offered = call.bob.wait_event("file", state="offered", is_own=False)
    assert offered["name"].startswith("Photo ")
    call.bob.type_line("/accept")
    stored = Path(call.bob.wait_event("file", state="stored", is_own=False)["path"])
    assert stored.read_bytes().startswith(b"\xff\xd8")
    with av.open(str(stored)) as photo:
        assert (photo.streams.video[0].width, photo.streams.video[0].height) == (320, 180)
    call.close()
