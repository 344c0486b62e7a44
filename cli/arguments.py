"""Arguments: from the words of a command line to a namespace, or one sentence and exit status 2.

Imports only the standard library, so that help and usage errors answer at once.
"""

import argparse
import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cli.scalars import parse_decimal, parse_whole
from core.program import COMMAND, NAME, VERSION

USAGE_STATUS = 2
CLOSE = 0.75
"""The similarity from which one of our options is suggested for a mistyped one."""
CLOSE_WORD = 0.6
"""The same for a command: there are few, and they differ."""
SYNONYMS = {
    "call": "connect",
    "dial": "connect",
    "remove": "forget",
    "delete": "forget",
    "rm": "forget",
    "del": "forget",
    "name": "rename",
    "mv": "rename",
    "show": "list",
    "ls": "list",
    "camera": "cameras",
    "search": "find",
    "scan": "find",
    "list": "find",
    "test": "demo",
    "cameras": "devices",
    "contacts": "known",
    "check": "doctor",
    "diagnose": "doctor",
    "stats": "report",
}
"""Words of other programs, and ours for them; those that a command does not have are ignored."""
CODE_FORM = re.compile(r"[0-9]{1,200}-[a-z]{1,100}-[a-z]{1,100}")
"""As in `net/trust/call_code.py`, which is too slow to import here."""
GIVE_SOURCE = "Give a file that --stats has written, or a saved chat, as in `report call.jsonl`"
GIVE_TARGET = "Give CODE, NAME or HOST, as in `connect 7-rabbit-lamp`"
DEFAULT_PORT = 5000
LONGEST_DURATION_S = 31_536_000
"""Both as in the settings, which are too slow to import here; a test compares them."""


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print a message of argparse as a sentence and leave the program."""
        option, _, problem = message.removeprefix("argument ").partition(": ")
        if problem == "expected one argument":
            self.fail(f"{option} needs a value.")
        if problem.startswith("ignored explicit argument"):
            self.fail(f"{option} takes no value.")
        if problem.startswith("not allowed with argument "):
            self.fail(f"{option} and {problem.split()[-1]} exclude each other.")
        sentence = message.removeprefix("argument ")
        self.fail(sentence if sentence.endswith("?") else f"{sentence}.")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Raise a sentence of ours for a word that is none of the choices. Called by argparse."""
        choices = [str(choice) for choice in action.choices or ()]
        if action.choices is None or value in choices:
            return
        kind, word = action.dest, str(value).lower()
        meant = SYNONYMS.get(word, "")
        if meant not in choices:
            meant = next(iter(difflib.get_close_matches(word, choices, 1, CLOSE_WORD)), "")
        hint = f"did you mean {meant}?" if meant else f"there is {_join(choices, 'and')}"
        raise argparse.ArgumentError(None, f"there is no {kind} {value!r}; {hint}")

    def fail(self, sentence: str) -> NoReturn:
        """Print the sentence on standard error and leave the program."""
        self.exit(USAGE_STATUS, f"{self.prog}: {sentence} See {self.prog} --help\n")


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line; leave the program if it is wrong."""
    return _parse(*_build(), arguments)


def word_usage() -> str:
    """Return the program's help."""
    return _build()[0].format_help().rstrip()


def _build() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the command line, and that of each command."""
    parser = Parser(
        prog=COMMAND,
        description="Vis-à-vis: a video call between two computers on one network."
        f" {COMMAND} alone opens its window.",
        epilog=f"{COMMAND} COMMAND --help lists the options of a command.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {VERSION}")
    _add_verbosity(parser, default=0)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands: dict[str, Parser] = {
        name: subparsers.add_parser(name, help=text, description=text, allow_abbrev=False)
        for name, text in (
            ("lobby", f"open the window that takes calls and makes them; {COMMAND} alone does so"),
            ("listen", "take calls; after a call, listen again"),
            ("connect", "call somebody"),
            ("demo", "both ends of a call on this machine"),
            ("devices", "list the values for --camera, --mic and --speaker"),
            ("find", "list the listeners on this network"),
            ("known", "list, rename or forget the peers that you know"),
            ("doctor", "what is wrong here, or on the way to another computer"),
            ("report", "a page about a call or a saved chat: how it was, and what to change"),
        )
    }
    for command in commands.values():
        _add_verbosity(command, default=argparse.SUPPRESS)
    for name in ("lobby", "listen", "connect", "demo"):
        _add_shared_options(commands[name])
    for name in ("lobby", "listen", "connect"):
        _add_call_options(commands[name])
    _add_lobby_options(commands["lobby"])
    _add_listen_options(commands["listen"])
    _add_connect_options(commands["connect"])
    _add_known_options(commands["known"])
    _add_doctor_options(commands["doctor"])
    _add_report_options(commands["report"])
    return parser, commands


def _parse(
    parser: Parser, commands: dict[str, Parser], arguments: Sequence[str]
) -> argparse.Namespace:
    # argparse would take an option before its command for something else.
    first = arguments[0] if arguments else ""
    if first.startswith("--") and first not in parser._option_string_actions:
        parser.fail(f"the command comes first, as in `{COMMAND} listen {first}`.")
    namespace, unknown = parser.parse_known_args(arguments)
    if namespace.command is None and unknown:
        parser.fail(f"there is no option {unknown[0]}.")
    if namespace.command is None:
        namespace, unknown = parser.parse_known_args([*arguments, "lobby"])
    if namespace.command == "connect" and namespace.host is None:
        commands["connect"].fail(f"whom do you call? {GIVE_TARGET}.")
    if unknown:
        command = commands[namespace.command]
        command.fail(
            _word_apart(namespace, unknown)
            or _word_unknown(commands, namespace.command, unknown[0])
        )
    if namespace.command == "report" and namespace.file is None:
        commands["report"].fail(f"a report on what? {GIVE_SOURCE}.")
    return namespace


def _word_apart(namespace: argparse.Namespace, unknown: Sequence[str]) -> str:
    """Return a sentence for a code or a name that was typed as several words, or ""."""
    if namespace.command != "connect" or any(word.startswith("-") for word in unknown):
        return ""
    meant = find_code(" ".join((namespace.host, *unknown)))
    if meant:
        return f"a call code is one word; did you mean {meant}?"
    how = f"write a port as HOST:{unknown[0]}"
    if not unknown[0].isdecimal():
        how = "put a name of several words in quotes"
    return f"{unknown[0]!r} is one argument too many; {how}."


def find_code(text: str) -> str:
    """Return the code that was probably meant by a text with blanks or other dashes, or ""."""
    plain = re.sub(r"[-_\s\u2010-\u2015\u2212]+", "-", text.strip().lower())
    return plain if CODE_FORM.fullmatch(plain) else ""


def _join(words: Sequence[str], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _word_unknown(commands: dict[str, Parser], name: str, argument: str) -> str:
    if not argument.startswith("-"):
        return f"{argument!r} is one argument too many."
    option = argument.partition("=")[0]
    others = [other for other in commands if option in commands[other]._option_string_actions]
    if others:
        return f"{name} has no option {option}; it belongs to {' and '.join(others)}."
    options = commands[name]._option_string_actions
    close = difflib.get_close_matches(option, options, n=1, cutoff=CLOSE)
    return f"there is no option {option}" + (f"; did you mean {close[0]}?" if close else ".")


def _add_verbosity(parser: Parser, default: object) -> None:
    either = parser.add_mutually_exclusive_group()
    for flag, name, level, text in (
        ("-v", "--verbose", 1, "print what happens in detail, with tracebacks"),
        ("-q", "--quiet", -1, "print only questions and problems"),
    ):
        either.add_argument(
            flag,
            name,
            dest="verbosity",
            action="store_const",
            const=level,
            default=default,
            help=text,
        )


def _add_shared_options(parser: Parser) -> None:
    add = parser.add_argument
    _add_camera_option(parser)
    add("--headless", action="store_const", const=True, help="open no window")
    add("--duration", metavar="S", type=_duration, help="hang up after S seconds of each call")
    add(
        "--stats",
        metavar="FILE",
        help="write figures, a line of JSON a second; - is standard output",
    )
    _add_settings_options(parser)


def _add_camera_option(parser: Parser) -> None:
    parser.add_argument(
        "--camera",
        metavar="SRC",
        help="test, screen, none, a number, a URL, a file, or a name",
    )


def _add_settings_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--config",
        metavar="FILE",
        type=Path,
        help="a file of settings; README lists the others",
    )
    add(
        "--set",
        metavar="key=value",
        action="append",
        default=[],
        dest="assignments",
        help="one setting, such as video.width_px=640; can be repeated",
    )


def _add_sound_options(parser: Parser) -> None:
    add = parser.add_argument
    add("--mic", metavar="DEV", help="default, a number, a name, a WAV file, tone, or none")
    add("--speaker", metavar="DEV", help="default, a number, a name, a WAV file to write, or none")


def _add_call_options(parser: Parser) -> None:
    add = parser.add_argument
    _add_sound_options(parser)
    add("--name", help="your name on the other screen; default: login name and host")
    # For the demo, whose two ends share a terminal and end with it.
    add("--label", default="", help=argparse.SUPPRESS)
    add("--ends-with-input", action="store_true", help=argparse.SUPPRESS)
    add(
        "--events", metavar="FILE", help="write a line of JSON for each event; - is standard output"
    )
    add("--snapshot", metavar="FILE.png", type=Path, help="save the last picture of the other side")
    add(
        "--record", metavar="FILE.mkv", type=Path, help="record each call: both pictures and voices"
    )


def _add_lobby_options(parser: Parser) -> None:
    parser.add_argument(
        "--port",
        metavar="N",
        type=_listen_port,
        dest="listen_port",
        help=f"default {DEFAULT_PORT}, or any free one if that is taken; 0 is any free one",
    )


def _add_listen_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--port",
        metavar="N",
        type=_listen_port,
        dest="listen_port",
        help=f"default {DEFAULT_PORT}; 0 is any free one",
    )
    add("--open", action="store_const", const=True, help="also take callers without a code")
    add("--accept", action="store_const", const=True, help="accept every call without asking")
    add("--once", action="store_true", help="end after one call, with its exit status")


def _add_connect_options(parser: Parser) -> None:
    parser.add_argument(
        "host",
        nargs="?",
        metavar="CODE | NAME | HOST[:PORT]",
        help="a call code, the name of a known peer, or a computer's name or IP address",
    )
    parser.add_argument(
        "--code", type=_code, help="the code that the listener shows, together with HOST"
    )
    parser.add_argument(
        "--port",
        metavar="N",
        type=_connect_port,
        default=DEFAULT_PORT,
        help=f"the port if HOST has none; default {DEFAULT_PORT}",
    )


def _add_known_options(parser: Parser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "rename", "forget", "cameras", "forget-camera"),
        default="list",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="rename OLD NEW; forget NAME; cameras; forget-camera HOST:PORT",
    )


def _add_doctor_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "host",
        nargs="?",
        metavar="HOST",
        help="check the way to this listener: a code, the name of a known peer, or HOST[:PORT]",
    )
    add("--json", action="store_true", help="print an object of JSON for each finding")
    add(
        "--port",
        metavar="N",
        type=_connect_port,
        dest="listen_port",
        help=f"the port to listen on, or of a HOST without one; default {DEFAULT_PORT}",
    )
    _add_camera_option(parser)
    _add_sound_options(parser)
    _add_settings_options(parser)


def _add_report_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        *("file",),
        nargs="?",
        metavar="FILE",
        type=Path,
        help="a file that --stats has written, or a saved chat",
    )
    add("--output", metavar="PAGE", type=Path, help="where to write the page; default FILE.html")
    add("--png", action="store_true", help="write a picture of the page beside it, PAGE.png")
    add("--events", metavar="FILE", type=Path, help="what --events has written in the same run")


def _listen_port(text: str) -> int:
    return _port(text, 0)


def _connect_port(text: str) -> int:
    return _port(text, 1)


def _port(text: str, least: int) -> int:
    port = parse_whole(text)
    if port is None or not least <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from {least} to 65535")
    return port


def _duration(text: str) -> float:
    duration_s = parse_decimal(text)
    if duration_s is None or not 0 < duration_s <= LONGEST_DURATION_S:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds above 0, up to {LONGEST_DURATION_S}"
        )
    return duration_s


def _code(text: str) -> str:
    if not CODE_FORM.fullmatch(text.strip().lower()):
        meant = find_code(text)
        hint = f"did you mean {meant}?" if meant else "which looks like 7-rabbit-lamp"
        raise argparse.ArgumentTypeError(f"{text!r} is not a call code, {hint}")
    return text.strip().lower()
