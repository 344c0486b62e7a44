"""core/mailbox.py: the newest value, for any number of readers."""

import threading
from collections.abc import Callable

from core.mailbox import Mailbox

DEADLINE_S = 20.0


def check_wakes(latest: Mailbox[str], wake: Callable[[], None]) -> tuple[int, str | None]:
    """A thread waits for something newer than number 1; return what it got after `wake`."""
    got: list[tuple[int, str | None]] = []
    thread = threading.Thread(
        target=lambda: got.append(latest.wait_newer(1, DEADLINE_S * 5)), daemon=True
    )
    thread.start()
    wake()
    thread.join(DEADLINE_S)
    assert len(got) == 1, "still waiting"
    return got[0]


def test_before_the_first_there_is_nothing() -> None:
    latest: Mailbox[str] = Mailbox()
    assert latest.peek() == (0, None)
    assert latest.wait_newer(0, 0) == (0, None)


def test_only_the_newest_value_is_there_and_its_number_counts_all() -> None:
    latest: Mailbox[str] = Mailbox()
    for value in "abc":
        latest.put(value)
    assert latest.peek() == (3, "c")
    assert latest.wait_newer(0, 0) == (3, "c")


def test_reading_takes_nothing_away() -> None:
    latest: Mailbox[str] = Mailbox()
    latest.put("a")
    for _ in range(2):
        assert latest.wait_newer(0, 0) == (1, "a")


def test_what_was_seen_is_not_seen_again() -> None:
    latest: Mailbox[str] = Mailbox()
    latest.put("a")
    assert latest.wait_newer(1, 0) == (1, None)
    assert latest.wait_newer(7, 0) == (7, None)


def test_each_reader_has_its_own_number() -> None:
    latest: Mailbox[str] = Mailbox()
    latest.put("a")
    slow, _ = latest.peek()
    latest.put("b")
    assert latest.wait_newer(2, 0) == (2, None)
    assert latest.wait_newer(slow, 0) == (2, "b")


def test_an_equal_value_counts_as_newer() -> None:
    latest: Mailbox[str] = Mailbox()
    latest.put("a")
    latest.put("a")
    assert latest.wait_newer(1, 0) == (2, "a")


def test_a_value_wakes_who_waits() -> None:
    latest: Mailbox[str] = Mailbox()
    latest.put("a")
    assert check_wakes(latest, lambda: latest.put("b")) == (2, "b")


def test_the_end_wakes_who_waits() -> None:
    latest: Mailbox[str] = Mailbox()
    latest.put("a")
    assert check_wakes(latest, latest.close) == (1, None)


def test_after_the_end_no_wait_lasts_and_what_is_unseen_can_still_be_had() -> None:
    latest: Mailbox[str] = Mailbox()
    latest.put("a")
    latest.close()
    assert latest.wait_newer(0, DEADLINE_S) == (1, "a")
    assert latest.wait_newer(1, DEADLINE_S) == (1, None)


def test_all_readers_are_woken_by_one_value() -> None:
    latest: Mailbox[int] = Mailbox()
    got: list[tuple[int, int | None]] = []
    threads = [
        threading.Thread(target=lambda: got.append(latest.wait_newer(0, DEADLINE_S)), daemon=True)
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    latest.put(5)
    for thread in threads:
        thread.join(DEADLINE_S)
    assert got == [(1, 5)] * 8


def test_numbers_only_rise_for_a_reader_beside_a_fast_writer() -> None:
    latest: Mailbox[int] = Mailbox()

    def write() -> None:
        for value in range(1, 5_001):
            latest.put(value)
        latest.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    seen = 0
    while True:
        number, value = latest.wait_newer(seen, DEADLINE_S)
        if value is None:
            break
        assert number == value
        assert number > seen
        seen = number
    writer.join(DEADLINE_S)
    assert seen == 5_000
