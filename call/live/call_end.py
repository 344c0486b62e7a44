"""Call end: why a call ends, and how far its end is. Pure: no I/O, no clock.

The first reason wins. A bye is answered by a bye; then this end sends nothing more, reads for at
most a second, and closes.
"""

from net.protocol.control import Bye, Control
from net.protocol.states import Direction, Role, State, next_state
from ui.view import Ending

END_LIMIT_US = 1_000_000
"""For the other peer's bye and the rest of the stream."""
STUCK_EXTRA_US = 500_000
"""At most this much longer if the link does not carry our bye, so that another has a second for
it."""


class CallEnd:
    """The end of one call.

    Attributes:
        ending: the first reason; None while there is none.
        bye_reason: of our bye; None before we have hung up.
        is_bye_heard: True once the other peer has said bye.
        is_bye_stuck: True once the present link has probably not carried our bye.
    """

    def __init__(self, role: Role) -> None:
        self.ending: Ending | None = None
        self.bye_reason: str | None = None
        self.is_bye_heard = False
        self.is_bye_stuck = False
        self._role = role
        self._state = State.CALL
        self._ends_us: int | None = None

    @property
    def has_begun(self) -> bool:
        """True once the end has begun."""
        return self._state is not State.CALL

    @property
    def is_over(self) -> bool:
        """True once there is nothing left to wait for."""
        return self._state is State.ENDED

    @property
    def owes_bye(self) -> bool:
        """True while the other peer's bye is not answered for certain."""
        return self.is_bye_heard and self.bye_reason is None

    def decide(self, ending: Ending) -> None:
        """Store why the call ends, unless there is a reason already."""
        if self.ending is None:
            self.ending = ending

    def on_message(self, control: Control) -> None:
        """Follow a message of the other peer.

        Raises:
            ProtocolError: it may not come now.
        """
        self._state = next_state(self._role, self._state, Direction.IN, control)
        self.is_bye_heard |= isinstance(control, Bye)

    def hang_up(self, ending: Ending, reason: str) -> Bye:
        """Return the bye to send."""
        self.bye_reason = reason
        self.decide(ending)
        bye = Bye(reason)
        self._state = next_state(self._role, self._state, Direction.OUT, bye)
        return bye

    def wind_down(self, now_us: int) -> None:
        """Wait for the other peer's bye and the rest of the stream, for a second."""
        self._state = State.ENDING
        self._ends_us = now_us + END_LIMIT_US

    def finish(self) -> None:
        """Wait for nothing more."""
        self._state = State.ENDED

    def is_time_over(self, now_us: int) -> bool:
        """Return whether the wait has been long enough."""
        return self._ends_us is not None and now_us >= self._ends_us

    def note_stuck_bye(self, now_us: int, *, can_resume: bool) -> None:
        """Note that the link is silent although our bye is not answered.

        Args:
            can_resume: whether another link can still carry it.
        """
        is_open = self.bye_reason is not None and not self.is_bye_heard
        was_stuck, self.is_bye_stuck = self.is_bye_stuck, is_open and can_resume
        if self.is_bye_stuck and not was_stuck and self._ends_us is not None:
            self._ends_us = min(now_us + END_LIMIT_US, self._ends_us + STUCK_EXTRA_US)
