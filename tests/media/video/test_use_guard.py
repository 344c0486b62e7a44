from threading import Event, Thread

import pytest

from media.errors import SourceError
from media.video.use_guard import SourceClosedError, UseGuard


def test_close_releases_at_once_when_no_thread_is_inside() -> None:
    released: list[int] = []
    guard = UseGuard(lambda: released.append(1))
    guard.close()
    guard.close()
    assert released == [1]


def test_use_after_close_is_refused() -> None:
    guard = UseGuard(lambda: None)
    guard.close()
    with pytest.raises(SourceClosedError), guard.use():
        pass


def test_wait_reports_whether_it_passed_within_the_timeout_and_before_close() -> None:
    guard = UseGuard(lambda: None)
    assert guard.wait(1_000, 2_000)
    assert guard.wait(0, 0)
    assert not guard.wait(2_000, 1_000)
    guard.close()
    assert not guard.wait(0, 0)


def test_error_after_close_counts_as_closed() -> None:
    guard = UseGuard(lambda: None)

    def fail(must_close: bool) -> None:
        with guard.use():
            if must_close:
                guard.close()
            raise SourceError("the connection is lost")

    with pytest.raises(SourceError, match="lost"):
        fail(must_close=False)
    with pytest.raises(SourceClosedError):
        fail(must_close=True)


def test_thread_inside_is_woken_and_releases_when_it_leaves() -> None:
    log: list[str] = []
    inside = Event()
    guard = UseGuard(lambda: log.append("release"), lambda: log.append("interrupt"))

    def work() -> None:
        with guard.use():
            inside.set()
            assert guard.closed.wait(5)
            log.append("leave")

    thread = Thread(target=work)
    thread.start()
    assert inside.wait(5)
    guard.close()
    thread.join(5)
    assert sorted(log) == ["interrupt", "leave", "release"]
    assert log[-1] == "release" or log.index("leave") < log.index("release")
