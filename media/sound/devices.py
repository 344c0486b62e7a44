"""Opens the microphone and the loudspeaker, watches them, and gets them back. The thread `sound`.

A device that is missing, busy, or gone is silence, with a sentence that says so, until it is there.
PortAudio learns of new devices only by being started anew, which ends both streams; so while one
works, another process looks, and PortAudio is started anew only once what is wanted is there.

     run --> open, watch (no buffer for seconds: it is gone), close
              |                 ^
              +-- DeviceSearch -+  while something is missing, and where the default may change
"""

import logging
import sys
from collections.abc import Callable
from threading import Condition

from media.errors import SourceError
from media.sound.device_choice import choose_device
from media.sound.device_search import DeviceSearch
from media.sound.microphone import Microphone, PacedMicrophone, RingMicrophone, SilentMicrophone
from media.sound.portaudio import DeviceList, NoPyAudioError, PortAudio, SoundStream
from media.sound.sound_spec import (
    DefaultDevice,
    DeviceSpec,
    MicrophoneSpec,
    NoSound,
    SpeakerSpec,
    Tone,
    WavFile,
)
from media.sound.speaker import PacedSpeaker, RingSpeaker, Speaker
from media.sound.tone import tone_block
from media.sound.wav import LoopedSound, WavWriter, read_wav

_log = logging.getLogger(__name__)

WATCH_S = 0.25
RETRY_US = 3_000_000
SEARCH_US = 5_000_000
"""Between two looks of the other process; one costs 0.1 to 0.5 s of one core."""
DEAD_US = 3_000_000
"""Without a buffer for so long a device is gone; the first may take two seconds (measured, with
PulseAudio and a sink that had been idle)."""
FOLLOWS_DEFAULT = sys.platform != "linux"
"""On Linux the sound server moves what plays to the new default by itself."""


class SoundDevices:
    """Both directions: PortAudio's restart concerns both.

    Args:
        on_played: given each buffer as the loudspeaker's device takes it.
        wav_started_us: when a WAV file as a microphone begins; None while that is to come.
    """

    def __init__(
        self,
        microphone: MicrophoneSpec,
        speaker: SpeakerSpec,
        *,
        now_us: Callable[[], int],
        on_played: Callable[[bytes], None],
        wav_started_us: Callable[[], int | None],
    ) -> None:
        self.problems: tuple[str, ...] = ()
        """What is missing, for the person to read. Any thread."""
        self._now_us = now_us
        self._wav_started_us = wav_started_us
        self._changed = Condition()
        self._is_closed = False
        self._audio: PortAudio | None = None
        self._has_no_audio = False
        self._started_us = 0
        self._search: DeviceSearch | None = None
        self._searched_us = 0
        self._wav: WavWriter | None = None
        self._sides: list[_Side] = []
        self._wav_problem = ""
        self.microphone = self._make_microphone(microphone)
        self.speaker = self._make_speaker(speaker, on_played)

    def _make_microphone(self, spec: MicrophoneSpec) -> Microphone:
        match spec:
            case NoSound():
                return SilentMicrophone()
            case Tone():
                began_us = self._now_us()
                return PacedMicrophone(tone_block, self._now_us, lambda: began_us)
            case WavFile():
                try:
                    sound = LoopedSound(read_wav(spec.path))
                except SourceError as error:  # It has become unreadable meanwhile.
                    self._wav_problem = f"No microphone: {error.sentence}"
                    return SilentMicrophone()
                return PacedMicrophone(sound.block, self._now_us, self._wav_started_us)
        ring = RingMicrophone()

        def record(data: bytes) -> None:
            now_us = self._now_us()
            side.buffer_us = now_us
            ring.put(data, now_us)

        side = _Side(
            spec,
            "microphone",
            lambda audio, index: audio.open_microphone(index, record),
            attach=ring.attach,
            detach=ring.detach,
        )
        self._sides.append(side)
        return ring

    def _make_speaker(self, spec: SpeakerSpec, on_played: Callable[[bytes], None]) -> Speaker:
        match spec:
            case NoSound():
                return PacedSpeaker(self._now_us, lambda samples: None)
            case WavFile():
                try:
                    self._wav = WavWriter(spec.path)
                except SourceError as error:
                    self._wav_problem = f"No loudspeaker: {error.sentence}"
                    return PacedSpeaker(self._now_us, lambda samples: None)
                return PacedSpeaker(self._now_us, self._wav.write)
        ring = RingSpeaker(self._now_us, on_played)

        def play(samples: int) -> bytes:
            side.buffer_us = self._now_us()
            return ring.pull(samples)

        side = _Side(
            spec,
            "loudspeaker",
            lambda audio, index: audio.open_speaker(index, play),
            attach=ring.attach,
            detach=ring.detach,
        )
        self._sides.append(side)
        return ring

    def run(self) -> None:
        """Keep both going until `close`. Blocks in PortAudio for as long as that takes."""
        try:
            while not self._is_closed:
                self._step()
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closed, WATCH_S)
        finally:
            self._end()

    def close(self) -> None:
        """Let `run` end, and whoever waits for a device. Does not wait for that."""
        self.microphone.close()
        self.speaker.close()
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _step(self) -> None:
        now_us = self._now_us()
        for side in self._sides:
            side.watch(now_us)
        missing = [side for side in self._sides if side.stream is None]
        if missing and not self._has_no_audio:
            self._get_back(missing, now_us)
        elif FOLLOWS_DEFAULT and any(side.wants_default for side in self._sides):
            self._follow_default(now_us)
        self._tell_problems()

    def _tell_problems(self) -> None:
        problems = [self._wav_problem, *(side.problem for side in self._sides)]
        self.problems = tuple(dict.fromkeys(filter(None, problems)))

    def _get_back(self, missing: list["_Side"], now_us: int) -> None:
        """Try to open what is missing; start PortAudio anew where that may help."""
        if len(missing) == len(self._sides):
            # Nothing plays, so nothing is lost by starting anew.
            if self._audio is None or now_us - self._started_us >= RETRY_US:
                self._restart(now_us)
            return
        assert self._audio is not None
        for side in missing:
            if now_us - side.tried_us >= RETRY_US:
                side.open(self._audio, self._audio.list(), now_us)
        if any(side.stream is None for side in missing):
            found = self._look(now_us)
            if found is not None and any(
                side.is_in(found) and not side.is_busy for side in missing if side.stream is None
            ):
                self._restart(now_us)

    def _look(self, now_us: int) -> DeviceList | None:
        """Return what the other process found, when it has; start it now and then."""
        if self._search is None:
            if now_us - self._searched_us >= SEARCH_US:
                self._searched_us = now_us
                self._search = DeviceSearch(now_us)
            return None
        if not self._search.is_over(now_us):
            return None
        found, self._search = self._search.result(), None
        return found

    def _follow_default(self, now_us: int) -> None:
        found = self._look(now_us)
        if found is not None and any(side.has_other_default(found) for side in self._sides):
            _log.info("the system uses another sound device now")
            self._restart(now_us)

    def _restart(self, now_us: int) -> None:
        self._close_audio()
        self._started_us = now_us
        try:
            self._audio = PortAudio()
        except SourceError as error:
            self._has_no_audio = isinstance(error, NoPyAudioError)
            for side in self._sides:
                side.fail(f"{error.sentence}: {error.next_step[:1].lower()}{error.next_step[1:]}")
            return
        devices = self._audio.list()
        for side in self._sides:
            if not self._is_closed:
                side.open(self._audio, devices, now_us)

    def _close_audio(self) -> None:
        for side in self._sides:
            side.close()
        audio, self._audio = self._audio, None
        if audio is not None:
            audio.close()

    def _end(self) -> None:
        if self._search is not None:
            self._search.close()
        self._close_audio()
        if self._wav is not None:
            self._wav.close()


class _Side:
    """One direction: which device is wanted, and what has become of it."""

    def __init__(
        self,
        spec: DeviceSpec,
        what: str,
        open_stream: Callable[[PortAudio, int | None], SoundStream],
        *,
        attach: Callable[[int], None],
        detach: Callable[[], None],
    ) -> None:
        self.stream: SoundStream | None = None
        self.problem = ""
        self.is_busy = False
        self.tried_us = 0
        self.buffer_us = 0
        self._spec = spec
        self._what = what
        self._open_stream = open_stream
        self._attach = attach
        self._detach = detach
        self._default: str | None = None

    @property
    def wants_default(self) -> bool:
        """Whether it is the system's choice."""
        return isinstance(self._spec, DefaultDevice)

    def is_in(self, found: DeviceList) -> bool:
        """Whether the wanted device is there."""
        try:
            choose_device(self._spec, found, self._what)
        except SourceError:
            return False
        return True

    def has_other_default(self, found: DeviceList) -> bool:
        """Whether the system's choice is not the one that was opened."""
        name = found.default_microphone if self._what == "microphone" else found.default_speaker
        return self.wants_default and name is not None and name != self._default

    def open(self, audio: PortAudio, devices: DeviceList, now_us: int) -> None:
        """Open the device, or say why not."""
        self.tried_us = self.buffer_us = now_us
        self.is_busy = False
        try:
            device = choose_device(self._spec, devices, self._what)
        except SourceError as error:
            self.fail(f"No {self._what}: {error.sentence}")
            return
        try:
            self.stream = self._open_stream(audio, None if device is None else device.index)
        except SourceError as error:
            self.is_busy = True
            name = "" if device is None else f' "{device.name}"'
            self.fail(
                f"No {self._what}: it{name} cannot be opened ({error.sentence});"
                " does another program use it?"
            )
            return
        self._default = (
            devices.default_microphone if self._what == "microphone" else devices.default_speaker
        )
        self._attach(self.stream.latency_us)
        name = (self._default or "default") if device is None else device.name
        _log.info("%s: %s", self._what, name)
        self.problem = ""

    def watch(self, now_us: int) -> None:
        """Notice that the device is gone."""
        stream = self.stream
        if stream is None or (stream.is_active and now_us - self.buffer_us < DEAD_US):
            return
        self.close()
        self.fail(f"No {self._what}: it was unplugged or has failed")

    def fail(self, problem: str) -> None:
        """Note what is missing, once in the log too."""
        if problem != self.problem:
            self.problem = problem
            _log.warning("%s", problem)
        self._detach()

    def close(self) -> None:
        """Give the device back."""
        stream, self.stream = self.stream, None
        if stream is not None:
            self._detach()
            stream.close()
