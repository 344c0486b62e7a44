"""Claims about ui/call_commands.py and ui/wording/commands.py: what is typed in a call."""

from pathlib import Path

import pytest

from ui.actions import AnswerFile, CancelFile, SaveChat, SendChat, SendFile, UserAction
from ui.call_commands import COMMANDS, LineReply, ReplyKind, read_call_line, read_chat_text
from ui.view import UserEvent
from ui.wording.commands import word_reply


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("Hello", SendChat("Hello")),
        ("  two words ", SendChat("  two words ")),
        ("👍", SendChat("👍")),
        ("好", SendChat("好")),
        ("7", SendChat("7")),
        ("/say q", SendChat("q")),
        ("/say /help", SendChat("/help")),
        ("/send a.txt", SendFile(Path("a.txt"))),
        ("/SEND two words.txt", SendFile(Path("two words.txt"))),
        ("/send 'two words.txt'", SendFile(Path("two words.txt"))),
        ("/send two\\ words.txt", SendFile(Path("two words.txt"))),
        ("/send it's.txt", SendFile(Path("it's.txt"))),
        ("/accept", AnswerFile(None, accepts=True)),
        ("/accept 3", AnswerFile(3, accepts=True)),
        ("/decline 2", AnswerFile(2, accepts=False)),
        ("/cancel", CancelFile(None)),
        ("/cancel 12", CancelFile(12)),
        ("/save chat.txt", SaveChat(Path("chat.txt"))),
        ("/mute", UserEvent.TOGGLE_MUTE),
        ("/camera", UserEvent.TOGGLE_CAMERA),
        ("/record", UserEvent.TOGGLE_RECORDING),
        ("/snapshot", UserEvent.TAKE_SNAPSHOT),
        ("/photo", UserEvent.SEND_STILL),
        ("/words", UserEvent.CONFIRM_WORDS),
        ("/hangup", UserEvent.HANG_UP),
    ],
)
def test_line_means_an_action(line: str, action: UserAction) -> None:
    assert read_call_line(line) == action


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("/help", ReplyKind.HELP),
        ("?", ReplyKind.HELP),
        ("/", ReplyKind.UNKNOWN_COMMAND),
        ("/hang", ReplyKind.UNKNOWN_COMMAND),
        ("/etc/passwd", ReplyKind.UNKNOWN_COMMAND),
        ("/mute now", ReplyKind.WRONG_USE),
        ("/send", ReplyKind.WRONG_USE),
        ("/save ", ReplyKind.WRONG_USE),
        ("/accept all", ReplyKind.WRONG_USE),
        ("/cancel -1", ReplyKind.WRONG_USE),
        ("x", ReplyKind.UNKNOWN_KEY),
    ],
)
def test_line_that_means_nothing_is_explained_and_not_sent(line: str, kind: ReplyKind) -> None:
    reply = read_call_line(line)
    assert isinstance(reply, LineReply)
    assert reply.kind is kind
    assert all(word_reply(reply))


def test_blank_line_means_nothing() -> None:
    assert read_call_line("  ") is None


def test_help_lists_every_command() -> None:
    reply = read_call_line("/help")
    assert isinstance(reply, LineReply)
    text = "\n".join(word_reply(reply))
    assert all(f"/{command.name}" in text and command.purpose in text for command in COMMANDS)


def test_near_miss_is_suggested() -> None:
    reply = read_call_line("/mut")
    assert isinstance(reply, LineReply)
    assert "Did you mean /mute?" in word_reply(reply)[0]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Hello", SendChat("Hello")),
        ("q", SendChat("q")),
        ("?", SendChat("?")),
        ("/send a.txt", SendFile(Path("a.txt"))),
        ("/mute ", UserEvent.TOGGLE_MUTE),
        ("/say /mute", SendChat("/mute")),
        ("/shrug", SendChat("/shrug")),
        ("/help", SendChat("/help")),
        ("/send", SendChat("/send")),
        ("/etc/hosts", SendChat("/etc/hosts")),
        (" /mute", SendChat(" /mute")),
        ("/mute\n/camera", SendChat("/mute\n/camera")),
    ],
)
def test_window_takes_commands_and_sends_everything_else(text: str, action: UserAction) -> None:
    assert read_chat_text(text) == action
