"""Claims about ui/terminal/terminal.py, ui/terminal/console.py and cli/log_lines.py."""

import fcntl
import io
import logging
import os
import pty
import select
import struct
import termios
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from cli.log_lines import LineHandler
from core.call_statistics import CallState, CallStatistics
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.terminal.console import Console
from ui.terminal.terminal import Terminal
from ui.user_interface import UserInterface
from ui.view import (
    ListenerView,
    PeerView,
    RemotePicture,
    RemoteSound,
    Stage,
    Trust,
    View,
    VoiceNotice,
    WordsTask,
)
from ui.wording.notices import word_notice
from ui.wording.statistics import word_status

SECOND_US = 1_000_000
GONE = DeviceProblem(DeviceProblemKind.GONE, DeviceKind.MICROPHONE)
ALICE = PeerView("Alice", "10.0.0.2", Trust.CODE, words="otter lamp moon tree")
CALL = View(Stage.CALL, "Bob", peer=ALICE)
WAITING = View(Stage.WAITING, "Bob")
INCOMING = View(Stage.INCOMING, "Bob", peer=ALICE)
RING = ["Alice calls. Accept? y/n", "    From 10.0.0.2", "    Gave the right code"]


def with_figures(view: View, second: int) -> View:
    """Return a view with the figures of a second of the call."""
    return replace(view, figures=CallStatistics(t_s=second, state=CallState.CALL, peer="Alice"))


def status_of(view: View) -> str:
    """Return the status line of a view; it must not be empty."""
    status = word_status(view)
    assert status
    return status


class Screen:
    """A terminal as a user sees it: its output is put into cells."""

    def __init__(self, columns: int) -> None:
        self._reader, writer = pty.openpty()
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.stream = os.fdopen(writer, "w", encoding="utf-8")
        self.console = Console(self.stream)

    def raw(self) -> str:
        """Return the output since the last call."""
        self.stream.flush()
        text = b""
        while select.select([self._reader], [], [], 0)[0]:
            text += os.read(self._reader, 4096)
        return text.decode()

    def lines(self) -> list[str]:
        """Return the lines on the screen after the output since the last call."""
        shown = []
        for line in self.raw().split("\r\n"):
            cells: list[str] = []
            at = 0
            for letter in line:
                if letter == "\r":
                    at = 0
                    continue
                cells[at : at + 1] = [letter]
                at += 1
            shown.append("".join(cells).rstrip())
        return shown

    def close(self) -> None:
        self.stream.close()
        os.close(self._reader)


@pytest.fixture
def screen() -> Iterator[Screen]:
    screen = Screen(40)
    yield screen
    screen.close()


def run_views(console: Console, *views: View, is_quiet: bool = False, step_us: int = 0) -> None:
    """Print views on a terminal, `step_us` apart."""
    times = iter(range(0, 10**12, step_us or 1))
    terminal = Terminal(
        console, lambda event: None, None, is_quiet=is_quiet, now_us=lambda: next(times)
    )
    interface: UserInterface = terminal
    for view in views:
        interface.show(view)
    interface.notify_own()
    interface.notify_remote()
    interface.close()
    interface.run()


def print_views(*views: View, is_quiet: bool = False, step_us: int = 0) -> list[str]:
    stream = io.StringIO()
    run_views(Console(stream), *views, is_quiet=is_quiet, step_us=step_us)
    return stream.getvalue().splitlines()


def test_each_stage_is_one_line_with_indented_details() -> None:
    listener = ListenerView("7-otter-lamp", "peer.py", "10.0.0.1:5000", is_announced=False)
    waiting = replace(WAITING, listener=listener)
    assert print_views(waiting, waiting, CALL, CALL, waiting) == [
        "Waiting for a call: 7-otter-lamp",
        "    On the other computer, type:",
        "      peer.py connect 10.0.0.1:5000 --code 7-otter-lamp",
        "In a call with Alice",
        "Waiting for a call: 7-otter-lamp",
    ]


def test_missing_remote_picture_is_printed() -> None:
    hidden = replace(CALL, remote_picture=RemotePicture.HIDDEN)
    paused = replace(CALL, remote_picture=RemotePicture.PAUSED)
    assert print_views(CALL, hidden, hidden, CALL, paused, step_us=SECOND_US) == [
        "In a call with Alice",
        "Alice has turned the camera off",
        "In a call with Alice",
        "The link is too small for Alice's picture: sound alone",
    ]


def test_words_that_come_after_the_call_has_begun_do_not_repeat_that_it_has() -> None:
    lines = print_views(CALL, replace(CALL, words_task=WordsTask.COMPARE), step_us=SECOND_US)
    assert lines[0] == "In a call with Alice"
    assert len(lines) > 1
    assert all(line.startswith("    ") for line in lines[1:])


def test_each_mute_and_unmute_is_one_line() -> None:
    mute, theirs = replace(CALL, is_muted=True), replace(CALL, remote_sound=RemoteSound.MUTED)
    assert print_views(CALL, mute, mute, CALL, theirs, CALL, step_us=SECOND_US) == [
        "In a call with Alice",
        "You are muted",
        "You are no longer muted",
        "Alice is muted",
        "Alice is no longer muted",
    ]


def test_rapid_changes_are_printed_once_a_second() -> None:
    """The other peer causes them."""
    mute = replace(CALL, remote_sound=RemoteSound.MUTED)
    hidden = replace(CALL, remote_picture=RemotePicture.HIDDEN)
    told = print_views(*[CALL, mute, hidden] * 1000, step_us=SECOND_US // 100)
    assert len(told) <= 3 * 31
    assert print_views(CALL, hidden, CALL, hidden, CALL, step_us=SECOND_US // 3) == [
        "In a call with Alice",
        "Alice has turned the camera off",
    ]


def test_log_line_follows_the_view_shown_before_it() -> None:
    stream = io.StringIO()
    console = Console(stream)
    terminal = Terminal(console, lambda event: None, None)
    terminal.show(CALL)
    handler = LineHandler(console, is_verbose=False)
    handler.emit(logging.makeLogRecord({"msg": "Alice hung up"}))
    terminal.close()
    assert stream.getvalue() == "In a call with Alice\nAlice hung up\n"


def test_comparing_words_does_not_print_the_call_again() -> None:
    unverified = replace(CALL, words_task=WordsTask.READ_ALOUD)
    assert print_views(unverified, CALL, step_us=SECOND_US) == [
        "In a call with Alice",
        "    Read these words to Alice: otter lamp moon tree",
    ]


def test_words_are_printed_once_a_call_although_the_link_or_the_picture_comes_and_goes() -> None:
    unverified = replace(CALL, words_task=WordsTask.COMPARE)
    hidden = replace(unverified, remote_picture=RemotePicture.HIDDEN)
    lost = replace(unverified, is_reconnecting=True)
    lines = print_views(unverified, lost, unverified, hidden, unverified, step_us=2_000_000)
    assert [line for line in lines if "otter lamp moon tree" in line] == [
        "    otter lamp moon tree"
    ]
    assert lines.count("In a call with Alice") == 3
    twice = print_views(unverified, WAITING, unverified)
    assert twice.count("    otter lamp moon tree") == 2


def test_notice_is_printed_once_when_it_appears() -> None:
    silent = replace(CALL, notices=(VoiceNotice.SILENT,))
    both = replace(CALL, notices=(GONE, VoiceNotice.SILENT))
    assert print_views(CALL, silent, silent, both, CALL, silent, step_us=SECOND_US) == [
        "In a call with Alice",
        word_notice(VoiceNotice.SILENT),
        word_notice(GONE),
        word_notice(VoiceNotice.SILENT),
    ]


def test_start_of_a_call_includes_mutes_and_missing_microphones() -> None:
    deaf = replace(CALL, is_muted=True, remote_sound=RemoteSound.NONE)
    waiting = replace(WAITING, is_muted=True)
    begin = ["In a call with Alice", "You are muted", "Alice has no microphone"]
    said = "Waiting for a call"
    assert print_views(waiting, deaf, waiting, deaf) == [said, *begin, said, *begin]


def test_news_about_sound_appears_above_the_status() -> None:
    screen = Screen(160)
    views = [with_figures(CALL, 1), with_figures(replace(CALL, notices=(GONE,)), 2)]
    terminal = Terminal(screen.console, lambda event: None, None)
    for view in views:
        terminal.show(view)
    LineHandler(screen.console, is_verbose=False).emit(logging.makeLogRecord({"msg": "a line"}))
    assert screen.lines() == [
        "In a call with Alice",
        word_notice(GONE),
        "a line",
        status_of(views[1]),
    ]
    terminal.close()
    screen.close()


def test_stopped_reader_does_not_block_printing() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        console = Console(stream)
        for _ in range(1_000):
            console.print_line("x" * 200)
            if not select.select([], [writer], [], 0)[1]:
                break
        else:
            pytest.fail("the pipe never became full")
        console.print_line("nobody waits for this")
        os.close(reader)


def test_ring_asks_for_an_answer() -> None:
    assert print_views(INCOMING) == RING
    assert print_views(View(Stage.INCOMING, "Bob")) == ["Somebody calls. Accept? y/n"]


def test_quiet_terminal_prints_only_questions() -> None:
    muted = with_figures(replace(CALL, is_muted=True, notices=(VoiceNotice.MUTED,)), 1)
    assert print_views(WAITING, INCOMING, muted, is_quiet=True) == RING


def test_label_begins_each_line_and_the_status() -> None:
    stream = io.StringIO()
    console = Console(stream, "caller")
    console.is_terminal = True
    console.print_lines(("one", "two"))
    console.show_status("three")
    assert stream.getvalue() == "caller: one\ncaller: two\ncaller: three"
    console.clear_status()
    assert stream.getvalue().endswith("\r")


def test_text_from_the_network_cannot_move_the_cursor() -> None:
    peer = PeerView("A\x1b[2Jl\rice\n", "\x9b2J\u202e", Trust.CODE)
    assert print_views(replace(INCOMING, peer=peer)) == [
        "A[2Jlice calls. Accept? y/n",
        "    From 2J",
        "    Gave the right code",
    ]


def test_status_without_a_terminal_is_printed_every_ten_seconds() -> None:
    views = [with_figures(CALL, second) for second in range(21)]
    assert print_views(*views, step_us=1_000_000) == [
        "In a call with Alice",
        *(status_of(views[second]) for second in (0, 10, 20)),
    ]


def test_new_call_prints_its_first_status_at_once() -> None:
    first, second = with_figures(CALL, 1), with_figures(CALL, 2)
    shown = print_views(first, WAITING, second, step_us=1_000_000)
    statuses = [status_of(first), status_of(second)]
    assert [line for line in shown if line in statuses] == statuses


def test_status_is_rewritten_in_place_on_a_terminal(screen: Screen) -> None:
    screen.console.show_status("a long status")
    screen.console.show_status("short")
    assert screen.lines() == ["short"]


def test_line_appears_above_the_status(screen: Screen) -> None:
    screen.console.show_status("a long status")
    screen.console.print_line("event")
    assert screen.lines() == ["event", "a long status"]


def test_status_is_cut_to_the_width_of_the_terminal(screen: Screen) -> None:
    screen.console.show_status("x" * 100)
    assert screen.lines() == ["x" * 39]
    screen.console.show_status("漢" * 100)
    assert screen.lines() == ["漢" * 19]


def test_call_on_a_terminal_leaves_no_status_behind(screen: Screen) -> None:
    views = [with_figures(CALL, second) for second in range(3)]
    run_views(screen.console, *views)
    assert screen.lines() == ["In a call with Alice", ""]


def test_log_record_leaves_the_status_intact(screen: Screen) -> None:
    handler = LineHandler(screen.console, is_verbose=False)
    screen.console.show_status("30 fps")
    record = logging.LogRecord("call.x", logging.INFO, "", 1, "Alice \x1b[31m%s", ("rings",), None)
    handler.handle(record)
    assert screen.lines() == ["Alice [31mrings", "30 fps"]


def test_verbose_log_includes_logger_and_traceback() -> None:
    stream = io.StringIO()
    handler = LineHandler(Console(stream), is_verbose=True)
    short = LineHandler(Console(stream), is_verbose=False)
    try:
        raise ValueError("why")
    except ValueError as error:
        record = logging.LogRecord(
            "call.x", logging.INFO, "", 1, "it failed", (), (ValueError, error, error.__traceback__)
        )
    short.handle(record)
    assert stream.getvalue() == "it failed\n"
    handler.handle(record)
    assert "INFO call.x" in stream.getvalue()
    assert stream.getvalue().endswith("ValueError: why\n")


def test_console_without_a_reader_is_silent() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", buffering=1) as stream:
        console = Console(stream)
        console.print_line("one")
        console.print_line("two")
        console.show_status("three")
        with pytest.raises(BrokenPipeError):
            stream.close()
    Console(None).print_line("nothing")


def test_views_and_closes_after_the_end_are_ignored() -> None:
    terminal = Terminal(Console(None), lambda event: None, None)
    terminal.close()
    terminal.close()
    terminal.run()
    terminal.show(CALL)
    terminal.close()


def test_lost_link_and_its_return_are_printed_even_without_a_picture() -> None:
    call = replace(CALL, remote_picture=RemotePicture.NONE)
    lost = replace(call, is_reconnecting=True)
    without = "Alice sends no picture"
    shown = print_views(call, lost, lost, call, step_us=SECOND_US)
    assert shown == [without, "Reconnecting to Alice…", without]
