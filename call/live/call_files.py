"""The file transfers of one call, in both directions. Call thread, but for what says otherwise.

Each transfer has one state, and a message that does not fit it breaks the protocol, except that a
cancel crosses anything. On a new link, the sender offers again what has not ended, and the receiver
answers with the state that it knows; so nothing that a lost link swallowed is missed.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from call.live.file_sender import FileOpened, FileSender, FileSent
from call.live.file_storer import FileStored as StoredNews
from call.live.file_storer import FileStorer, StoreRequest
from call.live.transfer import Transfer
from call.live.transfer_list import MAX_OPEN, TransferList
from media.files.errors import FileError
from media.files.safe_file_name import safe_file_name
from net.errors import ProtocolError
from net.link.link import Link
from net.link.outbox import Outbox
from net.protocol.control import Control
from net.protocol.file_messages import (
    FileAccept,
    FileCancel,
    FileEnd,
    FileKind,
    FileOffer,
    FileProgress,
    FileReason,
    FileStored,
)
from ui.sharing import TransferState, TransferView


class CallFiles:
    """The file transfers of one call.

    Args:
        peer_name: for the mark of origin on stored files.
    Attributes:
        send: sends a control message; set before `begin`.
        is_offered: whether the other peer takes files.
    """

    def __init__(
        self,
        *,
        is_caller: bool,
        folder: Callable[[], Path],
        peer_name: str,
        now_us: Callable[[], int],
    ) -> None:
        self.send: Callable[[Control], None] = lambda control: None
        self.is_offered = False
        self._folder = folder
        self._peer_name = peer_name
        self._now_us = now_us
        self._sender = FileSender(now_us)
        self._storer = FileStorer(now_us)
        self._transfers = TransferList(is_caller=is_caller)
        self._opening: dict[int, tuple[str, str]] = {}
        """The path, or the name, and the kind of each file that is being opened."""
        self._failed_opens: list[tuple[str, FileError]] = []

    def threads(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the name and the body of each thread to start."""
        yield "send file", self._sender.run
        yield "store file", self._storer.run

    def move_to(self, link: Link, occupied_us: Callable[[int], int]) -> None:
        """Use this link from now on; after the first, each transfer goes on when it is accepted.

        Args:
            occupied_us: returns how long our pictures still occupy it, given the present time.
        """
        self._sender.move_to(link.outbox, occupied_us)
        self._storer.move_to(link.outbox)
        for transfer in self._transfers:
            if transfer.state is TransferState.MOVING:
                transfer.state = TransferState.WAITING

    def offer_again(self) -> None:
        """Tell the other peer on a new link what the former one may have lost."""
        for transfer in self._transfers:
            if transfer.is_outgoing and not transfer.has_ended:
                self._send_offer(transfer)
            elif transfer.is_ended_here and transfer.reason:
                self.send(FileCancel(transfer.number, transfer.reason))

    def close(self) -> None:
        """End both threads soon; what has not ended has failed."""
        self._sender.close()
        self._storer.close()
        for transfer in self._transfers:
            if not transfer.has_ended:
                self._end(transfer, TransferState.FAILED, reason=FileReason.CALL_ENDED)

    # Receive thread.

    def add_part(self, payload: bytes, outbox: Outbox) -> None:
        """Store a FILE message that came on the link of this outbox.

        Raises:
            ProtocolError: it is malformed, or no part of a file that was accepted.
        """
        self._storer.add_part(payload, outbox)

    def on_progress(self, progress: FileProgress, now_us: int) -> None:
        """Handle a report on a file of ours.

        Raises:
            ProtocolError: its counts are impossible.
        """
        self._sender.on_progress(progress, now_us)

    # Actions of the user.

    def offer(self, source: Path | tuple[str, bytes], kind: str = FileKind.FILE) -> bool:
        """Open and offer a file, or name and bytes; return False if too many wait already."""
        waiting = self._transfers.count_open(is_outgoing=True)
        if waiting + len(self._opening) >= MAX_OPEN:
            return False
        number = self._transfers.take_number()
        shown = str(source) if isinstance(source, Path) else source[0]
        self._opening[number] = shown, kind
        self._sender.open(number, source)
        return True

    def answer(self, number: int | None, *, accepts: bool) -> bool:
        """Accept or decline a file; return False if none waits. None is the oldest."""
        transfer = self._transfers.find(number, lambda t: not t.is_outgoing, newest=False)
        if transfer is None or transfer.state is not TransferState.OFFERED:
            return False
        if not accepts:
            self._cancel(transfer, TransferState.DECLINED, FileReason.DECLINED)
            return True
        try:
            folder = self._folder()
        except RuntimeError as error:
            self._cancel(transfer, TransferState.FAILED, FileReason.NOT_WRITABLE, detail=str(error))
            return True
        transfer.state = TransferState.WAITING
        self._storer.begin(
            StoreRequest(
                transfer.number, folder, transfer.name, transfer.size_bytes, self._peer_name
            )
        )
        self.send(FileAccept(transfer.number, 0))
        return True

    def cancel(self, number: int | None) -> bool:
        """Cancel a transfer; return False if none is on. None is the newest."""
        transfer = self._transfers.find(number, lambda _: True, newest=True)
        if transfer is None or transfer.has_ended:
            return False
        self._cancel(transfer, TransferState.CANCELLED, FileReason.CANCELLED)
        return True

    # Messages of the other peer.

    def on_control(self, control: Control) -> bool:
        """Handle a message about files; return whether it was one.

        Raises:
            ProtocolError: it does not fit the state of its transfer.
        """
        if isinstance(control, FileOffer):
            self._on_offer(control)
        elif isinstance(control, FileAccept):
            self._on_accept(control)
        elif isinstance(control, FileEnd):
            self._transfers.require(control.transfer, is_outgoing=False)
            self._storer.finish(control.transfer, control.sha256)
        elif isinstance(control, FileStored):
            self._on_stored(control)
        elif isinstance(control, FileCancel):
            self._on_cancel(control)
        else:
            return False
        return True

    def _on_offer(self, offer: FileOffer) -> None:
        number = offer.transfer
        if self._transfers.is_offered_again(number):
            self._answer_again(number)
            return
        if self._transfers.count_open(is_outgoing=False) >= MAX_OPEN:
            self.send(FileCancel(number, FileReason.TOO_MANY))
            return
        self._transfers.add(
            Transfer(
                number,
                safe_file_name(offer.name),
                offer.size_bytes,
                offer.kind,
                is_outgoing=False,
            )
        )

    def _answer_again(self, number: int) -> None:
        """Tell the sender, on a new link, the state of a transfer that it offers again."""
        transfer = self._transfers.get(number)
        if transfer is None:
            self.send(FileCancel(number, FileReason.CANCELLED))
        elif transfer.state is TransferState.STORED:
            self.send(FileStored(number))
        elif transfer.has_ended:
            self.send(FileCancel(number, transfer.reason))
        elif transfer.state is not TransferState.OFFERED:
            received_bytes = self._storer.received_bytes(number)
            if received_bytes is not None:  # Else it is being finished.
                self.send(FileAccept(number, received_bytes))

    def _on_accept(self, accept: FileAccept) -> None:
        transfer = self._transfers.require(accept.transfer, is_outgoing=True)
        if transfer is None or transfer.file is None:
            return  # Our cancel crossed it.
        transfer.state = TransferState.WAITING
        self._sender.begin(transfer.number, transfer.file, accept.from_bytes)

    def _on_stored(self, stored: FileStored) -> None:
        transfer = self._transfers.require(stored.transfer, is_outgoing=True)
        if transfer is None or transfer.has_ended:
            return
        if transfer.sha256 is None:
            raise ProtocolError("The other side stored a file before it had all of it")
        transfer.moved_bytes = transfer.size_bytes
        self._end(transfer, TransferState.STORED)

    def _on_cancel(self, cancel: FileCancel) -> None:
        transfer = self._transfers.get(cancel.transfer)
        if transfer is None or transfer.has_ended:
            return
        state = TransferState.FAILED
        if cancel.reason == FileReason.DECLINED and transfer.is_outgoing:
            state = TransferState.DECLINED
        elif cancel.reason == FileReason.CANCELLED:
            state = TransferState.CANCELLED
        self._end(transfer, state, reason=cancel.reason, is_here=False)

    # What the threads report.

    def on_tick(self, now_us: int) -> bool:
        """Handle what the threads have done; return whether the view has changed."""
        self._storer.on_tick()
        has_changed = False
        for news in (*self._sender.take_news(), *self._storer.take_news()):
            has_changed = True
            if isinstance(news, FileOpened):
                self._on_opened(news)
            elif isinstance(news, FileSent):
                self._on_sent(news)
            elif isinstance(news, StoredNews):
                self._on_own_stored(news)
            else:
                self._on_failed(news.transfer, news.error)
        return self._measure(now_us) or has_changed

    def take_failed_opens(self) -> list[tuple[str, FileError]]:
        """Return path or name of the files that could not be opened since the last call."""
        failed, self._failed_opens = self._failed_opens, []
        return failed

    def _on_opened(self, news: FileOpened) -> None:
        _, kind = self._opening.pop(news.transfer)
        file = news.file
        transfer = Transfer(
            news.transfer, file.name, file.size_bytes, kind, is_outgoing=True, file=file
        )
        self._transfers.add(transfer)
        self._send_offer(transfer)

    def _on_sent(self, news: FileSent) -> None:
        transfer = self._transfers.get(news.transfer)
        if transfer is not None and not transfer.has_ended:
            transfer.sha256 = news.sha256
            self.send(FileEnd(news.transfer, news.sha256))

    def _on_own_stored(self, news: StoredNews) -> None:
        transfer = self._transfers.get(news.transfer)
        if transfer is not None and not transfer.has_ended:
            transfer.path, transfer.name = str(news.path), news.path.name
            transfer.moved_bytes = transfer.size_bytes
            self._end(transfer, TransferState.STORED)
            self.send(FileStored(news.transfer))

    def _on_failed(self, number: int, error: FileError) -> None:
        if number in self._opening:
            shown, _ = self._opening.pop(number)
            self._failed_opens.append((shown, error))
            return
        transfer = self._transfers.get(number)
        if transfer is None or transfer.has_ended:
            return
        known = error.problem.value in set(FileReason)
        reason = FileReason(error.problem.value) if known else FileReason.UNREADABLE
        self._cancel(transfer, TransferState.FAILED, reason, detail=error.detail)

    def _measure(self, now_us: int) -> bool:
        """Update progress and rates; return whether the view has changed."""
        has_changed = False
        active = self._sender.active_transfer()
        for transfer in self._transfers:
            if transfer.has_ended or transfer.state is TransferState.OFFERED:
                continue
            if transfer.is_outgoing:
                moved_bytes = self._sender.moved_bytes(transfer.number)
                is_moving = transfer.number == active
            else:
                moved_bytes = self._storer.received_bytes(transfer.number) or transfer.moved_bytes
                is_moving = moved_bytes > transfer.moved_bytes
            if is_moving and transfer.state is TransferState.WAITING:
                transfer.state = TransferState.MOVING
                has_changed = True
            transfer.moved_bytes = moved_bytes
            has_changed |= transfer.rate.add(moved_bytes, now_us)
        return has_changed

    # Shared steps.

    def _send_offer(self, transfer: Transfer) -> None:
        self.send(FileOffer(transfer.number, transfer.name, transfer.size_bytes, transfer.kind))

    def _cancel(
        self, transfer: Transfer, state: TransferState, reason: FileReason, *, detail: str = ""
    ) -> None:
        """End a transfer here, and tell the other peer why."""
        self._end(transfer, state, reason=reason, detail=detail)
        self.send(FileCancel(transfer.number, reason))

    def _end(
        self,
        transfer: Transfer,
        state: TransferState,
        *,
        reason: str = "",
        detail: str = "",
        is_here: bool = True,
    ) -> None:
        transfer.state, transfer.reason, transfer.detail = state, reason, detail
        transfer.is_ended_here = is_here
        if transfer.is_outgoing:
            self._sender.cancel(transfer.number)
            if transfer.file is not None:
                transfer.file.close()
                transfer.file = None
        elif state is not TransferState.STORED:
            self._storer.cancel(transfer.number)

    @property
    def views(self) -> tuple[TransferView, ...]:
        """The transfers as the user sees them, in the order of their offers."""
        return self._transfers.views
