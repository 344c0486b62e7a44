"""report/statistics_file.py: files of every version, cut, damaged, with several calls."""

import json
from pathlib import Path

import pytest

from core.call_history import MAX_SPANS
from core.call_statistics import CallState, CallStatistics, LimitedBy
from report.errors import UnreadableSource
from report.statistics_file import MAX_CALLS, parse_figures, read_statistics


def line(t_s: float, state: CallState = CallState.CALL, peer: str = "Bee") -> str:
    return CallStatistics(t_s=t_s, state=state, peer=peer, rtt_ms=3.0).to_json()


def write(folder: Path, *lines: str) -> Path:
    path = folder / "figures.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_whole_line_is_read_as_it_was_written() -> None:
    figures = CallStatistics(
        t_s=1.5, state=CallState.CALL, peer="Bee", limited_by=LimitedBy.LINK, rtt_ms=2.0
    )
    assert parse_figures(figures.to_json()) == figures


@pytest.mark.parametrize(
    ("text", "rtt_ms"),
    [
        ('{"t_s":1,"state":"call"}', None),
        ('{"t_s":1,"state":"call","rtt_ms":"fast","of_a_later_version":[1]}', None),
        ('{"t_s":1,"state":"call","rtt_ms":NaN}', None),
        ('{"t_s":1,"state":"call","rtt_ms":1e300}', None),
        ('{"t_s":1,"state":"call","rtt_ms":4,"limited_by":"the weather"}', 4),
    ],
)
def test_missing_and_damaged_figures_are_unknown(text: str, rtt_ms: float | None) -> None:
    figures = parse_figures(text)
    assert figures is not None
    assert figures.rtt_ms == rtt_ms
    assert figures.limited_by is LimitedBy.NONE


@pytest.mark.parametrize(
    "text",
    [
        *("", "junk", "[1]", '{"t_s":1}', '{"state":"call"}', '{"t_s":-1,"state":"call"}'),
        *('{"t_s":1e99,"state":"call"}', '{"t_s":NaN,"state":"call"}', '{"t_s":1,"state":"?"}'),
    ],
)
def test_line_without_time_or_state_has_no_figures(text: str) -> None:
    assert parse_figures(text) is None


def test_name_of_the_peer_is_cleaned() -> None:
    figures = parse_figures('{"t_s":1,"state":"call","peer":"B\\u202eee\\u0007"}')
    assert figures is not None
    assert figures.peer == "Bee"


def test_calls_of_a_listener_are_kept_apart(tmp_path: Path) -> None:
    ended = CallState.ENDED
    path = write(tmp_path, line(1), line(1.5, ended), line(1), line(1.5, ended), line(1, peer="Cy"))
    source = read_statistics(path)
    assert [(call.peer, call.length_s) for call in source.calls] == [
        ("Bee", 1.5),
        ("Bee", 1.5),
        ("Cy", 1),
    ]


def test_cut_line_and_junk_are_counted_and_left_out(tmp_path: Path) -> None:
    source = read_statistics(write(tmp_path, "junk", line(1), "", line(2)[:40]))
    assert source.damaged_lines == 2
    (call,) = source.calls
    assert call.totals.seconds == 1
    assert not call.is_complete


def test_newest_calls_are_kept_and_all_counted(tmp_path: Path) -> None:
    number = MAX_CALLS + 3
    source = read_statistics(
        write(tmp_path, *(line(1, CallState.ENDED, peer=f"P{each}") for each in range(number)))
    )
    assert source.call_count == number
    assert len(source.calls) == MAX_CALLS
    assert source.calls[-1].peer == f"P{number - 1}"


def test_long_call_takes_bounded_memory(tmp_path: Path) -> None:
    source = read_statistics(write(tmp_path, *(line(t_s) for t_s in range(3 * MAX_SPANS))))
    (call,) = source.calls
    assert len(call.spans) <= MAX_SPANS


def test_file_without_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource):
        read_statistics(write(tmp_path, json.dumps({"t_s": "late", "state": "call"})))
