"""cli/standard_streams.py: letters that a stream cannot encode."""

import subprocess
import sys

from tests.support.deadline import DEADLINE_S
from tests.support.parsed_module import ROOT

PRINT = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    " from cli.standard_streams import prepare_streams; prepare_streams();"
    " print(sys.argv[2])"
)


def printed(text: str, encoding: str) -> bytes:
    """Return what a program prints on a stream with an encoding."""
    return subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", PRINT, str(ROOT), text],
        env={"PYTHONIOENCODING": encoding, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
        timeout=DEADLINE_S,
    ).stdout.rstrip()


def test_own_sentences_stay_readable_in_ascii() -> None:
    assert printed("Vis-à-vis: Ringing… 5 – 7", "ascii") == b"Vis-a-vis: Ringing... 5 - 7"


def test_letters_of_a_name_are_escaped() -> None:
    assert printed("Zoë 日", "ascii") == rb"Zo\xeb \u65e5"
    assert printed("Zoë 日", "latin-1") == b"Zo\xeb \\u65e5"


def test_stream_in_utf_8_gets_every_letter() -> None:
    assert printed("Zoë… 日", "utf-8") == "Zoë… 日".encode()
