"""The checks of microphone and loudspeaker, and of a tone from one to the other. One thread.

They open the devices as a call does, record for a second, and play a soft tone. Each blocks for
some seconds; a sound server that hangs blocks them for ever. No sound is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Condition

import numpy as np

from core.clock import Deadline
from core.program import COMMAND
from doctor.finding import Finding, ok, warning, wrong
from doctor.packages import sound_step
from doctor.volume import QUIET_PERCENT, DeviceVolume, find_server_step, read_volume
from media.device_state import DeviceKind
from media.errors import SourceError
from media.sound.device_buffer import MAX_BUFFER_SAMPLES
from media.sound.device_choice import choose_device
from media.sound.pcm import SAMPLE_RATE_HZ, Samples, level_dbfs, silence
from media.sound.portaudio import NoPyAudioError, PortAudio
from media.sound.sound_spec import (
    DefaultDevice,
    DeviceIndex,
    DeviceName,
    DeviceSpec,
    MicrophoneSpec,
    SpeakerSpec,
)
from media.sound.tone import TONE_HZ, tone_block

RECORD_S = 1.0
TONE_S = 1.2
WAIT_S = 4.0
"""For a device that takes 2 s to wake, as over Bluetooth."""
SILENT_DBFS = -90.0
"""Digital silence, or its last bit: no microphone that is switched on is so quiet."""
LOUD_DBFS = -3.0
HEARD_DB = 10.0
"""By so much the tone's part of the sound must grow."""
WINDOW_SAMPLES = SAMPLE_RATE_HZ // 10
_DEVICE = (DefaultDevice, DeviceIndex, DeviceName)
_NAMES = {DeviceKind.MICROPHONE: "microphone", DeviceKind.LOUDSPEAKER: "loudspeaker"}
_OPTIONS = {DeviceKind.MICROPHONE: "--mic", DeviceKind.LOUDSPEAKER: "--speaker"}


class _MissingDeviceError(SourceError):
    """No device fits the setting."""


def check_microphone(spec: MicrophoneSpec) -> list[Finding]:
    """Check that the microphone is there, is not muted, and records more than silence."""
    if not isinstance(spec, _DEVICE):
        return [ok("microphone", "No device is wanted: audio.microphone is a file, tone or none")]
    kind = DeviceKind.MICROPHONE
    volume = read_volume(kind) if isinstance(spec, DefaultDevice) else None
    try:
        with _started_portaudio() as audio, _Recording(audio, spec) as recording:
            heard = recording.take(RECORD_S)
    except SourceError as error:
        return [_explain_failure(error, kind)]
    if muted := _explain_muted(volume, kind):
        return [muted]
    if not len(heard):
        return [
            wrong(
                "microphone",
                f"The microphone is open, but delivers no sound within {WAIT_S:g} s",
                f"Disconnect it and connect it again, or choose another with --mic:"
                f" `{COMMAND} devices` lists them",
            )
        ]
    level = round(level_dbfs(heard), 1)
    if level <= SILENT_DBFS:
        return [
            wrong(
                "microphone",
                "The microphone records only silence",
                "Look for a mute switch on it, and permit this program to use the microphone in the"
                f" system's privacy settings; or choose another with --mic: `{COMMAND} devices`"
                " lists them",
                level_dbfs=level,
            )
        ]
    if level > LOUD_DBFS:
        softer = volume.softer_step if volume is not None else ""
        return [
            warning(
                "microphone",
                f"The microphone is much too loud: {level:g} dBFS",
                f"Enter {softer}" if softer else "Lower its volume in the system's sound settings",
                level_dbfs=level,
            )
        ]
    return [ok("microphone", f"It records, at {level:g} dBFS in this second", level_dbfs=level)]


def check_loudspeaker(spec: SpeakerSpec) -> list[Finding]:
    """Check that the loudspeaker is there, is not muted, and takes sound."""
    if not isinstance(spec, _DEVICE):
        return [ok("loudspeaker", "No device is wanted: audio.speaker is a file or none")]
    kind = DeviceKind.LOUDSPEAKER
    volume = read_volume(kind) if isinstance(spec, DefaultDevice) else None
    try:
        with _started_portaudio() as audio, _Playing(audio, spec, is_tone=False) as playing:
            is_taken = playing.wait_taken(RECORD_S / 2)
    except SourceError as error:
        return [_explain_failure(error, kind)]
    if muted := _explain_muted(volume, kind):
        return [muted]
    if not is_taken:
        return [
            wrong(
                "loudspeaker",
                f"The loudspeaker is open, but takes no sound within {WAIT_S:g} s",
                "Disconnect it and connect it again, or choose another with --speaker:"
                f" `{COMMAND} devices` lists them",
            )
        ]
    return [ok("loudspeaker", "It plays")]


def check_tone(microphone: MicrophoneSpec, speaker: SpeakerSpec) -> list[Finding]:
    """Check that the microphone hears a soft tone from the loudspeaker; nothing without both."""
    if not isinstance(microphone, _DEVICE) or not isinstance(speaker, _DEVICE):
        return []
    try:
        with _started_portaudio() as audio, _Recording(audio, microphone) as recording:
            before = recording.take(RECORD_S / 2)
            with _Playing(audio, speaker, is_tone=True) as playing:
                playing.wait_taken(TONE_S / 2)
                during = recording.take(TONE_S)
    except SourceError:  # The checks of the devices tell that.
        return []
    gain_db = round(tone_dbfs(during) - tone_dbfs(before), 1)
    if gain_db < HEARD_DB:
        return [
            warning(
                "tone",
                "The microphone does not hear the loudspeaker",
                "With headphones that is right; otherwise turn the volume up, and choose the"
                f" devices with --mic and --speaker: `{COMMAND} devices` lists them",
                tone_gain_db=gain_db,
            )
        ]
    return [ok("tone", "The microphone hears the loudspeaker", tone_gain_db=gain_db)]


def tone_dbfs(sound: Samples) -> float:
    """Return the level of the tone's frequency in the loudest tenth of a second."""
    at = np.arange(WINDOW_SAMPLES) * (2j * np.pi * TONE_HZ / SAMPLE_RATE_HZ)
    turn = np.exp(-at)
    levels = [-100.0]
    for start in range(0, len(sound) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES):
        window = sound[start : start + WINDOW_SAMPLES].astype(np.float64) / 32_768
        amplitude = 2 * abs(np.dot(window, turn)) / WINDOW_SAMPLES
        levels.append(20 * float(np.log10(max(amplitude, 1e-5))))
    return max(levels)


def _explain_failure(error: SourceError, kind: DeviceKind) -> Finding:
    name, option = _NAMES[kind], _OPTIONS[kind]
    if isinstance(error, NoPyAudioError):
        return warning(name, f"Calls have no sound: {error.sentence}", sound_step())
    if isinstance(error, _MissingDeviceError):
        if (server_step := find_server_step()) is not None:
            return warning(name, f"No {name}: no sound server answers", server_step)
        return warning(
            name,
            f"No {name}: {error.sentence}",
            f"Connect one, or choose one with {option}: `{COMMAND} devices` lists them."
            " A call goes on without",
        )
    return wrong(
        name,
        f"The {name} cannot be opened: {error.sentence}",
        error.next_step
        or f"End other programs that use it, or choose another with {option}:"
        f" `{COMMAND} devices` lists them",
    )


def _explain_muted(volume: DeviceVolume | None, kind: DeviceKind) -> Finding | None:
    if volume is None:
        return None
    name = _NAMES[kind]
    if volume.is_muted:
        return wrong(name, f"The {name} is muted", f"Enter {volume.unmute_step}")
    if volume.percent is not None and volume.percent < QUIET_PERCENT:
        sentence = f"The volume of the {name} is at {volume.percent} %"
        return wrong(name, sentence, f"Enter {volume.louder_step}", volume_percent=volume.percent)
    return None


@contextmanager
def _started_portaudio() -> Iterator[PortAudio]:
    audio = PortAudio()
    try:
        yield audio
    finally:
        audio.close()


def _choose(audio: PortAudio, spec: DeviceSpec, kind: DeviceKind) -> int | None:
    try:
        device = choose_device(spec, audio.list(), kind)
    except SourceError as error:
        raise _MissingDeviceError(error.sentence, error.next_step) from error
    return None if device is None else device.index


class _Recording:
    """The sound of a microphone, as long as the `with` lasts."""

    def __init__(self, audio: PortAudio, spec: DeviceSpec) -> None:
        self._changed = Condition()
        self._data = bytearray()
        index = _choose(audio, spec, DeviceKind.MICROPHONE)
        self._stream = audio.open_microphone(index, self._record, MAX_BUFFER_SAMPLES)

    def __enter__(self) -> "_Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _record(self, data: bytes) -> None:
        with self._changed:
            self._data += data
            self._changed.notify_all()

    def take(self, duration_s: float) -> Samples:
        """Return what the microphone records from now on; less if it delivers too little."""
        wanted_bytes = int(duration_s * SAMPLE_RATE_HZ) * 2
        with self._changed:
            self._data.clear()
            self._changed.wait_for(lambda: len(self._data) >= wanted_bytes, duration_s + WAIT_S)
            return np.frombuffer(bytes(self._data), np.int16)


class _Playing:
    """A tone or silence on a loudspeaker, as long as the `with` lasts."""

    def __init__(self, audio: PortAudio, spec: DeviceSpec, *, is_tone: bool) -> None:
        self._changed = Condition()
        self._taken_samples = 0
        self._is_tone = is_tone
        index = _choose(audio, spec, DeviceKind.LOUDSPEAKER)
        self._stream = audio.open_speaker(index, self._play, MAX_BUFFER_SAMPLES)

    def __enter__(self) -> "_Playing":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(SourceError):
            self._stream.close()

    def _play(self, samples: int) -> bytes:
        with self._changed:
            first = self._taken_samples
            self._taken_samples += samples
            self._changed.notify_all()
        if not self._is_tone:
            return silence(samples).tobytes()
        pieces = [tone_block(start) for start in range(first, first + samples, 480)]
        return np.concatenate(pieces)[:samples].tobytes()

    def wait_taken(self, duration_s: float) -> bool:
        """Wait until the loudspeaker has taken sound of a duration; return whether it has."""
        wanted = int(duration_s * SAMPLE_RATE_HZ)
        deadline = Deadline(duration_s + WAIT_S)
        with self._changed:
            return self._changed.wait_for(
                lambda: self._taken_samples >= wanted, timeout=deadline.left_s
            )
