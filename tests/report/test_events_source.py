"""report/events_source.py: events of the same run, on the time axis of its calls."""

import json
from pathlib import Path

import pytest

from core.call_history import CallHistory
from core.call_statistics import CallState, CallStatistics
from report.errors import UnreadableSource
from report.events_source import add_events


def call_of(length_s: float) -> CallHistory:
    call = CallHistory()
    call.add(CallStatistics(t_s=length_s, state=CallState.ENDED, peer="Bee"))
    return call


def write(folder: Path, *events: tuple[str, str, dict[str, str]]) -> Path:
    """Write events: minute and second, name, and further keys."""
    path = folder / "events.jsonl"
    path.write_text(
        "".join(
            json.dumps({"at": f"2026-11-27T06:{at}.000Z", "event": name} | keys) + "\n"
            for at, name, keys in events
        )
    )
    return path


def test_events_get_their_time_in_the_call(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        ("39:00", "listening", {}),
        ("40:00", "accepted", {"peer": "Bee"}),
        ("40:07", "device", {"which": "camera", "state": "missing", "name": "Cam"}),
        ("40:09", "remote_state", {"picture": "hidden", "sound": "expected"}),
        ("40:20", "ended", {"reason": "hung_up", "sentence": "You hung up"}),
        ("50:00", "warning", {"sentence": "between calls"}),
    )
    call = call_of(20.5)
    add_events([call], 1, path)
    assert call.began_at is not None
    assert call.began_at.isoformat() == "2026-11-27T06:40:00+00:00"
    assert [(e.t_s, e.name, e.detail) for e in call.events] == [
        (7, "device", "camera missing"),
        (9, "remote_picture", "hidden"),
        (20, "ended", "You hung up"),
    ]


@pytest.mark.parametrize("seconds", [(), (50,), (20, 20)])
def test_events_of_another_run_are_refused(tmp_path: Path, seconds: tuple[int, ...]) -> None:
    events: list[tuple[str, str, dict[str, str]]] = []
    for minute, second in enumerate(seconds, 10):
        events += [(f"{minute}:00", "accepted", {}), (f"{minute}:{second}", "ended", {})]
    path = write(tmp_path, *events)
    with pytest.raises(UnreadableSource) as caught:
        add_events([call_of(20)], 1, path)
    assert "does not hold the events of these calls" in caught.value.sentence


def test_damaged_events_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, ("40:00", "accepted", {}), ("40:05", "link_lost", {}))
    text = path.read_text()
    path.write_text(f"junk\n{text}[1]\n" + '{"at": 5, "event": "ended"}\n' + text[:30])
    call = call_of(20)
    add_events([call], 1, path)
    assert [event.name for event in call.events] == ["link_lost"]
