"""report/statistics_report.py, call_plots.py and plot.py: the page about calls."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.call_history import CallHistory
from core.call_statistics import CallState, CallStatistics
from report.page import Page, Plot, Table, to_html
from report.plot import Line, Mark, Point, TimeAxis, draw_lines, word_time
from report.statistics_report import make_page, make_statistics_page
from report.style import PLOT_RULES

CALLS = Path(__file__).resolve().parent / "calls"
NASTY = "<script>alert(1)</script>"


def plots_of(page: Page) -> list[Plot]:
    return [
        block for section in page.sections for block in section.blocks if isinstance(block, Plot)
    ]


def events_of(page: Page) -> list[tuple[str, ...]]:
    (table,) = (b for s in page.sections for b in s.blocks if isinstance(b, Table))
    return list(table.rows)


@pytest.mark.parametrize("file", sorted(CALLS.iterdir()), ids=lambda path: path.stem)
def test_every_plot_is_a_drawing_with_known_classes(file: Path) -> None:
    plots = plots_of(make_statistics_page(file))
    assert len(plots) >= 5
    for plot in plots:
        drawing = ElementTree.fromstring(plot.svg)
        assert drawing.get("viewBox")
        assert {e.get("class") for e in drawing.iter() if e.get("class")} <= PLOT_RULES.keys()


def test_page_of_a_call_is_small() -> None:
    assert len(to_html(make_statistics_page(CALLS / "lost_link.jsonl"))) < 100_000


def test_page_of_a_long_call_is_small() -> None:
    call = CallHistory()
    for t_s in range(1, 3000):
        call.add(
            CallStatistics(
                t_s=t_s,
                state=CallState.CALL,
                peer="Bee",
                rtt_ms=t_s % 7,
                video_in_latency_p95_ms=t_s % 90,
                audio_in_latency_ms=t_s % 80,
            )
        )
    assert len(to_html(make_page([call], ""))) < 400_000


def test_events_are_listed_and_marked_in_every_plot() -> None:
    page = make_statistics_page(CALLS / "lost_link.jsonl")
    rows = events_of(page)
    assert [row[2] for row in rows[:2]] == ["The link was lost", "The call goes on"]
    for plot in plots_of(page):
        assert plot.svg.count('class="event"') == len(rows)
        assert 'class="outage"' in plot.svg


def test_newest_call_of_several_leads(tmp_path: Path) -> None:
    file = tmp_path / "figures.jsonl"
    lines = [(CALLS / f"{name}.jsonl").read_text() for name in ("good", "slow_link")]
    file.write_text("".join(lines))
    page = make_statistics_page(file)
    assert page.title == "2 calls, the last with Bee"
    assert page.lead[0].startswith("The last call: ")
    assert "kbit/s" in page.lead[0]


def test_cut_file_is_mentioned(tmp_path: Path) -> None:
    file = tmp_path / "figures.jsonl"
    file.write_text((CALLS / "good.jsonl").read_text()[:-300])
    said = to_html(make_statistics_page(file))
    assert "1 line could not be read" in said
    assert "The end of the last call is not in the file" in said


def test_name_of_the_peer_becomes_no_element() -> None:
    call = CallHistory()
    for t_s in (1, 2, 3):
        state = CallState.RECONNECTING if t_s == 2 else CallState.CALL
        call.add(CallStatistics(t_s=t_s, state=state, peer=NASTY, remote_sound="muted", rtt_ms=1.0))
    document = to_html(make_page([call], NASTY))
    assert "<script" not in document
    assert "&lt;script&gt;" in document


def test_axes_have_their_unit_and_round_numbers() -> None:
    line = Line("sound", (Point(0, 1, 10.0), Point(1, 2, None), Point(2, 3, 37.0)))
    svg = draw_lines(TimeAxis(3, (Mark(2, 1, "The link was lost"),)), [line], "ms")
    texts = [element.text for element in ElementTree.fromstring(svg).iter() if element.text]
    assert {"0", "10", "20", "30", "40", "ms", "sound", "0:03"} <= set(texts)
    assert "0:03\nsound 37 ms" in texts
    path, _ = re.findall(r'class="line-1" d="([^"]*)"', svg)  # The other is in the legend.
    assert path.count("M") == 2, "a gap stays where a value is unknown"


@pytest.mark.parametrize("value", [0.0, 1e-9, 1e12])
def test_any_value_can_be_drawn(value: float) -> None:
    svg = draw_lines(TimeAxis(0), [Line("x", (Point(0, 0, value),))], "ms")
    assert ElementTree.fromstring(svg) is not None


def test_time_is_worded_with_hours_only_where_needed() -> None:
    assert [word_time(t_s) for t_s in (0, 61.9, 3723)] == ["0:00", "1:01", "1:02:03"]
