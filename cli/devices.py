"""`peer.py devices`: the values for `--camera`, `--mic` and `--speaker` on this machine.

A terminal shows one table for each option. Elsewhere, each line is a value, a tab, and its meaning:
cameras first, then sound, with its option before the value.
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
    ("default", "the system's default"),
    ("FILE.wav", "a WAV file, which loops"),
    ("tone", "a steady tone"),
    ("none", "no sound"),
)
OTHER_SPEAKERS = (
    ("default", "the system's default"),
    ("FILE.wav", "a WAV file, which is written"),
    ("none", "no sound"),
)


def run_devices() -> int:
    """Print cameras, microphones and loudspeakers; return the exit status."""
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
            print(
                f"No {what} was found. You can plug one in later, even during a call.",
                file=sys.stderr,
            )
    return 0


def _list_sound() -> DeviceList:
    try:
        audio = PortAudio()
    except SourceError as error:
        print(f"No sound: {error.sentence}. {error.next_step}.", file=sys.stderr)
        return DeviceList((), None, None)
    found = audio.list()
    audio.close()
    return found


def print_choices(option: str, rows: Rows, *, prefix: str) -> None:
    """Print the values of an option.

    Args:
        rows: each value and its meaning.
        prefix: before each line, if this is not a terminal.
    """
    if not sys.stdout.isatty():
        for given, what in rows:
            print(f"{prefix}{given}\t{what}")
        return
    table = Table(option, "meaning")
    for given, what in rows:
        table.add_row(Text(given), Text(what))
    RichConsole().print(table)
