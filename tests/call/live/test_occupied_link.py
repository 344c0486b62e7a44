"""Claims about call/live/send_budget.py: how long a picture occupies the link, for files."""

from call.live.send_budget import MOST_OCCUPIED_US, SendBudget
from net.protocol.control import Feedback

NOW_US = 1_000_000
INTERVAL_US = 33_000
PICTURE_BYTES = 10_000


def budget_on_link(link_bps: float) -> SendBudget:
    """Return a budget that has seen some pictures pass a link of that rate."""
    budget = SendBudget(2_500_000, lambda: NOW_US)
    train_us = int(PICTURE_BYTES * 8e6 / link_bps)
    for number in range(1, 11):
        now_us = NOW_US + number * INTERVAL_US
        budget.on_queued(PICTURE_BYTES, 8, now_us)
        budget.on_departed(8)
        arrived_us = now_us + train_us
        budget.on_feedback(
            Feedback(
                number * PICTURE_BYTES,
                number,
                number,
                arrived_us,
                began_us=now_us,
                bytes_us=arrived_us,
                train_bytes=PICTURE_BYTES,
                train_us=train_us,
            ),
            arrived_us,
        )
    return budget


def test_picture_occupies_the_link_for_as_long_as_its_bytes_take() -> None:
    budget = budget_on_link(8e6)
    now_us = NOW_US + 20 * INTERVAL_US
    assert budget.occupied_us(now_us) == 0
    budget.on_queued(PICTURE_BYTES, 8, now_us)
    assert 8_000 < budget.occupied_us(now_us) < 12_000
    assert budget.occupied_us(now_us + 20_000) == 0


def test_pictures_add_up_but_never_hold_others_up_for_long() -> None:
    budget = budget_on_link(8e6)
    now_us = NOW_US + 20 * INTERVAL_US
    for _ in range(100):
        budget.on_queued(PICTURE_BYTES, 8, now_us)
    assert budget.occupied_us(now_us) == MOST_OCCUPIED_US


def test_link_of_unknown_rate_is_not_occupied() -> None:
    budget = SendBudget(2_500_000, lambda: NOW_US)
    budget.on_queued(PICTURE_BYTES, 8, NOW_US)
    assert budget.occupied_us(NOW_US) == 0
