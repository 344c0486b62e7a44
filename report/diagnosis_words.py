"""The diagnosis of a call in words: how it was, why, and what to change. Pure: values only."""

from core.call_history import CallHistory, Series, Span
from core.call_quality import Quality, QualityLevel
from core.call_statistics import LimitedBy
from core.program import COMMAND
from core.safe_text import shown_name
from report.diagnosis import (
    UNHEARD,
    Cause,
    Finding,
    diagnose,
    limited_spans,
    low_rate_spans,
    median,
)
from report.plot import word_time
from ui.wording.quality import word_length, word_quality

MOST_FINDINGS = 3
"""A hurried reader changes no more at once."""
_CONTIGUOUS_SHARE = 0.8
_WHOLE_SHARE = 0.9
_SETTING_SHARE = 0.5
SMALL_PX = 640


def word_call_report(call: CallHistory) -> str:
    """Return one paragraph: how the call was, why, and what to change."""
    findings = diagnose(call)
    who = shown_name(call.peer)
    parts = [_word_verdict(call, findings, who)]
    parts += [word_finding(finding, call) for finding in findings[:MOST_FINDINGS]]
    if not findings:
        parts += [_word_good_figures(call), _word_nothing_to_change(call)]
    return " ".join(part for part in parts if part)


def _word_verdict(call: CallHistory, findings: tuple[Finding, ...], who: str) -> str:
    length = f"Your call with {who} lasted {word_length(call.length_s)}"
    if call.quality is None:
        return f"{length}, which is too short to judge it."
    if any(finding.cause in UNHEARD for finding in findings):
        good = ", although the link was good" * (call.quality.level is QualityLevel.GOOD)
        return f"{length}, but {who} could not hear you{good}."
    return f"{length}; its quality was {_word_quality(call.quality)}."


def _word_quality(quality: Quality) -> str:
    return (
        word_quality(quality)
        .replace(": ", ", because of ", 1)
        .replace("because of this computer is busy", "because this computer was busy")
        .replace("because of the other computer is busy", "because the other computer was busy")
    )


def _word_good_figures(call: CallHistory) -> str:
    picture_ms = median(call.values(Series.PICTURE_LATENCY))
    sound_ms = median(call.values(Series.SOUND_LATENCY))
    named = [
        f"{what} took {ms:.0f} ms"
        for what, ms in (("pictures", picture_ms), ("sound", sound_ms))
        if ms is not None
    ]
    if not named:
        return ""
    text = " and ".join(named)
    return f"{text[:1].upper()}{text[1:]} to reach you."


def _word_nothing_to_change(call: CallHistory) -> str:
    setting = sum(span.seconds for span in limited_spans(call, LimitedBy.SETTING))
    if call.totals.seconds and setting >= _SETTING_SHARE * call.totals.seconds:
        return (
            "Nothing needs to change. The network would carry sharper pictures than your setting"
            " video.bitrate_bps permits: raise it if you like."
        )
    return "Nothing needs to change." if call.quality is not None else ""


def word_finding(finding: Finding, call: CallHistory) -> str:
    """Return what was wrong, and what to change about it."""
    who = shown_name(call.peer)
    time = _word_duration(finding.seconds, call)
    match finding.cause:
        case Cause.MICROPHONE_SILENT:
            return (
                f"Your microphone delivered no sound {time}, so {who} heard nothing from you."
                " Check the switch on the microphone and its level in the system's sound settings,"
                f" or choose another one: {COMMAND} devices lists them."
            )
        case Cause.MICROPHONE_MISSING:
            return (
                f"You had no working microphone {time}, so {who} heard nothing from you."
                f" Connect one, or choose one that is there: {COMMAND} devices lists them, and"
                f" {COMMAND} doctor finds out why one does not work."
            )
        case Cause.MUTED:
            return f"You were muted {time}; press m to be heard."
        case Cause.LOUDSPEAKER_MISSING:
            return (
                f"You had no working loudspeaker {time}, so you did not hear {who}. Connect one, or"
                f" choose one that is there: {COMMAND} devices lists them."
            )
        case Cause.CAMERA_MISSING:
            return (
                f"Your camera was missing {time}, so {who} saw a placeholder. Connect it, close"
                f" other programs that use it, and see what {COMMAND} doctor says about it."
            )
        case Cause.REMOTE_MUTED:
            return f"{who} was muted {time}."
        case Cause.REMOTE_MICROPHONE_MISSING:
            return f"{who} had no microphone {time}; ask them to connect one."
        case Cause.REMOTE_CAMERA_OFF:
            return f"{who}'s camera was off {time}."
        case _:
            return _word_link_or_computer(finding, call, who)


def _word_link_or_computer(finding: Finding, call: CallHistory, who: str) -> str:
    match finding.cause:
        case Cause.LINK_LOST:
            return _word_link_lost(finding, call, who)
        case Cause.LOSS:
            return (
                f"The network lost packets: {finding.amount * 100:.0f} % of yours had to be sent"
                " again, which makes pictures and sound late and halting"
                f"{_word_held_rate(call)}. Weak Wi-Fi or a bad cable does that: go closer to the"
                " router, use a cable, or try another one."
            )
        case Cause.LONG_WAY:
            return (
                f"Packets took {finding.amount:.0f} ms or more there and back, so you and"
                f" {who} heard each other late{_word_held_rate(call)}. A VPN, a mobile network or a"
                " long distance does that: turn the VPN off, or use another network."
            )
        case Cause.SLOW_LINK:
            spans = low_rate_spans(call)
            return (
                f"The network carried only {_word_rate(spans)} of your pictures"
                f" {_word_when(spans, call)}, so {who} saw them small or coarse. Use a cable or go"
                " closer to the router, and stop downloads and other calls on the same network."
            )
        case Cause.PROCESSOR:
            spans = limited_spans(call, LimitedBy.PROCESSOR)
            return (
                f"This computer was too busy to send larger pictures {_word_when(spans, call)}."
                f" Close other programs{_word_smaller(call)}."
            )
        case Cause.REMOTE_PROCESSOR:
            spans = limited_spans(call, LimitedBy.REMOTE)
            return (
                f"{who}'s computer was too busy for larger pictures {_word_when(spans, call)}. Ask"
                f" {who} to close other programs."
            )
        case _:
            return (
                f"For {word_length(finding.seconds)} something came late without a lasting cause:"
                " the network or one of the computers stood still for moments. On Wi-Fi, go closer"
                " to the router or use a cable; on a busy computer, close other programs."
            )


def _word_smaller(call: CallHistory) -> str:
    """Return that smaller or fewer pictures would help, as a clause."""
    width_px = call.last.video_out_width if call.last is not None else None
    if (width_px or 0) > SMALL_PX:
        return ", or choose smaller pictures: --set video.width_px=640 --set video.height_px=360"
    return ", or choose fewer pictures: --set video.frame_rate_hz=15"


def _word_link_lost(finding: Finding, call: CallHistory, who: str) -> str:
    count = int(finding.amount)
    times = "once" if count == 1 else "twice" if count == 2 else f"{count} times"
    is_back = call.spans and not call.spans[-1].is_lost
    back = "the call came back by itself" if is_back else "the call did not come back"
    return (
        f"The link to {who} was lost {times}, for {word_length(finding.seconds)} in all; {back}."
        " A cable that is loose, Wi-Fi at the edge of its range or a computer that went to sleep"
        " does that: check the cables, and stay close to the router."
    )


def _word_held_rate(call: CallHistory) -> str:
    """Return to what rate the link held pictures, as a clause, or ""."""
    spans = low_rate_spans(call)
    if sum(span.seconds for span in spans) < _SETTING_SHARE * call.totals.seconds:
        return ""
    return f", and your pictures were held to {_word_rate(spans)}"


def _word_rate(spans: tuple[Span, ...]) -> str:
    bps = median([value for span in spans if (value := span.value(Series.TARGET)) is not None])
    if bps is None:
        return "a little"
    return f"{bps / 1e6:.1f} Mbit/s" if bps >= 1e6 else f"{bps / 1e3:.0f} kbit/s"


def _word_duration(seconds: int, call: CallHistory) -> str:
    if seconds >= _WHOLE_SHARE * call.totals.seconds:
        return "during the whole call"
    return f"for {word_length(seconds)} of the call"


def _word_when(spans: tuple[Span, ...], call: CallHistory) -> str:
    """Return when something held, as one span if it was one."""
    seconds = sum(span.seconds for span in spans)
    began_s, ended_s = spans[0].began_s, spans[-1].ended_s
    if seconds < _CONTIGUOUS_SHARE * (ended_s - began_s):
        return f"for {word_length(seconds)} of the call"
    if ended_s >= call.length_s - 2:
        return f"from {word_time(began_s)} on"
    return f"from {word_time(began_s)} to {word_time(ended_s)}"
