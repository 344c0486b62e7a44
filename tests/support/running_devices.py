"""The sound devices of one peer with their thread, and what their loudspeaker has taken."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import numpy as np

from media.sound.pcm import Samples
from media.sound.sound_devices import SoundDevices
from media.sound.sound_spec import (
    MicrophoneSpec,
    SpeakerSpec,
)
from tests.support.peer_process import wait_until

DEADLINE_S = 30.0


def now_us() -> int:
    return time.perf_counter_ns() // 1000


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until a condition of the devices holds, or fail."""
    wait_until(lambda: bool(holds()), "the devices reach the expected state", DEADLINE_S)


class Running:
    """Devices with their thread, and the sound that their loudspeaker has taken."""

    def __init__(self, microphone: MicrophoneSpec, speaker: SpeakerSpec) -> None:
        self.played: list[bytes] = []
        self.devices = SoundDevices(
            microphone,
            speaker,
            now_us=now_us,
            on_played=self.played.append,
            on_stall=lambda: None,
            wav_started_us=lambda: 0,
        )
        self._thread = threading.Thread(target=self.devices.run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.devices.close()
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def hear(self, blocks: int) -> Samples:
        """Return blocks of the microphone."""
        heard: list[Samples] = []
        deadline_s = time.monotonic() + DEADLINE_S
        while len(heard) < blocks:
            assert time.monotonic() < deadline_s, "the microphone delivered too little"
            recorded = self.devices.microphone.read(0.25)
            if recorded is not None:
                heard.append(recorded.samples)
        return np.concatenate(heard)

    def play(self, sound: Samples) -> None:
        """Play like the speaker thread."""
        for start in range(0, len(sound) // 480 * 480, 480):
            wait_for(lambda: self.devices.speaker.wait_room(0.25))
            self.devices.speaker.write(sound[start : start + 480])
