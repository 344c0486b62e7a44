"""File sender: reads files and sends them in parts, one file at a time. Four threads.

The `send file` thread opens and reads; the send thread takes the parts from the outbox; the receive
thread brings reports; the call thread begins and ends files and collects what became of them. One
lock, never held over the disk.

What is sent behind a picture may delay the next one, so a part waits until the link is free of
pictures.

Files that were accepted form a queue. The first one is read and put into the outbox as far as its
window allows; once its last part has arrived, the next one begins.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Condition
from typing import TypeAlias

import msgspec

from media.files.errors import FileError
from media.files.outgoing_file import OutgoingFile, open_bytes, open_file
from net.errors import ProtocolError
from net.link.outbox import Outbox
from net.protocol.file_messages import FilePart, FileProgress, encode_part
from net.protocol.file_window import FileWindow

MAX_UNSTORED_BYTES = 4 * 1024 * 1024
"""Sent and not yet on the receiver's disk: a slow disk slows the sender."""
MAX_WAITING_PARTS = 8
"""In the outbox, so that the send thread never waits for the disk."""
IDLE_S = 1.0


class FileOpened(msgspec.Struct, frozen=True):
    """A file was opened, and can be offered."""

    transfer: int
    file: OutgoingFile


class FileSent(msgspec.Struct, frozen=True):
    """All of a file has arrived at the other peer."""

    transfer: int
    sha256: bytes


class FileFailed(msgspec.Struct, frozen=True):
    """A file could not be opened, read or stored."""

    transfer: int
    error: FileError


FileNews: TypeAlias = FileOpened | FileSent | FileFailed


class _Sending(msgspec.Struct):
    """A file that was accepted.

    Attributes:
        next_bytes: the offset of the next part to read.
        received_bytes, stored_bytes: as the receiver reports them.
    """

    transfer: int
    file: OutgoingFile
    next_bytes: int
    received_bytes: int
    stored_bytes: int


class FileSender:
    """The files that this peer sends in one call."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._condition = Condition()
        self._outbox: Outbox | None = None
        self._occupied_us: Callable[[int], int] = lambda now_us: 0
        self._window = FileWindow()
        self._to_open: deque[tuple[int, Path | tuple[str, bytes]]] = deque()
        self._queue: deque[_Sending] = deque()
        self._waiting: deque[tuple[bytes, int]] = deque()
        """Each part in the outbox, and its end offset."""
        self._progress: dict[int, tuple[int, int, int]] = {}
        """How much of each file was sent, received and stored."""
        self._news: deque[FileNews] = deque()
        self._is_closed = False

    # Call thread.

    def move_to(self, outbox: Outbox, occupied_us: Callable[[int], int]) -> None:
        """Send on this link from now on; each file waits until it is accepted again.

        Args:
            occupied_us: returns how long pictures still occupy it, given the present time.
        """
        with self._condition:
            if self._outbox is not None:
                self._outbox.on_file_departed = None
            self._outbox = outbox
            self._occupied_us = occupied_us
            self._outbox.on_file_departed = self._on_departed
            self._window = FileWindow()
            for sending in self._queue:
                self._note_progress(sending)
            self._queue.clear()
            self._waiting.clear()
            self._condition.notify()

    def open(self, transfer: int, source: Path | tuple[str, bytes]) -> None:
        """Open a file, or name and bytes of one in memory; `take_news` tells the outcome."""
        with self._condition:
            self._to_open.append((transfer, source))
            self._condition.notify()

    def begin(self, transfer: int, file: OutgoingFile, from_bytes: int) -> None:
        """Send a file that the other peer has accepted, after those before it.

        A second accept changes nothing: on a new link, the user's may cross the one that answers
        the repeated offer.

        Raises:
            ProtocolError: it was accepted from an offset that was never sent.
        """
        with self._condition:
            sent_bytes, _, stored_bytes = self._progress.get(transfer, (0, 0, 0))
            is_queued = any(sending.transfer == transfer for sending in self._queue)
            if is_queued:
                return
            if not stored_bytes <= from_bytes <= sent_bytes:
                raise ProtocolError("The other side accepted a file from an impossible offset")
            self._queue.append(_Sending(transfer, file, from_bytes, from_bytes, stored_bytes))
            if len(self._queue) == 1:
                self._window.begin(from_bytes)
            self._condition.notify()

    def cancel(self, transfer: int) -> None:
        """Stop sending a file."""
        with self._condition:
            if self._queue and self._queue[0].transfer == transfer:
                self._leave_first()
            else:
                self._queue = deque(each for each in self._queue if each.transfer != transfer)

    def take_news(self) -> list[FileNews]:
        """Return what has happened since the last call."""
        with self._condition:
            news = list(self._news)
            self._news.clear()
            return news

    def moved_bytes(self, transfer: int) -> int:
        """Return how much of a file the other peer has received."""
        with self._condition:
            for sending in self._queue:
                if sending.transfer == transfer:
                    return sending.received_bytes
            return self._progress.get(transfer, (0, 0, 0))[1]

    def active_transfer(self) -> int | None:
        """Return the file that is being sent, or None."""
        with self._condition:
            return self._queue[0].transfer if self._queue else None

    def close(self) -> None:
        """End the thread soon."""
        with self._condition:
            self._is_closed = True
            for news in self._news:
                _close(news)
            self._news.clear()
            self._queue.clear()
            if self._outbox is not None:
                self._outbox.on_file_departed = None
                self._outbox.clear_file()
            self._condition.notify()

    # Receive thread.

    def on_progress(self, progress: FileProgress, now_us: int) -> None:
        """Handle a report; one about a file that is no longer sent is ignored.

        Raises:
            ProtocolError: its counts are impossible.
        """
        with self._condition:
            sending = next(
                (each for each in self._queue if each.transfer == progress.transfer), None
            )
            if sending is None:
                return
            is_possible = (
                sending.received_bytes <= progress.received_bytes <= sending.next_bytes
                and sending.stored_bytes <= progress.stored_bytes <= progress.received_bytes
            )
            if not is_possible:
                raise ProtocolError("The other side reported impossible progress of a file")
            sending.received_bytes = progress.received_bytes
            sending.stored_bytes = progress.stored_bytes
            if sending is self._queue[0]:
                self._window.on_progress(progress.received_bytes, progress.arrived_us, now_us)
            self._condition.notify()

    # Send thread.

    def _on_departed(self, message: bytes) -> None:
        with self._condition:
            if not self._waiting or self._waiting[0][0] is not message:
                return  # Of a file that was cancelled a moment ago.
            _, end_bytes = self._waiting.popleft()
            self._window.on_left(end_bytes, self._now_us())
            if len(self._waiting) <= MAX_WAITING_PARTS // 2:
                self._condition.notify()

    # Send file thread.

    def run(self) -> None:
        """Open, read and send until `close`. The body of the send file thread."""
        while (work := self._wait_work()) is not None:
            if isinstance(work, _Sending):
                self._send_part(work)
            else:
                self._open(*work)

    def _wait_work(self) -> _Sending | tuple[int, Path | tuple[str, bytes]] | None:
        """Wait for something to do; return a file to open, one to send a part of, or None."""
        with self._condition:
            while not self._is_closed:
                if self._to_open:
                    return self._to_open.popleft()
                timeout_s = IDLE_S
                if self._queue:
                    wait_us = self._wait_us()
                    if wait_us == 0:
                        return self._queue[0]
                    timeout_s = IDLE_S if wait_us is None else wait_us / 1e6
                self._condition.wait(timeout_s)
            return None

    def _wait_us(self) -> int | None:
        """Return how long the first file has to wait; None until something happens."""
        first = self._queue[0]
        if first.next_bytes >= first.file.size_bytes:
            return 0 if first.received_bytes >= first.next_bytes else None
        if len(self._waiting) >= MAX_WAITING_PARTS:
            return None
        if first.next_bytes - first.stored_bytes >= MAX_UNSTORED_BYTES:
            return None
        now_us = self._now_us()
        wait_us = self._window.wait_us(now_us)
        return None if wait_us is None else max(wait_us, self._occupied_us(now_us))

    def _send_part(self, sending: _Sending) -> None:
        """Read the next part of a file and put it into the outbox, or finish the file."""
        offset_bytes = sending.next_bytes
        try:
            is_end = offset_bytes >= sending.file.size_bytes
            if is_end:
                sha256 = sending.file.finish()
            else:
                data = sending.file.read(offset_bytes, self._window.part_bytes)
        except FileError as error:
            self._finish_first(sending, FileFailed(sending.transfer, error))
            return
        if is_end:
            self._finish_first(sending, FileSent(sending.transfer, sha256))
        elif data:
            message = encode_part(FilePart(sending.transfer, offset_bytes, data))
            self._put(sending, message, offset_bytes + len(data))

    def _put(self, sending: _Sending, message: bytes, end_bytes: int) -> None:
        with self._condition:
            if not self._queue or self._queue[0] is not sending or self._outbox is None:
                return  # Cancelled, or on another link, while the disk was read.
            self._window.on_queued(end_bytes - sending.next_bytes, self._now_us())
            sending.next_bytes = end_bytes
            self._note_progress(sending)
            self._waiting.append((message, end_bytes))
            self._outbox.put_file(message)

    def _finish_first(self, sending: _Sending, news: FileNews) -> None:
        with self._condition:
            if self._queue and self._queue[0] is sending:
                self._leave_first()
                self._news.append(news)

    def _leave_first(self) -> None:
        self._note_progress(self._queue.popleft())
        self._waiting.clear()
        if self._outbox is not None:
            self._outbox.clear_file()
        if self._queue:
            self._window.begin(self._queue[0].next_bytes)
        self._condition.notify()

    def _note_progress(self, sending: _Sending) -> None:
        self._progress[sending.transfer] = (
            max(sending.next_bytes, self._progress.get(sending.transfer, (0, 0, 0))[0]),
            sending.received_bytes,
            sending.stored_bytes,
        )

    def _open(self, transfer: int, source: Path | tuple[str, bytes]) -> None:
        news: FileNews
        try:
            file = open_file(source) if isinstance(source, Path) else open_bytes(*source)
            news = FileOpened(transfer, file)
        except FileError as error:
            news = FileFailed(transfer, error)
        with self._condition:
            if self._is_closed:
                _close(news)
            else:
                self._news.append(news)


def _close(news: FileNews) -> None:
    """Close a file that nobody will send."""
    if isinstance(news, FileOpened):
        news.file.close()
