"""bench/baselines.py: figures and notes of a baseline."""

import pytest

from bench.baselines import Span, longest_gap_ms, summarize
from bench.children import Cost

S = 1_000_000


def span(received: list[tuple[int, ...]]) -> Span:
    return Span(10 * S, 20 * S, received, Cost(0.1, (1.0, 2.0)))


def test_lag_counts_from_the_capture_of_the_newest_picture() -> None:
    subject = summarize("mjpeg", span([(1 * S, 11 * S, 500), (4 * S, 19 * S, 500)]))
    assert subject.note == "16.0 s behind after 12 s"
    assert subject.values["fps"] == pytest.approx(0.2)
    assert subject.values["worst_ms"] == pytest.approx(15_000)


def test_baseline_that_keeps_up_has_no_note() -> None:
    assert summarize("mjpeg", span([(19_950_000, 19_960_000, 500)])).note == ""


def test_baseline_without_pictures_has_a_note() -> None:
    subject = summarize("pickle", span([]))
    assert subject.note == "no picture within 12 s"
    assert subject.values["p95_ms"] is None


def test_gaps_include_both_ends_of_the_span() -> None:
    assert longest_gap_ms([3 * S], 0, 10 * S) == 7_000
    assert longest_gap_ms([], 0, 10 * S) == 10_000
