"""Claims about peer.py, run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.program import VERSION
from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / "peer.py"
HEAVY = (
    "msgspec",
    "yaml",
    "rich",
    "cv2",
    "av",
    "numpy",
    "PySide6",
    "cryptography",
    "mss",
    "logging",
)
"""Modules that help and usage errors must not import; `logging` alone takes 5 ms of 55."""


def run(
    *arguments: str,
    cwd: Path | None = None,
    options: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run peer.py to its end."""
    return subprocess.run(
        [sys.executable, *options, str(PEER), *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )


def test_help_lists_the_commands() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("listen", "connect", "demo", "devices", "doctor"):
        assert command in done.stdout


@pytest.mark.parametrize("command", ["listen", "connect", "demo", "devices", "doctor"])
def test_each_command_has_help(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "usage: peer.py " + command in done.stdout


def test_version_is_printed() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"Vis-à-vis {VERSION}\n")


USAGE_ERRORS: dict[str, tuple[tuple[str, ...], str]] = {
    "no such command": (("bogus",), "there is no command 'bogus'; there is lobby, listen"),
    "a mistyped command": (("conect",), "there is no command 'conect'; did you mean connect?"),
    "a command of other programs": (("call", "x"), "did you mean connect?"),
    "an action of other programs": (("known", "remove", "x"), "did you mean forget?"),
    "a port apart": (("connect", "nas", "5001"), "write a port as HOST:5001"),
    "an unknown option alone": (("-x",), "there is no option -x"),
    "no such action": (("known", "bogus"), "there is list, rename, forget, cameras and forget-"),
    "a code in three words": (
        ("connect", "63", "glide", "lamp"),
        "a call code is one word; did you mean 63-glide-lamp?",
    ),
    "a code with blanks": (("connect", "63 glide lamp"), "did you mean 63-glide-lamp?"),
    "a code with a mistyped word": (("connect", "63 glyde lamp"), "did you mean 63-glyde-lamp?"),
    "a code without its last word": (("connect", "63-glide"), "its last word is missing"),
    "a number alone": (("connect", "63"), "its two words are missing"),
    "blanks in --code": (("connect", "a", "--code", "7 otter lamp"), "did you mean 7-otter-lamp?"),
    "a value of an option without one": (("listen", "--headless=3"), "takes no value"),
    "an option before its command": (("--camera", "test", "listen"), "command comes first"),
    "no host": (("connect",), "HOST"),
    "two hosts": (("connect", "a", "b"), "'b' is one argument too many"),
    "a bad port of a host": (("connect", "a:b"), "port 'b'"),
    "a web address": (("connect", "http://a/"), "web page"),
    "port 0 of connect": (("connect", "--port", "0", "a"), "1 to 65535"),
    "a port too high": (("listen", "--port", "65536"), "0 to 65535"),
    "a port below 0": (("listen", "--port", "-1"), "0 to 65535"),
    "a port in words": (("listen", "--port", "web"), "'web'"),
    "an unknown option": (("listen", "--camra", "test"), "did you mean --camera"),
    "an option like no other": (("listen", "--bogus"), "there is no option --bogus. See"),
    "a shortened option": (("listen", "--cam", "test"), "no option --cam"),
    "an option of another command": (
        ("connect", "a", "--once"),
        "connect has no option --once; it belongs to listen",
    ),
    "a missing value": (("listen", "--name"), "--name needs a value"),
    "both -v and -q": (("listen", "-v", "-q"), "exclude each other"),
    "no duration": (("listen", "--duration", "0"), "above 0"),
    "a negative duration": (("listen", "--duration", "-1"), "above 0"),
    "an endless duration": (("listen", "--duration", "inf"), "above 0"),
    "no number": (("demo", "--duration", "nan"), "above 0"),
    "demo with a name": (("demo", "--name", "x"), "no option --name"),
    "devices with a camera": (("devices", "--camera", "x"), "no option --camera"),
    "--set without =": (("listen", "--set", "name"), "has no ="),
    "--set of no setting": (
        ("listen", "--set", "video.widht_px=5"),
        "Did you mean video.width_px?",
    ),
    "--set out of range": (("connect", "a", "--set", "listen.port=x"), "0 to 65535"),
    "an empty name": (("listen", "--name", ""), "1 to 64"),
    "a camera file that is not there": (("listen", "--camera", "gone.mp4"), "gone.mp4"),
    "a config file that is not there": (("listen", "--config", "gone.yaml"), "gone.yaml"),
    "a snapshot of another kind": (("listen", "--snapshot", "a.jpg"), ".png"),
    "a snapshot in no folder": (("listen", "--snapshot", "gone/a.png"), "gone/a.png"),
    "a recording of another kind": (("listen", "--record", "a.mp4"), ".mkv"),
    "a recording in no folder": (("connect", "a", "--record", "gone/a.mkv"), "gone/a.mkv"),
    "statistics in no folder": (("listen", "--headless", "--stats", "gone/a"), "gone/a"),
    "statistics in a folder": (("connect", "a", "--headless", "--stats", "."), "directory"),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE_ERRORS.values(), ids=USAGE_ERRORS)
def test_usage_error_is_one_line_and_status_2(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [(), ("-q",), ("lobby",), ("lobby", "--headless")])
def test_lobby_without_a_screen_is_usage_and_status_2(words: tuple[str, ...]) -> None:
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in screens}
    done = run(*words, environment=environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("usage: peer.py")
    assert "No window, so name a command" in done.stderr


def test_devices_lists_the_test_camera() -> None:
    done = run("devices")
    assert done.returncode == 0
    assert "test\t" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/full on Windows")
def test_output_without_a_reader_causes_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, str(PEER), "devices"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_help_and_usage_errors_import_no_large_library() -> None:
    for arguments in (["--help"], ["listen", "--help"], ["listen", "--port", "x"], ["connect"]):
        code = (
            "import sys\n"
            f"sys.path.insert(0, {str(ROOT)!r})\n"
            "import peer\n"
            "try:\n"
            f"    peer.main({arguments!r})\n"
            "except SystemExit:\n"
            "    pass\n"
            f"found = sorted(set({HEAVY!r}) & set(sys.modules))\n"
            "sys.exit(str(found) if found else 0)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_missing_packages_cause_one_line_that_names_make_setup(tmp_path: Path) -> None:
    done = run("listen", options=("-S", "-E"), cwd=tmp_path)
    assert done.returncode == 2
    assert "make setup" in done.stderr
    assert "pip install -r requirements.txt" in done.stderr
    assert done.stderr.count("\n") == 1


def test_old_python_is_refused_in_one_line(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import peer\n"
        "sys.version_info = (3, 8, 18)\n"
        "sys.exit(peer.main(['listen']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 2
    assert "needs Python 3.11 or newer, and this is 3.8" in done.stderr
    assert done.stderr.count("\n") == 1


def test_old_python_can_parse_peer_py() -> None:
    compile_old = (
        "import ast, pathlib, sys\n"
        "for path in sys.argv[1:]:\n"
        "    ast.parse(pathlib.Path(path).read_text('utf-8'), feature_version=(3, 8))\n"
    )
    subprocess.run(
        [sys.executable, "-c", compile_old, str(PEER), str(ROOT / "call" / "__init__.py")],
        check=True,
        timeout=DEADLINE_S,
    )


def test_fault_is_one_line_and_status_1_and_verbose_adds_the_traceback() -> None:
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import cli.devices\n"
        "cli.devices.list_cameras = lambda: 1 / 0\n"
        "import peer\n"
        "sys.exit(peer.main(['devices', *sys.argv[1:]]))\n"
    )
    for flags, has_traceback in (((), False), (("-v",), True)):
        done = subprocess.run(
            [sys.executable, "-c", code, *flags],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 1
        assert "ZeroDivisionError" in done.stderr
        assert ("Traceback" in done.stderr) is has_traceback
        assert has_traceback or done.stderr.count("\n") == 1
