"""The lines typed in a call: commands with a slash, and chat. Pure: no I/O, no clock."""

import shlex
import sys
from collections.abc import Callable
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import TypeAlias

import msgspec

from ui.actions import AnswerFile, CancelFile, SaveChat, SendChat, SendFile, UserAction
from ui.view import UserEvent


class ReplyKind(Enum):
    """The answer to a line that is no action."""

    HELP = "help"
    UNKNOWN_COMMAND = "unknown command"
    UNKNOWN_KEY = "unknown key"
    WRONG_USE = "wrong use"


class LineReply(msgspec.Struct, frozen=True):
    """The answer to a line that means no action.

    Attributes:
        typed: the command or key, as it was typed.
        commands: those to explain: all for help, the one that was used wrongly, or those that are
            spelled like an unknown one.
    """

    kind: ReplyKind
    typed: str = ""
    commands: "tuple[Command, ...]" = ()


class Command(msgspec.Struct, frozen=True):
    """A command of a call.

    Attributes:
        name: without its slash.
        argument: what follows it, as help shows it, or "".
        purpose: what it does, for help.
        read: returns the action for an argument, or None if the argument is wrong.
    """

    name: str
    argument: str
    purpose: str
    read: Callable[[str], UserAction | None]


LineMeaning: TypeAlias = UserAction | LineReply | None


def read_call_line(line: str) -> LineMeaning:
    """Return what a line means that is no key: a command's action, a reply, or a chat message."""
    text = line.strip()
    if text.startswith("/"):
        return _read_command(text)
    if len(text) == 1 and text.isascii() and text.isalpha():
        return LineReply(ReplyKind.UNKNOWN_KEY, text)
    if text == "?":
        return LineReply(ReplyKind.HELP, commands=COMMANDS)
    return SendChat(line) if text else None


def read_chat_text(text: str) -> UserAction:
    """Return what a text in the window's chat means: a command's action, or a chat message.

    A slash that begins no command, or one with a wrong argument, belongs to the message, and so
    does one before several lines.
    """
    is_command = text.startswith("/") and "\n" not in text
    meaning = _read_command(text.strip()) if is_command else None
    return SendChat(text) if meaning is None or isinstance(meaning, LineReply) else meaning


def _read_command(text: str) -> LineMeaning:
    name, _, argument = text[1:].partition(" ")
    if name.lower() == "help":
        return LineReply(ReplyKind.HELP, commands=COMMANDS)
    command = _BY_NAME.get(name.lower())
    if command is None:
        near = get_close_matches(name.lower(), _BY_NAME, n=2)
        return LineReply(
            ReplyKind.UNKNOWN_COMMAND, f"/{name}", tuple(_BY_NAME[each] for each in near)
        )
    action = command.read(argument.strip())
    return LineReply(ReplyKind.WRONG_USE, f"/{name}", (command,)) if action is None else action


def _only(event: UserEvent) -> Callable[[str], UserAction | None]:
    return lambda argument: None if argument else event


def _read_path(argument: str) -> Path | None:
    """Return the path that was typed, or dropped onto a terminal, which quotes it."""
    if not argument:
        return None
    try:
        words = shlex.split(argument, posix=sys.platform != "win32")
    except ValueError:  # an apostrophe in the name
        words = []
    text = words[0] if len(words) == 1 else argument
    return Path(text.strip('"') if sys.platform == "win32" else text)


def _read_send(argument: str) -> UserAction | None:
    path = _read_path(argument)
    return None if path is None else SendFile(path)


def _read_save(argument: str) -> UserAction | None:
    path = _read_path(argument)
    return None if path is None else SaveChat(path)


def _read_answer(*, accepts: bool) -> Callable[[str], UserAction | None]:
    def read(argument: str) -> UserAction | None:
        if argument and not argument.isdecimal():
            return None
        return AnswerFile(int(argument) if argument else None, accepts=accepts)

    return read


def _read_cancel(argument: str) -> UserAction | None:
    if argument and not argument.isdecimal():
        return None
    return CancelFile(int(argument) if argument else None)


COMMANDS: tuple[Command, ...] = (
    Command("send", "FILE", "send a file", _read_send),
    Command("accept", "[NUMBER]", "accept the file that is offered", _read_answer(accepts=True)),
    Command("decline", "[NUMBER]", "decline it", _read_answer(accepts=False)),
    Command("cancel", "[NUMBER]", "cancel a transfer", _read_cancel),
    Command("save", "FILE", "save the chat; .txt for reading", _read_save),
    Command(
        "say",
        "TEXT",
        "send a text that looks like a command or a key",
        lambda text: SendChat(text) if text else None,
    ),
    Command("mute", "", "mute your microphone, or unmute it", _only(UserEvent.TOGGLE_MUTE)),
    Command("camera", "", "turn your camera off or on", _only(UserEvent.TOGGLE_CAMERA)),
    Command("share", "", "share your screen, or stop", _only(UserEvent.SHARE_SCREEN)),
    Command("record", "", "record the call, or stop", _only(UserEvent.TOGGLE_RECORDING)),
    Command("snapshot", "", "save the other side's picture", _only(UserEvent.TAKE_SNAPSHOT)),
    Command("photo", "", "send a photo of your camera", _only(UserEvent.SEND_STILL)),
    Command("words", "", "confirm that the words match", _only(UserEvent.CONFIRM_WORDS)),
    Command("hangup", "", "hang up", _only(UserEvent.HANG_UP)),
)
"""In the order of help, which comes before them all."""
_BY_NAME = {command.name: command for command in COMMANDS}
