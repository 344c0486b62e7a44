"""call/live/ping_schedule.py: when a link is pinged, and when it last carried an answer."""

import pytest

from call.live.link_watch import PING_INTERVAL_US, UNANSWERED_US
from call.live.ping_schedule import FIRST_PINGS, SLOW_INTERVAL_US, PingSchedule

START_US = 9_000_000
TICK_US = 50_000


@pytest.mark.parametrize(
    ("can_resume", "interval_us"), [(True, PING_INTERVAL_US), (False, SLOW_INTERVAL_US)]
)
def test_first_pings_go_at_every_tick_and_later_ones_after_the_interval(
    can_resume: bool, interval_us: int
) -> None:
    pings = PingSchedule(START_US)
    ticks_us = range(START_US, START_US + 4_000_000, TICK_US)
    sent_us = [now_us for now_us in ticks_us if pings.is_due(now_us, can_resume=can_resume)]
    assert sent_us[:FIRST_PINGS] == list(ticks_us[:FIRST_PINGS])
    steps = {
        later - earlier
        for earlier, later in zip(sent_us[FIRST_PINGS - 1 :], sent_us[FIRST_PINGS:], strict=False)
    }
    assert steps == {interval_us}


def test_peer_counts_as_heard_for_some_time_after_its_last_answer() -> None:
    pings = PingSchedule(START_US)
    pings.answered_us = START_US + 1_000_000
    much_later_us = START_US + 60_000_000
    heard_us = pings.heard_us(much_later_us, can_resume=True)
    assert heard_us == pings.answered_us + UNANSWERED_US
    assert pings.heard_us(much_later_us, can_resume=False) == much_later_us
