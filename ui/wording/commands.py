"""Replies to what is typed in a call. Pure: values only."""

from core.safe_text import cut_controls
from ui.call_commands import Command, LineReply, ReplyKind

KEYS = (
    "m mutes, v turns your camera off or on, r records, s saves the other"
    " side's picture, p sends a photo of your camera, w confirms the words, q hangs up"
)
MAX_TYPED_CHARACTERS = 40


def word_reply(reply: LineReply) -> tuple[str, ...]:
    """Return the lines of a reply."""
    typed = cut_controls(reply.typed)[:MAX_TYPED_CHARACTERS]
    match reply.kind:
        case ReplyKind.HELP:
            return (
                "A line that you type goes to the other side as a message. Keys and commands:",
                f"  {KEYS}",
                *(f"  {_usage(command):<18} {command.purpose}" for command in reply.commands),
            )
        case ReplyKind.UNKNOWN_COMMAND:
            near = " or ".join(f"/{command.name}" for command in reply.commands)
            meant = f" Did you mean {near}?" if near else ""
            return (f"There is no command {typed}, and nothing was sent.{meant} /help lists all",)
        case ReplyKind.UNKNOWN_KEY:
            return (f"{typed} is no key, and nothing was sent. To send it, type /say {typed}",)
        case ReplyKind.WRONG_USE:
            (command,) = reply.commands
            return (f"Type {_usage(command)} to {command.purpose}",)


def _usage(command: Command) -> str:
    return f"/{command.name} {command.argument}".rstrip()
