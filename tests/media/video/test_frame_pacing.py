from hypothesis import given
from hypothesis import strategies as st

from media.video.frame_pacing import FramePacer, RateLimit


def test_first_deadline_is_now() -> None:
    pace = FramePacer(30)
    assert pace.wait_us(5) == 0
    assert pace.advance(5) == 0
    assert pace.wait_us(5) == 33_333


def test_deadlines_do_not_drift() -> None:
    pace = FramePacer(30)
    now = 1_000
    pace.advance(now)
    for _ in range(30 * 60):
        now += pace.wait_us(now) + 150  # every reader is a little late
        pace.advance(now)
    assert now - 1_000 == 60_000_000 + 150


def test_missed_deadlines_are_skipped() -> None:
    pace = FramePacer(10)
    pace.advance(0)
    assert pace.advance(1_050_000) == 10
    assert pace.wait_us(1_050_000) == 50_000


def test_limit_halves_a_source_of_twice_the_rate() -> None:
    limit = RateLimit(30)
    assert sum(limit.allows(n * 1_000_000 // 60) for n in range(600)) == 300


def test_limit_passes_every_picture_of_the_requested_rate() -> None:
    limit = RateLimit(30)
    assert all(limit.allows(n * 1_000_000 // 30) for n in range(3_000))


@given(st.binary(min_size=300, max_size=300))
def test_limit_tolerates_jitter(steps: bytes) -> None:
    limit = RateLimit(30)
    jitter_us = [step * 14_000 // 255 - 7_000 for step in steps]
    passed = sum(limit.allows(n * 33_333 + 10_000 + jitter_us[n]) for n in range(300))
    assert 298 <= passed <= 300


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=300))
def test_rate_exceeds_the_limit_by_one_picture_at_most(gaps: list[int]) -> None:
    limit = RateLimit(30)
    now, passed = 0, 0
    for gap in gaps:
        now += gap
        passed += limit.allows(now)
    assert passed <= now * 30 / 1_000_000 + 2
