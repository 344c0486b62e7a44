"""Link watch: whether a call's present link is lost, and how long the call waits for another.

Pure: the time is an argument. A call that cannot resume is lost with its link.
"""

from enum import Enum

from net.errors import LinkLost

SILENCE_US = 1_000_000
"""A link on which nothing has come for this long is lost. Pings bring an answer twice a second."""
PING_INTERVAL_US = 500_000
END_HOLD_US = 10_000_000
"""After the end of the stream without a bye: the other program has probably failed."""
SHORT_SILENCE_US = 4_000_000
"""The longest silence of a peer that cannot resume."""
OPENING_SILENCE_US = 10_000_000
"""The longest silence of a peer that has said nothing in the call yet: on a busy computer its
program may still be opening it. Its first message tells whether it can resume."""
TAKE_OVER_PAUSE_US = 1_000_000
UNANSWERED_US = 2_000_000
"""A link counts as silent this long after our last ping that was answered: it may carry messages
one way only."""
DEAF_US = 1_000_000
"""A link that only the other peer still hears is given up after having been lost for this long. A
program that was frozen has everything to hear yet."""


class CallLoss(Enum):
    """Why a call was given up."""

    SILENCE = "silence"
    ENDED = "ended"


def explain_loss(loss: CallLoss, peer_name: str, silence_limit_us: int) -> LinkLost:
    """Return the error that ends a call."""
    if loss is CallLoss.SILENCE:
        return LinkLost(
            f"{peer_name} has not been heard for {silence_limit_us / 1e6:g} s: the call is lost",
            "check the network and the other computer, and call again",
        )
    return LinkLost(
        f"The connection to {peer_name} ended without a goodbye",
        "the other program or its network has failed; call again",
    )


class LinkWatch:
    """The state of one call's present link.

    Args:
        silence_limit_us: how long the other peer may be silent before the call is lost.
        began_us: the time of accept; a peer that was heard later has said something.
    Attributes:
        can_resume: whether both ends can continue the call on another link.
        lost_us: when the present link was found lost; None while it carries messages.
    """

    def __init__(self, silence_limit_us: int, began_us: int) -> None:
        self.can_resume = False
        self.lost_us: int | None = None
        self._silence_limit_us = silence_limit_us
        self._began_us = self._heard_us = began_us
        self._ended_us: int | None = None
        self._is_broken = False
        self._taken_us: int | None = None

    def on_tick(self, now_us: int, heard_us: int) -> None:
        """Update the state; about 20 times a second.

        Args:
            heard_us: when the last message came on the present link.
        """
        self._heard_us = heard_us
        if not (self.can_resume and (self.is_dead or now_us - heard_us > SILENCE_US)):
            self.lost_us = None
        elif self.lost_us is None:
            self.lost_us = now_us

    def end(self, now_us: int) -> None:
        """Note the end of the stream without a bye."""
        if not self.is_dead:
            self._ended_us = now_us

    def break_link(self) -> None:
        """Note that the socket failed, which says nothing about the other program."""
        self._is_broken = True
        self._ended_us = None

    def restart(self, now_us: int) -> None:
        """Watch a new link."""
        self.lost_us = self._ended_us = None
        self._is_broken = False
        self._heard_us = now_us

    @property
    def is_dead(self) -> bool:
        """True once nothing can come on the present link any more."""
        return self._is_broken or self._ended_us is not None

    @property
    def silence_limit_us(self) -> int:
        """The longest silence that the call survives."""
        if self.can_resume:
            return self._silence_limit_us
        has_spoken = self._heard_us > self._began_us
        limit_us = SHORT_SILENCE_US if has_spoken else OPENING_SILENCE_US
        return min(self._silence_limit_us, limit_us)

    def is_deaf(self, now_us: int) -> bool:
        """Return whether we hear nothing on the present link, if only the other peer does."""
        return self.lost_us is not None and now_us - self.lost_us > DEAF_US

    def loss(self, now_us: int) -> CallLoss | None:
        """Return why the call is lost now, or None while it may go on."""
        hold_us = min(END_HOLD_US, self._silence_limit_us) if self.can_resume else 0
        if self._ended_us is not None and now_us - self._ended_us >= hold_us:
            return CallLoss.ENDED
        if self._is_broken and not self.can_resume:
            return CallLoss.ENDED
        return CallLoss.SILENCE if now_us - self._heard_us > self.silence_limit_us else None

    def take_over(self, now_us: int, heard_us: int) -> bool:
        """Return whether another link takes over: the present one is dead, or still silent.

        At most one takes over in a second, because each costs threads and codecs.

        Args:
            heard_us: when the last message came on the present link.
        """
        self.on_tick(now_us, heard_us)
        if self._taken_us is not None and now_us - self._taken_us < TAKE_OVER_PAUSE_US:
            return False
        if not self.is_dead and now_us - heard_us <= SILENCE_US:
            return False
        self._taken_us = now_us
        return True
