"""A user's own sound on fake devices, with a clock that stands still."""

import threading
from collections.abc import Callable
from typing import ClassVar

from call.live.local_audio import LocalAudio
from core.threads import Threads
from media.device_state import DeviceKind, DeviceProblem
from media.errors import SourceError
from media.sound.microphone import Recorded
from media.sound.pcm import BLOCK_US
from media.sound.settings import AudioSettings
from media.sound.sound_spec import DefaultDevice, MicrophoneSpec, SpeakerSpec
from ui.view import VoiceNotice

START_US = 9_000_000
UNPROCESSED = AudioSettings(echo_cancellation=False, noise_suppression=False, gain_control=False)


class FakeMicrophone:
    """A microphone that works and records nothing."""

    is_live = True
    is_opening = False
    backlog_samples = 0

    def read(self, timeout_s: float) -> Recorded | None:
        return None

    def forget(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeDevices:
    """`SoundDevices` without a sound card."""

    opened: ClassVar[list["FakeDevices"]] = []
    """Emptied by the fixture `fake_devices`."""
    breaks = False

    def __init__(
        self, microphone: MicrophoneSpec, speaker: SpeakerSpec, **callbacks: Callable[..., object]
    ) -> None:
        self.specs = (microphone, speaker)
        self.callbacks = callbacks
        self.microphone = FakeMicrophone()
        self.speaker = object()
        self.problems: tuple[DeviceProblem, ...] = ()
        self.ran_in: list[str] = []
        self.closes = 0
        self.changes: list[
            tuple[
                DeviceKind,
                MicrophoneSpec | SpeakerSpec,
                Callable[[DeviceProblem | None], None],
            ]
        ] = []
        FakeDevices.opened.append(self)

    def wav_started_us(self) -> object:
        return self.callbacks["wav_started_us"]()

    def run(self) -> None:
        self.ran_in.append(threading.current_thread().name)
        if self.breaks:
            raise SourceError("The card has burnt")

    def change(
        self,
        kind: DeviceKind,
        spec: MicrophoneSpec | SpeakerSpec,
        on_changed: Callable[[DeviceProblem | None], None],
    ) -> None:
        self.changes.append((kind, spec, on_changed))

    def close(self) -> None:
        self.closes += 1


class LocalUser:
    """A user with fake devices, who can speak."""

    def __init__(
        self,
        microphone: MicrophoneSpec | None = None,
        settings: AudioSettings = UNPROCESSED,
        *,
        film_started_us: Callable[[], int | None] | None = None,
    ) -> None:
        self.now_us = START_US
        self.threads = Threads()
        self.audio = LocalAudio(
            DefaultDevice() if microphone is None else microphone,
            DefaultDevice(),
            settings,
            self.threads,
            lambda: self.now_us,
            film_started_us,
        )

    def start(self) -> FakeDevices:
        self.audio.start()
        return FakeDevices.opened[-1]

    def hear(self, dbfs: float, duration_us: int) -> None:
        """Keep the microphone at a level for this time."""
        for _ in range(duration_us // BLOCK_US):
            self.now_us += BLOCK_US
            self.audio.level.add(dbfs, dbfs, self.now_us)

    def speak(self) -> None:
        self.hear(-65, 1_000_000)
        self.hear(-25, 500_000)

    def notices(self) -> tuple[DeviceProblem | VoiceNotice, ...]:
        return self.audio.notices(self.now_us)
