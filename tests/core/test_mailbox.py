"""Claims about core/mailbox.py."""

import threading
from collections.abc import Callable

from core.mailbox import Mailbox
from tests.support.deadline import DEADLINE_S


def check_wakes(mailbox: Mailbox[str], wake: Callable[[], None]) -> tuple[int, str | None]:
    """Return what a thread receives that waits for a value after number 1 until `wake` runs."""
    received: list[tuple[int, str | None]] = []
    thread = threading.Thread(
        target=lambda: received.append(mailbox.wait_newer(1, DEADLINE_S * 5)), daemon=True
    )
    thread.start()
    wake()
    thread.join(DEADLINE_S)
    assert len(received) == 1, "still waiting"
    return received[0]


def test_mailbox_starts_empty() -> None:
    mailbox: Mailbox[str] = Mailbox()
    assert mailbox.peek() == (0, None)
    assert mailbox.wait_newer(0, 0) == (0, None)


def test_mailbox_holds_the_newest_value_and_counts_all() -> None:
    mailbox: Mailbox[str] = Mailbox()
    for value in "abc":
        mailbox.put(value)
    assert mailbox.peek() == (3, "c")
    assert mailbox.wait_newer(0, 0) == (3, "c")


def test_reading_does_not_empty_the_mailbox() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("a")
    for _ in range(2):
        assert mailbox.wait_newer(0, 0) == (1, "a")


def test_reader_does_not_receive_a_value_twice() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("a")
    assert mailbox.wait_newer(1, 0) == (1, None)
    assert mailbox.wait_newer(7, 0) == (7, None)


def test_readers_do_not_affect_each_other() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("a")
    slow, _ = mailbox.peek()
    mailbox.put("b")
    assert mailbox.wait_newer(2, 0) == (2, None)
    assert mailbox.wait_newer(slow, 0) == (2, "b")


def test_equal_value_counts_as_newer() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("a")
    mailbox.put("a")
    assert mailbox.wait_newer(1, 0) == (2, "a")


def test_new_value_wakes_a_waiting_reader() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("a")
    assert check_wakes(mailbox, lambda: mailbox.put("b")) == (2, "b")


def test_close_wakes_a_waiting_reader() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("a")
    assert check_wakes(mailbox, mailbox.close) == (1, None)


def test_closed_mailbox_returns_an_unseen_value_and_never_waits() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("a")
    mailbox.close()
    assert mailbox.wait_newer(0, DEADLINE_S) == (1, "a")
    assert mailbox.wait_newer(1, DEADLINE_S) == (1, None)


def test_one_value_wakes_all_readers() -> None:
    mailbox: Mailbox[int] = Mailbox()
    received: list[tuple[int, int | None]] = []
    threads = [
        threading.Thread(
            target=lambda: received.append(mailbox.wait_newer(0, DEADLINE_S)), daemon=True
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    mailbox.put(5)
    for thread in threads:
        thread.join(DEADLINE_S)
    assert received == [(1, 5)] * 8


def test_reader_beside_a_fast_writer_sees_rising_numbers() -> None:
    mailbox: Mailbox[int] = Mailbox()

    def write() -> None:
        for value in range(1, 5_001):
            mailbox.put(value)
        mailbox.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    seen = 0
    while True:
        number, value = mailbox.wait_newer(seen, DEADLINE_S)
        if value is None:
            break
        assert number == value
        assert number > seen
        seen = number
    writer.join(DEADLINE_S)
    assert seen == 5_000
