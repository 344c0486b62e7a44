"""bench/figures.py: percentiles of whole calls, and matched pictures."""

import pytest

from bench.figures import Second, match_pictures, pooled_percentile, summarize_latencies


def test_equal_seconds_keep_their_percentiles() -> None:
    seconds = [Second(30, 5.0, 9.0, 12.0)] * 4
    assert pooled_percentile(seconds, 0.5) == pytest.approx(5.0)
    assert pooled_percentile(seconds, 0.95) == pytest.approx(9.0)
    assert pooled_percentile(seconds, 1.0) == pytest.approx(12.0)


def test_second_is_weighted_by_its_pictures() -> None:
    good, bad = Second(30, 5.0, 6.0, 7.0), Second(30, 500.0, 600.0, 700.0)
    few = pooled_percentile([good] * 9 + [bad], 0.95)
    assert few is not None
    assert 400 < few < 500.001
    none = pooled_percentile([good] * 9 + [bad._replace(pictures=0)], 0.95)
    assert none == pytest.approx(6.0)


def test_latency_is_unknown_without_pictures() -> None:
    assert pooled_percentile([], 0.5) is None
    assert summarize_latencies([]) == {"p50_ms": None, "p95_ms": None, "worst_ms": None}


def test_equal_percentiles_do_not_divide_by_zero() -> None:
    assert pooled_percentile([Second(1, 8.0, 8.0, 8.0)], 0.95) == pytest.approx(8.0)


def test_picture_is_matched_with_the_last_sent_of_its_number() -> None:
    sent = [(1, 100), (2, 200), (1, 1100), (2, 1200)]
    seen = [(1, 150), (1, 1130), (2, 1260)]
    assert match_pictures(sent, seen) == [(150, 50), (1130, 30), (1260, 60)]


def test_pictures_never_sent_or_sent_later_are_left_out() -> None:
    assert match_pictures([(1, 100)], [(2, 150), (1, 50)]) == []
