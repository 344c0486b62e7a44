"""The reasons, as sent, for refusing or ending a call. Pure: values only.

The wire carries any text, so later versions may send other reasons. `ui` shows an unknown reason
unchanged, except for control characters.
"""

from enum import StrEnum


class Reason(StrEnum):
    """The reasons that this version sends, in a reject or a bye."""

    BUSY = "busy"
    """The callee is in another call, or another caller rings."""
    DECLINED = "declined"
    """The callee's user declined."""
    NO_ANSWER = "no answer"
    """Nobody answered within the ring's time limit."""
    NOBODY_TO_ASK = "nobody to ask"
    """The callee has neither a window nor a terminal."""
    DO_NOT_DISTURB = "do not disturb"
    """The callee's user does not want calls now."""
    PROGRAM_ENDED = "program ended"
    """The callee's program ends."""
    VERSION = "version"
    """The two ends speak different versions of the protocol."""
    CODE_NEEDED = "code needed"
    """The callee does not know the caller's key, and the caller gave no code."""
    WRONG_CODE = "wrong code"
    """The caller's confirmation does not match the code."""
    WRONG_PROOF = "wrong proof"
    """The caller's signature does not match this link."""
    TOO_MANY_WRONG_CODES = "too many wrong codes"
    """The callee accepts no code from this address now."""
    RANG_TOO_OFTEN = "rang too often"
    """The caller rang and gave up too often."""
    NO_SUCH_CALL = "no such call"
    """The callee is in no call with the identity of the resume."""
    OLD_GENERATION = "old generation"
    """The resume is not newer than the present link."""
    LINK_ALIVE = "link alive"
    """The present link of the call still carries messages."""
    NOT_KNOWN = "not known"
    """To a measurement: the callee does not know the caller's key."""
    MEASURING = "measuring"
    """To a measurement: the callee measures with another caller."""
    MEASURED_TOO_OFTEN = "measured too often"
    """To a measurement: the caller has measured too often lately."""
    DURATION_OVER = "its time was over"
    """A bye: the sender's `--duration` has passed."""
    PROGRAM_FAULT = "its program has a fault"
    """A bye: the sender's program failed."""
