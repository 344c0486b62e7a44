"""ui/late_window.py: what comes before, while and after the window opens."""

from threading import Event, Thread

from tests.support.deadline import DEADLINE_S
from ui.late_window import LateWindow
from ui.view import Stage, View

FIRST, SECOND, THIRD = (
    View(Stage.DIALLING, "Ann"),
    View(Stage.RINGING, "Ann"),
    View(Stage.CALL, "Ann"),
)


class RecordedWindow:
    """An interface that notes what it is told, and runs until it is closed."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.is_running = Event()
        self._closed = Event()

    def run(self) -> None:
        self.is_running.set()
        assert self._closed.wait(DEADLINE_S)

    def show(self, view: View) -> None:
        self.told.append(view)

    def notify_remote(self) -> None:
        self.told.append("remote")

    def notify_own(self) -> None:
        self.told.append("own")

    def close(self) -> None:
        self._closed.set()


def test_window_shows_the_newest_view_from_before_it_opened() -> None:
    window, late = RecordedWindow(), LateWindow()

    def open_window() -> RecordedWindow:
        late.show(SECOND)
        late.notify_own()
        return window

    late.open_with(open_window)
    late.show(FIRST)
    late.notify_remote()
    runner = Thread(target=late.run)
    runner.start()
    assert window.is_running.wait(DEADLINE_S)
    late.show(THIRD)
    late.notify_own()
    late.notify_remote()
    late.close()
    runner.join(DEADLINE_S)
    assert not runner.is_alive()
    assert window.told == [SECOND, THIRD, "own", "remote"]


def test_window_that_was_closed_before_is_not_opened() -> None:
    late = LateWindow()
    opened: list[RecordedWindow] = []

    def open_window() -> RecordedWindow:
        opened.append(RecordedWindow())
        return opened[0]

    late.open_with(open_window)
    late.close()
    late.run()
    assert not opened


def test_window_that_is_closed_while_it_opens_ends_at_once() -> None:
    window, late = RecordedWindow(), LateWindow()

    def open_window() -> RecordedWindow:
        late.close()
        return window

    late.open_with(open_window)
    late.run()
    assert window.is_running.is_set()
