"""ui/terminal/terminal.py: signals that end the program, as bytes in a socket."""

import signal
import socket
from threading import Thread

from ui.actions import UserAction
from ui.terminal.console import Console
from ui.terminal.terminal import Terminal
from ui.view import Stage, UserEvent, View


def test_only_quit_signals_post_quit() -> None:
    events: list[UserAction] = []
    sender, receiver = socket.socketpair()
    with sender, receiver:

        def post(event: UserAction) -> None:
            events.append(event)
            if len(events) == 3:
                terminal.close()

        terminal = Terminal(Console(None), post, receiver)
        thread = Thread(target=terminal.run)
        thread.start()
        numbers = [signal.SIGINT, signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP]
        sender.send(bytes(int(number) for number in numbers))
        thread.join(10)
        assert not thread.is_alive()
    assert events == [UserEvent.QUIT] * 3


def test_real_signal_posts_quit() -> None:
    sender, receiver = socket.socketpair()
    with sender, receiver:
        sender.setblocking(False)
        terminal = Terminal(Console(None), lambda event: terminal.close(), receiver)
        handler = signal.signal(signal.SIGTERM, lambda number, frame: None)
        old = signal.set_wakeup_fd(sender.fileno())
        try:
            signal.raise_signal(signal.SIGTERM)
            terminal.run()
        finally:
            signal.set_wakeup_fd(old)
            signal.signal(signal.SIGTERM, handler)


def test_closed_signal_socket_does_not_block_the_terminal() -> None:
    sender, receiver = socket.socketpair()
    with receiver:
        terminal = Terminal(Console(None), lambda event: None, receiver)
        thread = Thread(target=terminal.run)
        thread.start()
        sender.close()
        terminal.show(View(Stage.WAITING, "Bob"))
        terminal.close()
        thread.join(10)
        assert not thread.is_alive()
