"""One transfer of a file, as the call thread keeps it."""

import msgspec
from msgspec import field

from call.live.file_rate import FileRate
from media.files.outgoing_file import OutgoingFile
from net.protocol.file_messages import FileKind
from ui.sharing import LASTING_STATES, TransferState, TransferView


class Transfer(msgspec.Struct):
    """One transfer of a file.

    Attributes:
        file: what is sent; None for a file that arrives, and once it has ended.
        sha256: of the whole file, once it was sent.
        is_ended_here: whether this end cancelled it, or was where it failed.
        reason: why it ended, as the wire carries it; "" while it lasts, and once it is stored.
        path: where it was stored here, or "".
    """

    number: int
    name: str
    size_bytes: int
    kind: str
    is_outgoing: bool
    state: TransferState = TransferState.OFFERED
    file: OutgoingFile | None = None
    sha256: bytes | None = None
    moved_bytes: int = 0
    is_ended_here: bool = False
    reason: str = ""
    detail: str = ""
    path: str = ""
    rate: FileRate = field(default_factory=FileRate)

    @property
    def has_ended(self) -> bool:
        """True once nothing more happens to it."""
        return self.state not in LASTING_STATES

    @property
    def view(self) -> TransferView:
        """The transfer as the user sees it."""
        rate_bps = self.rate.rate_bps if self.state is TransferState.MOVING else None
        left_bytes = self.size_bytes - self.moved_bytes
        return TransferView(
            self.number,
            self.name,
            self.size_bytes,
            is_outgoing=self.is_outgoing,
            state=self.state,
            is_still=self.kind == FileKind.STILL,
            moved_bytes=self.moved_bytes,
            rate_bps=rate_bps,
            left_s=left_bytes * 8 / rate_bps if rate_bps else None,
            is_ended_here=self.is_ended_here,
            reason=self.reason,
            detail=self.detail,
            path=self.path,
        )
