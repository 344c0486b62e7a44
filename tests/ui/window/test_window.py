"""The window, used from other threads."""

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from PySide6.QtWidgets import QApplication

from core.mailbox import Mailbox
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from tests.support.deadline import DEADLINE_S
from ui.actions import UserAction
from ui.view import PeerView, RemotePicture, Stage, UserEvent, View
from ui.window.settings import WindowSettings
from ui.window.window import Window
from ui.window.window_pictures import WindowPictures

CALL = View(
    stage=Stage.CALL, local_name="Me", peer=PeerView("Alice"), remote_picture=RemotePicture.SHOWN
)


class Bench:
    """A window, everything that it is connected to, and a record of its output."""

    def __init__(self, wakeup_socket: socket.socket | None = None) -> None:
        self.remote: Mailbox[DisplayPicture] = Mailbox()
        self.own: Mailbox[DisplayPicture] = Mailbox()
        self.wanted = DisplaySizes()
        self.events: list[UserAction] = []
        self.painted: list[DisplayPicture] = []
        self.has_painted = threading.Event()
        self.asked_by: list[threading.Thread] = []
        self.has_asked = threading.Event()
        self.window = Window(
            WindowSettings(),
            WindowPictures(
                remote=self.remote, own=self.own, wanted=self.wanted, on_painted=self.note
            ),
            post=self.post,
            wakeup_socket=wakeup_socket,
            level_dbfs=self.ask_level,
        )

    def ask_level(self) -> float:
        self.asked_by.append(threading.current_thread())
        self.has_asked.set()
        return -30.0

    def post(self, event: UserAction) -> None:
        self.events.append(event)
        if event is UserEvent.QUIT:
            self.window.close()

    def note(self, picture: DisplayPicture) -> None:
        self.painted.append(picture)
        self.has_painted.set()


def run_beside(bench: Bench, body: Callable[[], None]) -> None:
    """Run the window, and `body` in another thread, which closes the window at its end."""

    def work() -> None:
        try:
            body()
        finally:
            bench.window.close()

    thread = threading.Thread(target=work)
    thread.start()
    bench.window.run()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()


@pytest.mark.usefixtures("qapp")
def test_close_from_another_thread_ends_run() -> None:
    run_beside(Bench(), lambda: None)


@pytest.mark.usefixtures("qapp")
def test_window_closed_before_it_runs_is_never_shown() -> None:
    bench = Bench()
    bench.window.close()
    bench.window.run()
    assert not bench.window.widget.isVisible()


@pytest.mark.usefixtures("qapp")
def test_pictures_from_another_thread_are_painted_once_each(
    make_picture: Callable[..., DisplayPicture],
) -> None:
    bench = Bench()
    pictures = [make_picture(64, 36) for _ in range(5)]

    def send() -> None:
        bench.window.show(CALL)
        for picture in pictures:
            bench.has_painted.clear()
            bench.remote.put(picture)
            bench.window.notify_remote()
            assert bench.has_painted.wait(DEADLINE_S)

    run_beside(bench, send)
    assert bench.painted == pictures


@pytest.mark.usefixtures("qapp")
def test_slow_window_paints_only_the_newest_picture(
    make_picture: Callable[..., DisplayPicture],
) -> None:
    bench = Bench()
    bench.window.show(CALL)
    for _ in range(50):
        newest = make_picture(64, 36)
        bench.remote.put(newest)
        bench.window.notify_remote()

    run_beside(bench, lambda: _assert_set(bench.has_painted))
    assert bench.painted == [newest]


def _assert_set(event: threading.Event) -> None:
    assert event.wait(DEADLINE_S)


@pytest.mark.usefixtures("qapp")
def test_newest_view_wins() -> None:
    bench = Bench()
    titles: list[str] = []
    has_title = threading.Event()
    bench.window.widget.windowTitleChanged.connect(titles.append)
    bench.window.widget.windowTitleChanged.connect(lambda _: has_title.set())
    for name in ("Alice", "Bob", "Carol"):
        bench.window.show(View(stage=Stage.INCOMING, local_name="Me", peer=PeerView(name)))
    run_beside(bench, lambda: _assert_set(has_title))
    assert titles == ["Carol — incoming call"]


@pytest.mark.usefixtures("qapp")
def test_display_thread_polls_the_level_in_a_call() -> None:
    bench = Bench()
    bench.window.show(CALL)
    run_beside(bench, lambda: _assert_set(bench.has_asked))
    assert set(bench.asked_by) == {threading.current_thread()}


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_wakes_the_window_and_asks_to_quit(number: signal.Signals) -> None:
    receiver, sender = socket.socketpair()
    with closing(receiver), closing(sender):
        bench = Bench(receiver)
        sender.send(bytes([number]))
        bench.window.run()
    assert bench.events == [UserEvent.QUIT]


@pytest.mark.usefixtures("qapp")
def test_nothing_is_painted_after_the_end(make_picture: Callable[..., DisplayPicture]) -> None:
    bench = Bench()
    run_beside(bench, lambda: None)
    bench.remote.put(make_picture(64, 36))
    bench.window.notify_remote()
    bench.window.notify_own()
    bench.window.show(CALL)
    bench.window.close()
    QApplication.processEvents()
    assert bench.painted == []
