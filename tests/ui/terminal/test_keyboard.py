"""Claims about ui/terminal/keyboard.py, on real pipes, terminals and files."""

import contextlib
import os
import pty
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from subprocess import PIPE, Popen
from threading import Thread

import pytest

from tests.support.deadline import DEADLINE_S
from ui.terminal.keyboard import MAX_LINE_BYTES, Keyboard

ROOT = Path(__file__).resolve().parents[3]


class Typing:
    """A keyboard at one end of a pipe, and a user at the other."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        self.posted: Queue[str | None] = Queue()
        self.keyboard = Keyboard(
            self.posted.put,
            lambda: self.posted.put(None),
            descriptor=self.read_end,
            line_pause_s=0,
        )
        self.thread = Thread(target=self.keyboard.loop)

    def type(self, text: bytes) -> None:
        os.write(self.write_end, text)

    def end(self) -> None:
        os.close(self.write_end)
        self.write_end = -1

    def next(self) -> str | None:
        """Return the next line, or None for the end."""
        return self.posted.get(timeout=DEADLINE_S)

    def close(self) -> None:
        self.keyboard.close()
        if self.thread.ident is not None:
            self.thread.join(DEADLINE_S)
            assert not self.thread.is_alive()
        for end in (self.read_end, self.write_end):
            if end >= 0:
                os.close(end)


@pytest.fixture
def typing() -> Iterator[Typing]:
    typing = Typing()
    yield typing
    typing.close()


def test_lines_are_posted_one_by_one_without_their_line_ends(typing: Typing) -> None:
    typing.thread.start()
    typing.type(b"y\nzwei W\xc3\xb6rter\r\n\n")
    assert [typing.next() for _ in range(3)] == ["y", "zwei Wörter", ""]


def test_line_may_arrive_in_pieces(typing: Typing) -> None:
    typing.thread.start()
    typing.type(b"ye")
    typing.type(b"s\nn")
    assert typing.next() == "yes"
    typing.type(b"o\n")
    assert typing.next() == "no"


def test_last_line_counts_without_a_line_end(typing: Typing) -> None:
    typing.thread.start()
    typing.type(b"y")
    typing.end()
    assert typing.next() == "y"
    assert typing.next() is None


def test_end_of_input_is_posted_once_and_ends_the_loop(typing: Typing) -> None:
    typing.end()
    typing.thread.start()
    assert typing.next() is None
    typing.thread.join(DEADLINE_S)
    assert not typing.thread.is_alive()
    assert typing.posted.empty()


def test_long_line_is_cut_and_the_next_one_is_whole(typing: Typing) -> None:
    typing.thread.start()
    typing.type(b"x" * (5 * MAX_LINE_BYTES))
    typing.type(b"\nnext\n")
    assert typing.next() == "x" * MAX_LINE_BYTES
    assert typing.next() == "next"


def test_invalid_utf_8_is_still_a_line(typing: Typing) -> None:
    typing.thread.start()
    typing.type(b"\xff\n")
    assert typing.next() == "\ufffd"


def test_close_ends_a_waiting_loop_and_posts_no_end(typing: Typing) -> None:
    typing.thread.start()
    typing.type(b"y\n")
    assert typing.next() == "y"
    typing.keyboard.close()
    typing.thread.join(DEADLINE_S)
    assert not typing.thread.is_alive()
    assert typing.posted.empty()


def test_loop_closed_before_it_starts_posts_nothing(typing: Typing) -> None:
    typing.type(b"y\n")
    typing.keyboard.close()
    typing.keyboard.loop()
    assert typing.posted.empty()


def test_silent_pipe_is_not_at_its_end(typing: Typing) -> None:
    assert not typing.keyboard.is_at_end_now()


def test_closed_pipe_is_at_its_end(typing: Typing) -> None:
    typing.end()
    assert typing.keyboard.is_at_end_now()
    assert typing.keyboard.is_at_end_now()
    typing.thread.start()
    assert typing.next() is None


def test_check_for_the_end_loses_no_input(typing: Typing) -> None:
    typing.type(b"y\nn")
    assert not typing.keyboard.is_at_end_now()
    typing.type(b"o\n")
    typing.end()
    assert not typing.keyboard.is_at_end_now()
    typing.thread.start()
    assert [typing.next() for _ in range(3)] == ["y", "no", None]


@contextlib.contextmanager
def keyboard_of(descriptor: int) -> Iterator[Keyboard]:
    keyboard = Keyboard(lambda line: None, lambda: None, descriptor=descriptor)
    yield keyboard
    keyboard.close()


def test_null_device_is_at_its_end() -> None:
    with Path(os.devnull).open() as null, keyboard_of(null.fileno()) as keyboard:
        assert keyboard.is_at_end_now()


def test_closed_descriptor_is_at_its_end() -> None:
    descriptor = os.open(os.devnull, os.O_RDONLY)
    with keyboard_of(descriptor) as keyboard:
        os.close(descriptor)
        assert keyboard.is_at_end_now()
        keyboard.loop()


def test_unreadable_input_is_at_its_end() -> None:
    # As nohup leaves it.
    with Path(os.devnull).open("w") as null, keyboard_of(null.fileno()) as keyboard:
        assert keyboard.is_at_end_now()


def test_file_of_answers_is_not_at_its_end(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    answers.write_text("y\n")
    with answers.open() as file, keyboard_of(file.fileno()) as keyboard:
        assert not keyboard.is_at_end_now()


def test_terminal_posts_its_lines_and_its_closing_is_the_end() -> None:
    person, terminal = pty.openpty()
    posted: Queue[str | None] = Queue()
    keyboard = Keyboard(posted.put, lambda: posted.put(None), descriptor=terminal)
    assert not keyboard.is_at_end_now()
    thread = Thread(target=keyboard.loop)
    thread.start()
    os.write(person, b"y\n")
    assert posted.get(timeout=DEADLINE_S) == "y"
    os.close(person)
    assert posted.get(timeout=DEADLINE_S) is None
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    os.close(terminal)


BACKGROUND_JOB = """
import fcntl, os, signal, sys, termios, threading
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    from ui.terminal.keyboard import Keyboard
    keyboard = Keyboard(lambda line: os.write(1, line.encode()), lambda: None)
    at_end = keyboard.is_at_end_now()
    thread = threading.Thread(target=keyboard.loop)
    thread.start()
    thread.join(0.5)
    keyboard.close()
    thread.join()
    os.write(1, b"at end" if at_end else b"never stopped")
    os._exit(0)
_, status = os.waitpid(job, os.WUNTRACED)
if os.WIFSTOPPED(status):
    os.kill(job, signal.SIGKILL)
    os.write(1, b"stopped")
"""


def test_background_job_is_not_stopped_by_typing() -> None:
    person, terminal = pty.openpty()
    os.write(person, b"y\n")
    with Popen([sys.executable, "-c", BACKGROUND_JOB], stdin=terminal, stdout=PIPE, cwd=ROOT) as it:
        output, _ = it.communicate(timeout=DEADLINE_S)
    os.close(terminal)
    os.close(person)
    assert output == b"never stopped"
