"""The checkup: all checks of this computer in their order, each with a time limit.

A check runs in a thread, because a device or a server that hangs cannot be interrupted; its thread
is abandoned then. One check at a time, so that none measures another.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from call.settings import Settings
from core.clock import utc_now
from core.errors import ReportedError
from core.program import SETUP_STEP
from core.threads import Threads
from doctor.disk import RECEIVE_TO, RECORD_TO, check_disk
from doctor.display import check_display
from doctor.finding import Finding, wrong
from doctor.firewall import check_firewall
from doctor.keys import check_keys
from doctor.limits import check_limits
from doctor.network import check_mdns, check_networks
from doctor.port import check_port
from media.files.downloads_folder import downloads_folder
from media.sound.sound_spec import parse_microphone, parse_speaker
from media.video.camera_spec import parse_camera
from net.link.local_addresses import local_addresses
from net.trust.camera_pins import CAMERA_PINS_FILE, PinStore

LIMIT_S = 25.0
"""The slowest check that works, of a camera that wakes slowly, takes 12 s."""

Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Patient:
    """The subject of the checks.

    Attributes:
        folder: the user's data folder.
        command: the program's command line, for lines that a user copies.
    """

    settings: Settings
    folder: Path
    command: str


def checks_of_this_computer(patient: Patient) -> list[tuple[str, Check]]:
    """Return the checks of everything but Python and packages, each with its name."""
    settings = patient.settings
    listen = settings.listen
    return [
        ("limits", check_limits),
        ("display", lambda: check_display(is_headless=settings.window.headless)),
        ("camera", lambda: _check_camera(patient)),
        ("microphone", lambda: _check_microphone(settings)),
        ("loudspeaker", lambda: _check_loudspeaker(settings)),
        ("tone", lambda: _check_tone(settings)),
        ("port", lambda: check_port(listen.address, listen.port, patient.command)),
        ("firewall", lambda: check_firewall(listen.port)),
        ("network", lambda: check_networks(local_addresses())),
        ("mdns", lambda: check_mdns(local_addresses())),
        ("clock", _check_clock),
        ("processor", lambda: _check_processor(settings)),
        ("disk", lambda: _check_disk(settings)),
        ("keys", lambda: check_keys(patient.folder)),
    ]


def run_checks(
    checks: Iterable[tuple[str, Check]], threads: Threads, limit_s: float = LIMIT_S
) -> Iterator[Finding]:
    """Run checks one after another, and yield what they find.

    Args:
        limit_s: for each check.
    """
    for name, check in checks:
        yield from _run_check(name, check, threads, limit_s)


def _run_check(name: str, check: Check, threads: Threads, limit_s: float) -> list[Finding]:
    findings: list[Finding] = []
    errors: list[BaseException] = []

    def on_end(error: BaseException | None) -> None:
        if error is not None:
            errors.append(error)

    thread = threads.start(f"check {name}", lambda: findings.extend(check()), on_end)
    if threads.join(limit_s, [thread]):
        return [
            wrong(
                name,
                f"No answer within {limit_s:g} s: a device or a program of the system hangs",
                "Disconnect devices that you do not need, or restart this computer",
            )
        ]
    if not errors:
        return findings
    error = errors[0]
    if isinstance(error, ReportedError):
        return [wrong(name, error.sentence, error.next_step)]
    if isinstance(error, ImportError):
        return [wrong(name, f"A package cannot be used: {error}", SETUP_STEP)]
    raise error


# The modules below load codecs, which take a second: the first lines shall appear at once.


def _check_camera(patient: Patient) -> list[Finding]:
    from doctor.camera import check_camera

    video = patient.settings.video
    pins = PinStore(patient.folder / CAMERA_PINS_FILE)
    return check_camera(parse_camera(video.camera), video, pins)


def _check_microphone(settings: Settings) -> list[Finding]:
    from doctor.sound import check_microphone

    return check_microphone(parse_microphone(settings.audio.microphone))


def _check_loudspeaker(settings: Settings) -> list[Finding]:
    from doctor.sound import check_loudspeaker

    return check_loudspeaker(parse_speaker(settings.audio.speaker))


def _check_tone(settings: Settings) -> list[Finding]:
    from doctor.sound import check_tone

    audio = settings.audio
    return check_tone(parse_microphone(audio.microphone), parse_speaker(audio.speaker))


def _check_clock() -> list[Finding]:
    from doctor.processor import check_clock

    return check_clock(utc_now())


def _check_processor(settings: Settings) -> list[Finding]:
    from doctor.processor import check_processor

    return check_processor(settings.video)


def _check_disk(settings: Settings) -> list[Finding]:
    bitrate_bps = settings.video.bitrate_bps
    received = downloads_folder(settings.files.folder)
    return [
        *check_disk("Recordings", platformdirs.user_videos_path(), bitrate_bps, RECORD_TO),
        *check_disk("Received files", received, bitrate_bps, RECEIVE_TO),
    ]
