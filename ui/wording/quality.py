"""The quality of a call in words: good, fair or poor first, then the reason. Pure: values only."""

from core.call_quality import Quality, QualityLevel, QualityReason
from ui.view import Ending

_LEVELS = {
    QualityLevel.GOOD: "good",
    QualityLevel.FAIR: "fair",
    QualityLevel.POOR: "poor",
}
_REASONS = {
    QualityReason.NONE: "",
    QualityReason.LINK_LOST: "a lost link",
    QualityReason.SOUND_BREAKS: "breaks in the sound",
    QualityReason.SOUND_LATE: "late sound",
    QualityReason.PICTURE_LATE: "late pictures",
    QualityReason.PICTURE_STALLS: "halting pictures",
    QualityReason.LINK: "a slow network",
    QualityReason.PROCESSOR: "this computer is busy",
    QualityReason.REMOTE: "the other computer is busy",
}


def word_quality(quality: Quality) -> str:
    """Return the quality and its reason, such as "fair: late sound"."""
    reason = _REASONS[quality.reason]
    return f"{_LEVELS[quality.level]}{': ' if reason else ''}{reason}"


def word_length(length_s: float) -> str:
    """Return how long a call was, such as "1 h 2 min" or "3 min 20 s"."""
    if length_s < 1:
        return "less than a second"
    minutes, seconds = divmod(int(length_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def word_call(ending: Ending) -> str:
    """Return how long a call was and how good; "" if there was no call."""
    if ending.length_s is None:
        return ""
    length = f"The call lasted {word_length(ending.length_s)}"
    if ending.quality is None:
        return length
    return f"{length}; its quality was {word_quality(ending.quality)}"
