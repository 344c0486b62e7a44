"""Transfer list: the file transfers of one call, their numbers and limits. Pure: no I/O, no clock.

Each side numbers the files that it offers, one side odd, the other even. Call thread only.
"""

from collections.abc import Callable, Iterator

from call.live.transfer import Transfer
from net.errors import ProtocolError
from net.protocol.file_messages import first_transfer
from ui.sharing import TransferState, TransferView

MAX_OPEN = 8
"""Transfers of one direction that have not ended."""
MAX_ENDED = 100
"""Ended transfers that are kept, for the view and for a repeated offer."""
MAX_OFFERS = 200
"""Files that one side may offer in a call."""


class TransferList:
    """The transfers in both directions, in the order of their offers."""

    def __init__(self, *, is_caller: bool) -> None:
        self._transfers: dict[int, Transfer] = {}
        self._next_number = first_transfer(is_caller=is_caller)
        self._last_remote = first_transfer(is_caller=not is_caller) - 2

    def __iter__(self) -> Iterator[Transfer]:
        return iter(tuple(self._transfers.values()))

    @property
    def views(self) -> tuple[TransferView, ...]:
        """The transfers as the user sees them."""
        return tuple(transfer.view for transfer in self._transfers.values())

    def take_number(self) -> int:
        """Return the number of our next file."""
        number = self._next_number
        self._next_number += 2
        return number

    def count_open(self, *, is_outgoing: bool) -> int:
        """Return how many transfers of a direction have not ended."""
        return sum(t.is_outgoing is is_outgoing and not t.has_ended for t in self)

    def get(self, number: int) -> Transfer | None:
        """Return a transfer; None if it never existed or was forgotten."""
        return self._transfers.get(number)

    def find(
        self, number: int | None, fits: Callable[[Transfer], bool], *, newest: bool
    ) -> Transfer | None:
        """Return the transfer that the user means, or None.

        Args:
            number: its number; None for the newest that has not ended, or the oldest offer.
        """
        if number is not None:
            transfer = self._transfers.get(number)
            return transfer if transfer is not None and fits(transfer) else None
        found = [each for each in self if fits(each) and not each.has_ended]
        if not newest:
            found = [each for each in found if each.state is TransferState.OFFERED]
        if not found:
            return None
        return found[-1 if newest else 0]

    def is_offered_again(self, number: int) -> bool:
        """Return whether the other peer has offered this number before; otherwise count it.

        Raises:
            ProtocolError: it is not a number of the other peer, or one too many.
        """
        if number % 2 != self._last_remote % 2:
            raise ProtocolError("The other side numbered a file as if it were this side's")
        if number <= self._last_remote:
            return True
        if number > 2 * MAX_OFFERS:
            raise ProtocolError("The other side offered more files than a call may have")
        self._last_remote = number
        return False

    def require(self, number: int, *, is_outgoing: bool) -> Transfer | None:
        """Return a transfer of a direction; None if it ended so long ago that it was forgotten.

        Raises:
            ProtocolError: there was none.
        """
        last = self._next_number - 2 if is_outgoing else self._last_remote
        if number % 2 != last % 2 or number > last:
            raise ProtocolError("The other side sent a message about a file that is none")
        return self._transfers.get(number)

    def add(self, transfer: Transfer) -> None:
        """Add a transfer, and forget the oldest of too many that have ended."""
        self._transfers[transfer.number] = transfer
        ended = [each for each in self if each.has_ended]
        for each in ended[: max(0, len(ended) - MAX_ENDED)]:
            del self._transfers[each.number]
