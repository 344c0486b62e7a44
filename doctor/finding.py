"""A finding: what one check has found, with the next step. Pure: values only.

ok        it works, or nobody wants it
warning   something is missing that a call does without, is slower than it should be, or cannot
          be checked from here
wrong     no call is possible, or only a silent one; a device is there and does not work; or
          others can read a key
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Figure: TypeAlias = float | int | str | None


class Mark(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor.

    Attributes:
        check: the check's name, such as `camera`.
        sentence: the state, or the cause of the trouble; without a full stop at its end.
        next_step: what the user can do about it; "" for nothing.
        figures: what was measured, by names that carry their units.
    """

    check: str
    mark: Mark
    sentence: str
    next_step: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)


def ok(check: str, sentence: str, **figures: Figure) -> Finding:
    """Return a finding about something that works."""
    return Finding(check, Mark.OK, sentence, figures=figures)


def warning(check: str, sentence: str, next_step: str, **figures: Figure) -> Finding:
    """Return a finding about something that a call does without."""
    return Finding(check, Mark.WARNING, sentence, next_step, figures)


def wrong(check: str, sentence: str, next_step: str, **figures: Figure) -> Finding:
    """Return a finding about something that prevents a call, or does not work."""
    return Finding(check, Mark.WRONG, sentence, next_step, figures)


def is_anything_wrong(findings: Iterable[Finding]) -> bool:
    """Return whether any finding is wrong."""
    return any(finding.mark is Mark.WRONG for finding in findings)
