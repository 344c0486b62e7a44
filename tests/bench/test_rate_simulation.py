"""bench/rate_simulation.py and bench/simulated_call.py: figures of simulated calls."""

import pytest

from bench.link_profiles import PROFILES
from bench.rate_simulation import UNSUITED, Plan, measure, parse
from bench.simulated_call import Congestion, SimulatedCall
from net.errors import ProtocolError
from net.protocol.control import Feedback


def test_line_has_the_figures_of_a_profile() -> None:
    [subject] = measure([Plan(PROFILES["1mbit"], 3, seed) for seed in (1, 2)])
    assert subject.name == "1mbit"
    used, fps, p50_ms = (subject.values[key] for key in ("used_percent", "fps", "p50_ms"))
    assert isinstance(used, float)
    assert isinstance(fps, float)
    assert isinstance(p50_ms, float)
    assert 30 < used < 100
    assert 20 < fps <= 30
    assert 10 < p50_ms < 100


def test_share_of_a_link_without_limit_is_unknown() -> None:
    [subject] = measure([Plan(PROFILES["free"], 1, seed=1)])
    assert "used_percent" not in subject.values


def test_parallel_processes_give_the_same_figures() -> None:
    plans = [Plan(PROFILES[name], 1, seed) for name in ("1mbit", "free") for seed in (1, 2)]
    alone, parallel = (
        [(subject.name, subject.values | {"speed": None}) for subject in measure(plans, processes)]
        for processes in (1, 2)
    )
    assert alone == parallel


def test_all_suitable_profiles_are_the_default() -> None:
    assert set(parse([]).profile) == set(PROFILES) - set(UNSUITED)


@pytest.mark.parametrize(
    "words", [["--seeds", "0"], ["--seconds", "0"], ["--processes", "0"], ["--profile", "x"]]
)
def test_unusable_options_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse(words)


def test_same_seed_gives_the_same_call_and_another_does_not() -> None:
    calls = [SimulatedCall(PROFILES["1-percent"], seed=seed) for seed in (1, 1, 2)]
    first, same, other = (call.run_until(2_000_000) for call in calls)
    assert first == same != other


def test_bbr_carries_more_pictures_through_losses_than_cubic() -> None:
    calls = [SimulatedCall(PROFILES["1-percent"], congestion=each) for each in Congestion]
    cubic, bbr = (call.run_until(6_000_000) for call in calls)
    assert bbr.pictures_hz > 1.1 * cubic.pictures_hz


def test_call_may_be_continued() -> None:
    call = SimulatedCall(PROFILES["0.3mbit"])
    for end_us in range(100_000, 3_100_000, 100_000):
        call.run_until(end_us)
    at_once = SimulatedCall(PROFILES["0.3mbit"]).run_until(3_000_000)
    assert call.run_until(3_000_000) == at_once


def test_forged_counts_end_the_call() -> None:
    def forge(report: Feedback) -> Feedback:
        return Feedback(10**12, report.video_packets, report.decoded, report.arrived_us)

    with pytest.raises(ProtocolError):
        SimulatedCall(PROFILES["4mbit"], forge=forge).run_until(1_000_000)


def test_standing_picture_needs_little_and_leaves_the_target() -> None:
    call = SimulatedCall(PROFILES["20mbit-400ms"], demand=lambda now_us: 0.05)
    result = call.run_until(4_000_000)
    assert min(result.targets_bps(3)) == 2_500_000
    assert result.video_bps < 0.1 * 2_500_000
