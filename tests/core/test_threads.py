"""Claims about core/threads.py."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from core.threads import Threads
from tests.support.deadline import DEADLINE_S


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Return the event that a test's threads wait for; always set when the test ends."""
    event = threading.Event()
    yield event
    event.set()


def waiting(release: threading.Event) -> Callable[[], None]:
    """Return a thread body that runs until `release` is set."""

    def body() -> None:
        release.wait()

    return body


def test_thread_has_the_given_name() -> None:
    names: list[str] = []
    threads = Threads()
    thread = threads.start("encode", lambda: names.append(threading.current_thread().name))
    assert threads.join(DEADLINE_S) == []
    assert names == ["encode"]
    assert thread.name == "encode"
    assert not thread.is_alive()


def test_end_without_error_is_reported_in_the_thread_itself() -> None:
    reported: list[tuple[BaseException | None, str]] = []
    threads = Threads()
    threads.start(
        "a", lambda: None, lambda e: reported.append((e, threading.current_thread().name))
    )
    threads.join(DEADLINE_S)
    assert reported == [(None, "a")]


def test_error_that_ends_a_thread_is_reported_and_not_raised() -> None:
    raised = OSError("gone")

    def fail() -> None:
        raise raised

    reported: list[BaseException | None] = []
    threads = Threads()
    threads.start("a", fail, reported.append)
    threads.start("b", fail)  # Without `on_end`, its error is not raised either.
    assert threads.join(DEADLINE_S) == []
    assert reported == [raised]
    assert raised.__traceback__ is not None


def test_join_returns_the_names_of_threads_that_still_run(release: threading.Event) -> None:
    threads = Threads()
    threads.start("capture", waiting(release))
    threads.start("dial", waiting(release))
    threads.start("quick", lambda: None)
    assert threads.join(0.05) == ["capture", "dial"]
    release.set()
    assert threads.join(DEADLINE_S) == []


def test_all_threads_share_one_deadline(
    release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    class Recorded(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            assert timeout is not None
            waits.append(timeout)
            super().join(0)

    monkeypatch.setattr("core.threads.Thread", Recorded)
    clock = iter([100_000_000, 100_000_000, 101_500_000, 103_000_000])
    threads = Threads(lambda: next(clock))
    for name in "abc":
        threads.start(name, waiting(release))
    assert threads.join(2.0) == ["a", "b", "c"]
    assert waits == [2.0, 0.5, 0.0]


def test_join_can_wait_for_some_threads_only(release: threading.Event) -> None:
    threads = Threads()
    threads.start("capture", waiting(release))
    mine = [threads.start("send", lambda: None), threads.start("receive", lambda: None)]
    assert threads.join(DEADLINE_S, mine) == []
    assert threads.join(0) == ["capture"]
    assert threads.join(0, []) == []


def test_ended_threads_take_no_memory() -> None:
    threads = Threads()
    ended = weakref.ref(threads.start("a", lambda: None))
    assert threads.join(DEADLINE_S) == []
    threads.start("b", lambda: None)
    assert threads.join(DEADLINE_S) == []
    gc.collect()
    assert ended() is None


def test_threads_are_daemons_so_that_the_program_can_exit(release: threading.Event) -> None:
    assert Threads().start("a", waiting(release)).daemon


def test_join_includes_threads_started_by_threads(release: threading.Event) -> None:
    threads = Threads()
    started = threading.Event()

    def body() -> None:
        threads.start("inner", waiting(release))
        started.set()

    threads.start("outer", body)
    assert started.wait(DEADLINE_S)
    assert threads.join(0.05) == ["inner"]


def test_join_never_meets_a_thread_that_has_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = Threads()
    joined: list[list[str]] = []
    other = threading.Thread(target=lambda: joined.append(threads.join(DEADLINE_S)))

    class SlowToStart(threading.Thread):
        def start(self) -> None:
            other.start()
            other.join(0.1)  # Time for a faulty `join` to fail; a correct one waits for `start`.
            super().start()

    monkeypatch.setattr("core.threads.Thread", SlowToStart)
    threads.start("late", lambda: None)
    other.join(DEADLINE_S)
    assert joined == [[]]
