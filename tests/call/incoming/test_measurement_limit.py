"""call/incoming/measurement_limit.py: three measurements a minute for each known peer."""

from call.incoming.measurement_limit import MINUTE_US, PER_MINUTE, MeasurementLimit

ANN, EVE = b"a" * 32, b"e" * 32
NOW_US = 1_000_000_000
SECOND_US = 1_000_000


def test_a_few_measurements_cost_no_wait() -> None:
    limit = MeasurementLimit()
    for _ in range(PER_MINUTE):
        assert limit.wait_us(ANN, NOW_US) == 0
        limit.note(ANN, NOW_US)
    assert limit.wait_us(ANN, NOW_US) == MINUTE_US


def test_peer_waits_until_its_oldest_is_a_minute_ago_and_others_do_not() -> None:
    limit = MeasurementLimit()
    for number in range(PER_MINUTE):
        limit.note(EVE, NOW_US + number * SECOND_US)
    assert limit.wait_us(EVE, NOW_US + 10 * SECOND_US) == 50 * SECOND_US
    assert limit.wait_us(ANN, NOW_US + 10 * SECOND_US) == 0
    assert limit.wait_us(EVE, NOW_US + MINUTE_US) == 0
    limit.note(EVE, NOW_US + MINUTE_US)
    assert limit.wait_us(EVE, NOW_US + MINUTE_US) == SECOND_US


def test_measurements_of_long_ago_take_no_memory() -> None:
    limit = MeasurementLimit()
    for number in range(100):
        limit.note(number.to_bytes(32, "big"), NOW_US)
    limit.note(ANN, NOW_US + MINUTE_US)
    assert limit.noted_peers == 1
