"""core/call_history.py: bounded memory, exact totals, and what happened when."""

import pytest

from core.call_history import MAX_EVENTS, MAX_SPANS, CallHistory, Series
from core.call_statistics import CallState, CallStatistics, DeviceUse, LimitedBy


def second(t_s: float, state: CallState = CallState.CALL, **figures: object) -> CallStatistics:
    return CallStatistics(t_s=t_s, state=state, peer="Bee", **figures)  # type: ignore[arg-type]  # each test gives the type


def test_long_call_keeps_a_bounded_number_of_even_spans() -> None:
    call = CallHistory()
    seconds = 6 * MAX_SPANS
    for t_s in range(1, seconds + 1):
        call.add(second(t_s, rtt_ms=7.0, audio_in_concealed_ms=t_s * 2.0))
    spans = call.spans
    assert MAX_SPANS // 2 < len(spans) <= MAX_SPANS
    assert sum(span.seconds for span in spans) == call.totals.seconds == seconds
    assert len({span.seconds for span in spans[:-1]}) == 1
    assert (spans[0].began_s, spans[-1].ended_s) == (0, seconds)
    assert set(call.values(Series.ROUND_TRIP)) == {7.0}
    assert set(call.values(Series.CONCEALED)) == {2.0}


def test_worst_second_of_a_span_is_kept() -> None:
    call = CallHistory()
    for t_s in range(1, 4 * MAX_SPANS):
        call.add(second(t_s, video_in_latency_p95_ms=900.0 if t_s == 77 else 20.0))
    assert max(call.values(Series.PICTURE_LATENCY)) == 900.0


def test_latency_to_the_screen_counts_where_there_is_one() -> None:
    call = CallHistory()
    call.add(second(1, video_in_latency_p95_ms=20.0, video_shown_latency_p95_ms=30.0))
    assert call.values(Series.PICTURE_LATENCY) == [30.0]


def test_lost_link_is_counted_and_its_last_figures_are_not() -> None:
    call = CallHistory()
    call.add(second(1, rtt_ms=3.0))
    for t_s in (2, 3):
        call.add(second(t_s, CallState.RECONNECTING, rtt_ms=3.0))
    call.add(second(4, rtt_ms=5.0))
    assert (call.totals.losses, call.totals.lost) == (1, 2)
    assert call.values(Series.ROUND_TRIP) == [3.0, 5.0]
    assert [(e.t_s, e.name) for e in call.events] == [(1, "link_lost"), (3, "resumed")]
    assert [span.is_lost for span in call.spans] == [False, True, True, False]


def test_changes_of_devices_are_events() -> None:
    call = CallHistory()
    for t_s, use in enumerate((DeviceUse.OPEN, DeviceUse.MISSING, DeviceUse.MISSING, None), 1):
        call.add(second(t_s, microphone=use, remote_sound="muted", camera=DeviceUse.NONE))
    assert [(e.t_s, e.name, e.detail) for e in call.events] == [
        (0, "remote_sound", "muted"),
        (1, "device", "microphone missing"),
    ]


def test_number_of_events_is_bounded() -> None:
    call = CallHistory()
    for t_s in range(3 * MAX_EVENTS):
        use = DeviceUse.MISSING if t_s % 2 else DeviceUse.OPEN
        call.add(second(t_s, camera=use))
    assert len(call.events) == MAX_EVENTS


@pytest.mark.parametrize(("level_dbfs", "silent"), [(-100.0, 5), (-60.0, 0), (None, 0)])
def test_open_microphone_without_sound_is_silent(level_dbfs: float | None, silent: int) -> None:
    call = CallHistory()
    for t_s in range(5):
        call.add(second(t_s, microphone=DeviceUse.OPEN, microphone_dbfs=level_dbfs))
    assert call.totals.silent == silent


def test_end_is_no_second_of_its_own() -> None:
    call = CallHistory()
    call.add(second(1, limited_by=LimitedBy.LINK))
    assert not call.is_complete
    call.add(second(1.4, CallState.ENDED))
    assert (call.is_complete, call.totals.seconds, call.length_s) == (True, 1, 1.4)
