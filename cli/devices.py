"""`peer.py devices`: what may be given to `--camera`, `--mic` and `--speaker` on this machine.

On a terminal it is a table for each; elsewhere each line is what to give, a tab, and what it is:
the cameras first, sound with its option before it.
"""

import sys

from rich.console import Console as RichConsole
from rich.table import Table
from rich.text import Text

from core.safe_text import cut_controls
from media.errors import SourceError
from media.sound.portaudio import DeviceList, PortAudio
from media.video.camera_list import list_cameras

Rows = list[tuple[str, str]]

OTHER_SOURCES = (
    ("test", "a moving test pattern"),
    ("screen", "this computer's screen"),
    ("none", "no picture"),
    ("http://PHONE:8080/video", "a phone or other camera in the network"),
    ("FILE", "a video, which loops, or a picture"),
)
OTHER_MICROPHONES = (
    ("default", "what the system uses"),
    ("FILE.wav", "a WAV file, which loops"),
    ("tone", "a steady tone"),
    ("none", "nothing"),
)
OTHER_SPEAKERS = (
    ("default", "what the system uses"),
    ("FILE.wav", "a WAV file, which is written"),
    ("none", "nothing"),
)


def run_devices() -> int:
    """Print what gives pictures and sound, and what plays it; return the exit status."""
    cameras = [(str(camera.index), cut_controls(camera.name)) for camera in list_cameras()]
    found = _list_sound()
    microphones = [(str(d.index), cut_controls(d.name)) for d in found.devices if d.records]
    speakers = [(str(d.index), cut_controls(d.name)) for d in found.devices if d.plays]
    print_choices("--camera", [*cameras, *OTHER_SOURCES], prefix="")
    print_choices("--mic", [*microphones, *OTHER_MICROPHONES], prefix="--mic ")
    print_choices("--speaker", [*speakers, *OTHER_SPEAKERS], prefix="--speaker ")
    for what, rows in (
        ("camera", cameras),
        ("microphone", microphones),
        ("loudspeaker", speakers),
    ):
        if not rows:
            print(f"No {what} was found; it may be plugged in later, too.", file=sys.stderr)
    return 0


def _list_sound() -> DeviceList:
    try:
        audio = PortAudio()
    except SourceError as error:
        print(f"{error.sentence}. {error.next_step}.", file=sys.stderr)
        return DeviceList((), None, None)
    found = audio.list()
    audio.close()
    return found


def print_choices(option: str, rows: Rows, *, prefix: str) -> None:
    """Print what may be given to an option.

    Args:
        rows: what to give, and what it is.
        prefix: before each line where it is not a terminal.
    """
    if not sys.stdout.isatty():
        for given, what in rows:
            print(f"{prefix}{given}\t{what}")
        return
    table = Table(option, "is")
    for given, what in rows:
        table.add_row(Text(given), Text(what))
    RichConsole().print(table)
