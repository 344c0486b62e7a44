"""Why a call ended, in words: a sentence and the next step. Pure: values only.

Everything that comes from the other peer is cleaned here.
"""

from collections.abc import Mapping, Sequence

import msgspec

from core.program import NAME
from core.safe_text import clean_name, cut_controls
from net.protocol.reasons import Reason
from ui.view import EndCause, Ending

MAX_REASON_CHARACTERS = 200


class EndingText(msgspec.Struct, frozen=True):
    """The sentences about the end of a call.

    Attributes:
        sentence: what happened, without a full stop at its end.
        next_step: what the user can do about it, or "".
    """

    sentence: str
    next_step: str = ""

    @property
    def line(self) -> str:
        """Sentence and next step on one line."""
        next_step = self.next_step[:1].upper() + self.next_step[1:]
        return " ".join(_with_stop(part) for part in (self.sentence, next_step) if part)


def word_ending(ending: Ending) -> EndingText:
    """Return why a call ended, and what to do next."""
    match ending.cause:
        case EndCause.HUNG_UP:
            return EndingText("You hung up")
        case EndCause.REMOTE_HUNG_UP:
            reason = clean_reason(ending.reason)
            who = _name(ending.peer_name)
            return EndingText(f"{who} ended the call: {reason}" if reason else f"{who} hung up")
        case EndCause.DURATION_OVER:
            return EndingText(f"The call ended after its {ending.duration_s:g} s")
        case EndCause.GIVEN_UP:
            return EndingText("You ended it before there was a call")
        case EndCause.REJECTED:
            return _word_rejection(ending)
        case EndCause.FAILED:
            sentence = cut_controls(ending.error_sentence)
            if ending.unknown_words:
                sentence += f", and {_word_unknown(ending.unknown_words)}"
            return EndingText(sentence, cut_controls(ending.error_next_step))
        case EndCause.FAULT:
            return EndingText(
                f"{NAME} has a fault: {clean_reason(ending.fault)}",
                "Run it again with -v, and report what it prints",
            )


def _word_rejection(ending: Ending) -> EndingText:
    who = _name(ending.peer_name)
    if ending.reason == Reason.WRONG_CODE and ending.unknown_words:
        return EndingText(f"The code is wrong: {_word_unknown(ending.unknown_words)}")
    known = REJECTIONS.get(ending.reason)
    if known is None:
        reason = clean_reason(ending.reason)
        return EndingText(f"{who} refused the call{': ' if reason else ''}{reason}")
    sentence, next_step = known
    if ending.wait_s:
        next_step = f"Try again in {ending.wait_s} s"
    return EndingText(sentence.format(who=who), next_step.format(who=who))


REJECTIONS: dict[str, tuple[str, str]] = {
    Reason.BUSY: ("{who} is in another call", "Try again later"),
    Reason.DECLINED: ("{who} declined the call", ""),
    Reason.PROGRAM_ENDED: ("{who}'s program ended before the call was accepted", "Try again later"),
    Reason.NO_ANSWER: ("{who} did not answer", "Try again later"),
    Reason.NOBODY_TO_ASK: (
        "{who}'s computer has no window or terminal, so nobody can answer",
        "Ask them to start it with --accept",
    ),
    Reason.CODE_NEEDED: (
        "{who} takes only callers who give the code or whom they know",
        "Ask for the code that their screen shows, and call with it: connect CODE, or"
        " connect HOST --code CODE",
    ),
    Reason.WRONG_CODE: (
        "{who} says that the code is wrong",
        "Ask for the code that their screen shows now, and check its spelling",
    ),
    Reason.WRONG_PROOF: (
        "{who} could not verify you",
        "Somebody may be intercepting this connection: do not call over this network",
    ),
    Reason.TOO_MANY_WRONG_CODES: (
        "{who} takes no codes now: there were too many wrong ones",
        "Ask them to press c, which takes codes again, and call then",
    ),
    Reason.RANG_TOO_OFTEN: (
        "{who} takes no ring from you now: you rang and left too often",
        "Try again later",
    ),
    Reason.DO_NOT_DISTURB: ("{who} does not want to be disturbed now", "Try again later"),
    Reason.VERSION: (
        "{who} runs another version of " + NAME,
        "Update both computers to the same version",
    ),
}
"""Sentence and next step of each reason to refuse a call, by its text on the wire."""


def clean_reason(reason: str) -> str:
    """Return a reason that came over the wire, fit to be shown; "" if nothing is left."""
    return cut_controls(reason).strip()[:MAX_REASON_CHARACTERS].rstrip(" .")


def _word_unknown(unknown_words: Mapping[str, Sequence[str]]) -> str:
    """Return a clause that names a code's unknown words, and suggests similar ones."""
    near = [_join_or(similar) for similar in unknown_words.values() if similar]
    suggestion = f" (did you mean {' and '.join(near)}?)" if near else ""
    return f"no call code contains the word {_join_or(list(unknown_words))}{suggestion}"


def _join_or(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _name(peer_name: str) -> str:
    return clean_name(peer_name) or "The other side"


def _with_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
