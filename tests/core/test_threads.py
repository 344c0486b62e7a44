"""core/threads.py: every thread says how it ended, and all are joined against one deadline."""

import threading
from collections.abc import Callable, Iterator

import pytest

from core.threads import Threads

DEADLINE_S = 20.0


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What the threads of a test wait for; set at its end in any case."""
    event = threading.Event()
    yield event
    event.set()


def waiting(release: threading.Event) -> Callable[[], None]:
    """Return the body of a thread that goes on until `release` is set."""

    def body() -> None:
        release.wait()

    return body


def test_a_thread_runs_under_its_name() -> None:
    names: list[str] = []
    threads = Threads()
    thread = threads.start("encode", lambda: names.append(threading.current_thread().name))
    assert threads.join(DEADLINE_S) == []
    assert names == ["encode"]
    assert thread.name == "encode"
    assert not thread.is_alive()


def test_an_end_without_an_error_is_told_in_the_thread_itself() -> None:
    told: list[tuple[BaseException | None, str]] = []
    threads = Threads()
    threads.start("a", lambda: None, lambda e: told.append((e, threading.current_thread().name)))
    threads.join(DEADLINE_S)
    assert told == [(None, "a")]


def test_the_error_that_ends_a_thread_is_told_and_goes_no_further() -> None:
    raised = OSError("gone")

    def fail() -> None:
        raise raised

    told: list[BaseException | None] = []
    threads = Threads()
    threads.start("a", fail, told.append)
    threads.start("b", fail)  # an error that nobody asks for ends its thread just as quietly
    assert threads.join(DEADLINE_S) == []
    assert told == [raised]
    assert raised.__traceback__ is not None


def test_threads_that_go_on_past_the_deadline_are_named(release: threading.Event) -> None:
    threads = Threads()
    threads.start("capture", waiting(release))
    threads.start("dial", waiting(release))
    threads.start("quick", lambda: None)
    assert threads.join(0.05) == ["capture", "dial"]
    release.set()
    assert threads.join(DEADLINE_S) == []


def test_one_deadline_holds_for_all_together(
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


def test_some_threads_can_be_joined_without_the_others(release: threading.Event) -> None:
    threads = Threads()
    threads.start("capture", waiting(release))
    mine = [threads.start("send", lambda: None), threads.start("receive", lambda: None)]
    assert threads.join(DEADLINE_S, mine) == []
    assert threads.join(0) == ["capture"]
    assert threads.join(0, []) == []


def test_threads_that_have_ended_are_forgotten() -> None:
    threads = Threads()
    for _ in range(50):
        threads.start("a", lambda: None)
        assert threads.join(DEADLINE_S) == []
    assert len(threads._running) == 1


def test_no_thread_keeps_the_program_from_leaving(release: threading.Event) -> None:
    assert Threads().start("a", waiting(release)).daemon


def test_a_thread_may_start_another_and_both_are_joined(release: threading.Event) -> None:
    threads = Threads()
    started = threading.Event()

    def body() -> None:
        threads.start("inner", waiting(release))
        started.set()

    threads.start("outer", body)
    assert started.wait(DEADLINE_S)
    assert threads.join(0.05) == ["inner"]


def test_all_can_be_joined_while_one_is_being_started(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = Threads()

    class Interrupted(threading.Thread):
        def start(self) -> None:
            if not threads._lock.locked():  # then another thread may look at them just now
                assert threads.join(0) == []
            super().start()

    monkeypatch.setattr("core.threads.Thread", Interrupted)
    threads.start("late", lambda: None)
    assert threads.join(DEADLINE_S) == []
