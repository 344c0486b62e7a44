"""Claims about call/live/call_files.py, file_sender.py and file_storer.py.

Two ends without a network: messages are carried from one outbox to the other end, in threads.
"""

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import cast

import pytest

from call.live.call_files import CallFiles
from call.live.transfer_list import MAX_OPEN
from core.clock import now_us
from net.errors import ProtocolError
from net.link.link import Link
from net.link.outbox import Outbox
from net.protocol.control import Control, decode_control, encode_control
from net.protocol.file_messages import (
    FileAccept,
    FileCancel,
    FileEnd,
    FileOffer,
    FilePart,
    FileProgress,
    FileReason,
    FileStored,
    encode_part,
)
from net.protocol.framing import HEADER, MessageType
from tests.support.deadline import DEADLINE_S
from ui.sharing import TransferState, TransferView

SEED = 5
TICK_S = 0.005


class End:
    """One end, whose threads run; the test is its call, send and receive thread."""

    def __init__(self, folder: Path, stack: ExitStack, *, is_caller: bool) -> None:
        self.folder = folder
        self.outbox = Outbox()
        self.seen: list[Control] = []
        """The control messages that came, reports left out."""
        self.files = CallFiles(
            is_caller=is_caller, folder=lambda: folder, peer_name="Peer", now_us=now_us
        )
        self.files.send = self.send
        self.files.move_to(self.link, lambda now_us: 0)
        threads = [Thread(target=body, name=name) for name, body in self.files.threads()]
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(self.files.close)

    @property
    def link(self) -> Link:
        """A link of which only the outbox is used."""
        return cast(Link, SimpleNamespace(outbox=self.outbox))

    def send(self, control: Control) -> None:
        self.outbox.put_control(encode_control(control))

    def take_from(self, outbox: Outbox, receiving: Outbox) -> None:
        """Handle all that waits in the other end's outbox."""
        while (message := outbox.take(0)) is not None:
            payload = message[HEADER.size :]
            if message[0] == MessageType.FILE:
                self.files.add_part(payload, receiving)
                continue
            control = decode_control(payload)
            assert control is not None
            if isinstance(control, FileProgress):
                self.files.on_progress(control, now_us())
            else:
                self.seen.append(control)
                assert self.files.on_control(control)

    @property
    def only(self) -> TransferView:
        """The one transfer."""
        (transfer,) = self.files.views
        return transfer


class Pair:
    """Ann, the caller, and Bob."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.ann = End(folder / "ann", stack, is_caller=True)
        self.bob = End(folder / "bob", stack, is_caller=False)

    def step(self) -> None:
        """Carry what waits, both ways, and tick both ends."""
        self.bob.take_from(self.ann.outbox, self.bob.outbox)
        self.ann.take_from(self.bob.outbox, self.ann.outbox)
        for end in (self.ann, self.bob):
            end.files.on_tick(now_us())

    def run_until(self, state: TransferState, *, moved_bytes: int = 0) -> None:
        """Carry messages until both ends have one transfer in this state."""
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            self.step()
            views = [*self.ann.files.views, *self.bob.files.views]
            if len(views) == 2 and all(
                view.state is state and view.moved_bytes >= moved_bytes for view in views
            ):
                return
            assert time.monotonic() < deadline_s, views
            time.sleep(TICK_S)

    def break_link(self) -> None:
        """Lose what is on the way, and give both ends a new link."""
        for end in (self.ann, self.bob):
            end.outbox = Outbox()
            end.files.move_to(end.link, lambda now_us: 0)
        for end in (self.ann, self.bob):
            end.files.offer_again()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        yield Pair(tmp_path, stack)


DATA = random.Random(SEED).randbytes(3_000_000)


def offer(pair: Pair, data: bytes = DATA) -> None:
    """Let Ann offer a file to Bob."""
    assert pair.ann.files.offer(("a.bin", data))
    pair.run_until(TransferState.OFFERED)


def test_accepted_file_arrives(pair: Pair) -> None:
    offer(pair)
    assert pair.bob.files.answer(None, accepts=True)
    pair.run_until(TransferState.STORED)
    assert (pair.bob.folder / "a.bin").read_bytes() == DATA
    assert pair.bob.only.path == str(pair.bob.folder / "a.bin")
    assert pair.ann.only.moved_bytes == len(DATA)


def test_files_cross_in_both_directions(pair: Pair) -> None:
    pair.ann.files.offer(("from ann", DATA))
    pair.bob.files.offer(("from bob", DATA[::-1]))
    deadline_s = time.monotonic() + DEADLINE_S
    while not all(
        sum(view.state is TransferState.STORED for view in end.files.views) == 2
        for end in (pair.ann, pair.bob)
    ):
        pair.step()
        for end in (pair.ann, pair.bob):
            end.files.answer(None, accepts=True)
        assert time.monotonic() < deadline_s
        time.sleep(TICK_S)
    assert (pair.bob.folder / "from ann").read_bytes() == DATA
    assert (pair.ann.folder / "from bob").read_bytes() == DATA[::-1]


def test_several_files_arrive_one_after_another(pair: Pair) -> None:
    files = {f"{number}.bin": DATA[: 400_000 * number] for number in range(4)}
    for name, data in files.items():
        assert pair.ann.files.offer((name, data))
    deadline_s = time.monotonic() + DEADLINE_S
    while sum(view.state is TransferState.STORED for view in pair.ann.files.views) < 4:
        pair.step()
        pair.bob.files.answer(None, accepts=True)
        assert time.monotonic() < deadline_s
        time.sleep(TICK_S)
    assert {path.name: path.read_bytes() for path in pair.bob.folder.iterdir()} == files


@pytest.mark.parametrize("moved_bytes", [0, 100_000, 1_500_000])
def test_file_goes_on_where_it_was_on_another_link(pair: Pair, moved_bytes: int) -> None:
    offer(pair)
    pair.bob.files.answer(None, accepts=True)
    pair.run_until(TransferState.MOVING, moved_bytes=moved_bytes)
    pair.break_link()
    pair.run_until(TransferState.STORED)
    accepts = [each for each in pair.ann.seen if isinstance(each, FileAccept)]
    assert accepts[-1].from_bytes >= moved_bytes
    assert (pair.bob.folder / "a.bin").read_bytes() == DATA


def test_accept_that_crosses_the_repeated_offer_does_no_harm(pair: Pair) -> None:
    offer(pair)
    pair.break_link()
    pair.bob.files.answer(None, accepts=True)
    pair.run_until(TransferState.STORED)
    assert len([each for each in pair.ann.seen if isinstance(each, FileAccept)]) == 2
    assert (pair.bob.folder / "a.bin").read_bytes() == DATA


@pytest.mark.parametrize("step", ["offer", "accept", "decline", "cancel", "end", "stored"])
def test_message_that_a_lost_link_swallowed_is_made_up_for(pair: Pair, step: str) -> None:
    state = TransferState.STORED
    if step == "offer":
        pair.ann.files.offer(("a.bin", DATA))
        deadline_s = time.monotonic() + DEADLINE_S
        while not pair.ann.files.views:
            pair.ann.files.on_tick(now_us())
            assert time.monotonic() < deadline_s
        pair.break_link()
        pair.run_until(TransferState.OFFERED)
        pair.bob.files.answer(None, accepts=True)
    else:
        offer(pair)
        if step == "decline":
            pair.bob.files.answer(None, accepts=False)
            state = TransferState.DECLINED
        else:
            pair.bob.files.answer(None, accepts=True)
        if step == "cancel":
            pair.run_until(TransferState.MOVING)
            pair.ann.files.cancel(None)
            state = TransferState.CANCELLED
        elif step in ("end", "stored"):
            lose(pair, FileEnd if step == "end" else FileStored)
        pair.break_link()
    pair.run_until(state)


def lose(pair: Pair, kind: type[Control]) -> None:
    """Carry messages until one of a kind is sent, and lose that one."""
    deadline_s = time.monotonic() + DEADLINE_S
    sent: list[Control] = []
    for end in (pair.ann, pair.bob):

        def send(control: Control, end: End = end) -> None:
            sent.append(control)
            if not isinstance(control, kind):
                end.send(control)

        end.files.send = send
    while not any(isinstance(each, kind) for each in sent):
        pair.step()
        assert time.monotonic() < deadline_s
        time.sleep(TICK_S)
    for end in (pair.ann, pair.bob):
        end.files.send = end.send


def test_disk_that_refuses_ends_the_transfer_at_both_ends(pair: Pair) -> None:
    pair.bob.folder.write_text("no folder")
    offer(pair)
    pair.bob.files.answer(None, accepts=True)
    pair.run_until(TransferState.FAILED)
    assert pair.ann.only.reason == pair.bob.only.reason == FileReason.NOT_WRITABLE
    assert (pair.ann.only.is_ended_here, pair.bob.only.is_ended_here) == (False, True)


def test_wrong_checksum_ends_the_transfer_and_leaves_nothing(pair: Pair) -> None:
    pair.bob.files.on_control(FileOffer(1, "a.bin", 4))
    pair.bob.files.answer(None, accepts=True)
    pair.bob.files.add_part(encode_part(FilePart(1, 0, b"data"))[HEADER.size :], pair.bob.outbox)
    pair.bob.files.on_control(FileEnd(1, hashlib.sha256(b"other").digest()))
    deadline_s = time.monotonic() + DEADLINE_S
    while pair.bob.only.state is not TransferState.FAILED or list(pair.bob.folder.iterdir()):
        pair.bob.files.on_tick(now_us())
        assert time.monotonic() < deadline_s
        time.sleep(TICK_S)
    assert pair.bob.only.reason == FileReason.CHECKSUM


def test_too_many_offers_are_refused_at_each_end(pair: Pair) -> None:
    for number in range(MAX_OPEN):
        assert pair.ann.files.offer((str(number), b"x"))
    assert not pair.ann.files.offer(("one more", b"x"))
    for number in range(1, 2 * MAX_OPEN + 2, 2):
        pair.bob.files.on_control(FileOffer(number, "a", 1))
    assert len(pair.bob.files.views) == MAX_OPEN
    messages = list(iter(lambda: pair.bob.outbox.take(0), None))
    refused = decode_control(messages[-1][HEADER.size :])
    assert refused == FileCancel(2 * MAX_OPEN + 1, FileReason.TOO_MANY)


PART = encode_part(FilePart(1, 0, b"data"))[HEADER.size :]


def part(offset_bytes: int, data: bytes, transfer: int = 1) -> bytes:
    return encode_part(FilePart(transfer, offset_bytes, data))[HEADER.size :]


@pytest.mark.parametrize(
    "payload",
    [part(1, b"x"), part(0, b"12345"), part(0, b"x", transfer=3), part(0, b"x", transfer=2), b""],
)
def test_part_that_does_not_fit_breaks_the_protocol(pair: Pair, payload: bytes) -> None:
    pair.bob.files.on_control(FileOffer(1, "a.bin", 4))
    pair.bob.files.answer(None, accepts=True)
    with pytest.raises(ProtocolError):
        pair.bob.files.add_part(payload, pair.bob.outbox)


def test_part_before_the_user_accepted_breaks_the_protocol(pair: Pair) -> None:
    pair.bob.files.on_control(FileOffer(1, "a.bin", 4))
    with pytest.raises(ProtocolError):
        pair.bob.files.add_part(PART, pair.bob.outbox)


def test_part_after_a_cancel_or_of_a_former_link_is_ignored(pair: Pair) -> None:
    pair.bob.files.on_control(FileOffer(1, "a.bin", 4))
    pair.bob.files.answer(None, accepts=True)
    pair.bob.files.add_part(part(3, b"x"), Outbox())
    pair.bob.files.cancel(1)
    pair.bob.files.add_part(PART, pair.bob.outbox)


@pytest.mark.parametrize(
    "control",
    [
        FileOffer(2, "ours", 1),
        FileOffer(401, "too many", 1),
        FileAccept(1, 0),
        FileAccept(2, 0),
        FileAccept(4, 0),
        FileEnd(1, bytes(32)),
        FileStored(4),
    ],
)
def test_message_about_no_file_breaks_the_protocol(pair: Pair, control: Control) -> None:
    with pytest.raises(ProtocolError):
        pair.bob.files.on_control(control)


def test_file_accepted_from_beyond_what_was_sent_breaks_the_protocol(pair: Pair) -> None:
    offer(pair)
    with pytest.raises(ProtocolError):
        pair.ann.files.on_control(FileAccept(1, 1))
    with pytest.raises(ProtocolError):
        pair.ann.files.on_control(FileStored(1))


def test_report_beyond_what_was_sent_breaks_the_protocol(pair: Pair) -> None:
    offer(pair)
    pair.bob.files.answer(None, accepts=True)
    pair.run_until(TransferState.MOVING)
    with pytest.raises(ProtocolError):
        pair.ann.files.on_progress(FileProgress(1, len(DATA) + 1, 0, 0), now_us())


def test_cancel_of_an_unknown_file_is_ignored(pair: Pair) -> None:
    assert pair.bob.files.on_control(FileCancel(9, "cancelled"))
    assert not pair.bob.files.cancel(9)
    assert not pair.bob.files.answer(9, accepts=True)
