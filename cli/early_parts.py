"""Early parts: those of a run that need no codec and no window. Main thread.

They are checked against the user's settings, so that what can fail for reasons of the user (a
setting, a file) fails first, before codecs and the window are loaded.
"""

import logging
from collections.abc import Callable
from typing import get_args

import msgspec

from call.inbox import Inbox
from call.local_name import LocalName, local_name
from call.local_peer import LocalPeer
from call.session.statistics_file import StatisticsFile
from call.settings import RING_SILENCE_S, Settings
from cli.events_file import EventsFile, WarningEvents
from cli.options import RunOptions
from cli.output_files import open_output
from cli.signal_wakeup import SignalWakeup
from core.events import Event
from core.threads import Threads
from core.user_folders import data_folder
from media.sound.settings import Codec
from media.sound.sound_spec import (
    MicrophoneSpec,
    SpeakerSpec,
    WavFile,
    parse_microphone,
    parse_speaker,
)
from media.video.camera_spec import CameraSpec, parse_camera
from media.video.picture_size import LARGEST_DECODED_PX
from media.video.settings import DECODED_CODECS
from media.video.source import check_camera
from net.protocol.control import Decodable
from net.trust.identity import Identity, load_or_make_identity
from net.trust.known_peers import KnownPeers
from net.trust.known_peers_file import KNOWN_PEERS_FILE

CAN_DECODE = [
    Decodable(codec, *LARGEST_DECODED_PX, takes_full_range=True) for codec in DECODED_CODECS
]
CAN_HEAR: list[str] = list(get_args(Codec))
"""As `media.sound.codec.SOUND_CODECS`, which takes 0.1 s to import here; a test compares them."""


class EarlyParts(msgspec.Struct, frozen=True):
    """The parts that a listener and a caller share, and that need neither codec nor window."""

    settings: Settings
    options: RunOptions
    identity: Identity
    known: KnownPeers
    own_name: LocalName
    camera: CameraSpec
    microphone: MicrophoneSpec
    speaker: SpeakerSpec
    inbox: Inbox
    threads: Threads
    signals: SignalWakeup
    statistics: StatisticsFile | None
    report: Callable[[Event], None]

    @property
    def local_name(self) -> str:
        """The name that the other peer sees."""
        return self.own_name.text

    def local_peer(self, *, hides_name: bool = False) -> LocalPeer:
        """Return what this peer offers in a handshake."""
        return LocalPeer(
            self.identity, self.local_name, CAN_DECODE, CAN_HEAR, hides_name=hides_name
        )

    @property
    def ring_silence_us(self) -> int:
        """The silence after which a peer that rings counts as gone, microseconds."""
        return int(min(self.settings.call.silence_timeout_s, RING_SILENCE_S) * 1e6)


def open_known_peers() -> KnownPeers:
    """Return the peers that this user knows."""
    known = KnownPeers(data_folder() / KNOWN_PEERS_FILE)
    known.move_aside_if_damaged()
    return known


def build_early_parts(settings: Settings, options: RunOptions, known: KnownPeers) -> EarlyParts:
    """Check the settings, open the output files, and return the early parts.

    Raises:
        SettingsError, MediaError, NetError: the run cannot start.
    """
    report = _open_events(options)
    statistics = None
    if options.stats is not None:
        statistics = StatisticsFile(open_output("The statistics", options.stats))
    camera = parse_camera(settings.video.camera)
    check_camera(camera)
    microphone = parse_microphone(settings.audio.microphone)
    speaker = parse_speaker(settings.audio.speaker)
    _check_sound(microphone, speaker)
    return EarlyParts(
        settings,
        options,
        load_or_make_identity(data_folder()),
        known,
        LocalName(local_name(settings.name)),
        camera,
        microphone,
        speaker,
        Inbox(),
        Threads(),
        SignalWakeup(),
        statistics,
        report,
    )


def _check_sound(microphone: MicrophoneSpec, speaker: SpeakerSpec) -> None:
    if isinstance(microphone, WavFile) or isinstance(speaker, WavFile):
        # Imported here: it needs a codec, and most calls use devices.
        from media.sound.wav import check_sound

        check_sound(microphone, speaker)


def _open_events(options: RunOptions) -> Callable[[Event], None]:
    """Return a function that writes the program's events; make warnings of the log events too."""
    if options.events is None:
        return lambda event: None
    events = EventsFile(open_output("The events", options.events))
    logging.getLogger().addHandler(WarningEvents(events))
    return events.write
