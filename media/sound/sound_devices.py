"""The microphone and the loudspeaker: opened, watched, and recovered. The thread `sound`.

A device that is missing, busy or gone is replaced by silence and a `DeviceProblem` until it works.
PortAudio finds new devices only when it is restarted, which ends both streams; so while one
direction works, another process searches, and PortAudio is restarted only after a find.

Either direction gets another device on request; the other one goes on meanwhile.

     run --> open, watch, close, change
              |     ^
              +-----+-- DeviceSearch    while a device is missing, and where the default may change
"""

import logging
import sys
from collections.abc import Callable
from threading import Condition
from typing import cast

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind, DeviceState
from media.errors import SourceError
from media.sound.device_buffer import BUFFER_SAMPLES, SPEAKER_BUFFER_SAMPLES
from media.sound.device_change import DeviceChange, OnChanged
from media.sound.device_search import DeviceSearch
from media.sound.microphone import (
    SAMPLE_BYTES,
    Microphone,
    PacedMicrophone,
    RingMicrophone,
    SilentMicrophone,
)
from media.sound.portaudio import DeviceList, NoPyAudioError, PortAudio
from media.sound.replaceable_sound import ReplaceableMicrophone, ReplaceableSpeaker
from media.sound.sound_spec import MicrophoneSpec, NoSound, SpeakerSpec, Tone, WavFile
from media.sound.speaker import PacedSpeaker, RingSpeaker, Speaker
from media.sound.tone import tone_block
from media.sound.watched_device import WatchedDevice
from media.sound.wav import LoopedSound, WavWriter, read_wav

_log = logging.getLogger(__name__)

WATCH_S = 0.25
RETRY_US = 3_000_000
MISSING_SEARCH_US = 5_000_000
"""Interval of searches for a missing device. A search costs 0.06 s of one core on the development
machine, 0.12 s with Debian's ALSA settings."""
DEFAULT_SEARCH_US = 10_000_000
"""Interval of searches for a new default device."""
FOLLOWS_DEFAULT = sys.platform != "linux"
"""On Linux the sound server itself moves a stream to the new default (seen with PulseAudio 16,
PipeWire 0.3 and 1.4)."""
STUCK_US = 5_000_000
"""A call of PortAudio may hang, as with a frozen sound server; after this long it is a problem."""


class SoundDevices:
    """Both directions in one, because a restart of PortAudio concerns both.

    Args:
        on_played: called with each buffer that the loudspeaker takes, in the device's callback.
        on_stall: called in the same callback after the loudspeaker has stalled.
        wav_started_us: returns when a WAV file as a microphone starts, or None while unknown.
    """

    def __init__(
        self,
        microphone: MicrophoneSpec,
        speaker: SpeakerSpec,
        *,
        now_us: Callable[[], int],
        on_played: Callable[[bytes], None],
        on_stall: Callable[[], None],
        wav_started_us: Callable[[], int | None],
    ) -> None:
        self._now_us = now_us
        self._wav_started_us = wav_started_us
        self._changed = Condition()
        self._is_closed = False
        self._audio: PortAudio | None = None
        self._held: list[PortAudio] = []
        """Earlier ones with a stream that does not close."""
        self._has_no_audio = False
        self._started_us: int | None = None
        self._search: DeviceSearch | None = None
        self._searched_us = 0
        self._step_started_us: int | None = None
        """The start of the step in progress; None between steps."""
        self._writer: WavWriter | None = None
        self._directions: list[WatchedDevice] = []
        self._file_problem: DeviceProblem | None = None
        self._changes: list[DeviceChange] = []
        self._has_news = False
        self._on_played = on_played
        self._on_stall = on_stall
        self.microphone = ReplaceableMicrophone(self._new_microphone(microphone))
        self.speaker = ReplaceableSpeaker(self._new_speaker(speaker))

    def _new_microphone(self, spec: MicrophoneSpec) -> Microphone:
        match spec:
            case NoSound():
                return SilentMicrophone()
            case Tone():
                started_us = self._now_us()
                return PacedMicrophone(tone_block, self._now_us, lambda: started_us)
            case WavFile():
                try:
                    sound = LoopedSound(read_wav(spec.path))
                except SourceError as error:  # It was readable when the program started.
                    self._file_problem = DeviceProblem(
                        DeviceProblemKind.UNAVAILABLE,
                        DeviceKind.MICROPHONE,
                        detail=error.sentence,
                    )
                    return SilentMicrophone()
                return PacedMicrophone(sound.block, self._now_us, self._wav_started_us)
        ring = RingMicrophone()

        def record(data: bytes) -> None:
            now_us = self._now_us()
            direction.note_buffer(now_us, len(data) // SAMPLE_BYTES)
            ring.put(data, now_us)

        direction = WatchedDevice(
            spec,
            DeviceKind.MICROPHONE,
            lambda audio, index, size: audio.open_microphone(index, record, size),
            buffer_samples=BUFFER_SAMPLES,
            ring=ring,
        )
        self._directions.append(direction)
        return ring

    def _new_speaker(self, spec: SpeakerSpec) -> Speaker:
        match spec:
            case NoSound():
                return PacedSpeaker(self._now_us, lambda samples: None, needs_silence=False)
            case WavFile():
                self._writer = WavWriter(spec.path)
                return PacedSpeaker(self._now_us, self._writer.write)
        ring = RingSpeaker(self._now_us, self._on_played, self._on_stall)

        def play(samples: int) -> bytes:
            direction.note_buffer(self._now_us(), samples)
            return ring.pull(samples)

        direction = WatchedDevice(
            spec,
            DeviceKind.LOUDSPEAKER,
            lambda audio, index, size: audio.open_speaker(index, play, size),
            buffer_samples=SPEAKER_BUFFER_SAMPLES,
            ring=ring,
            stalls=lambda: ring.counters.stalls,
        )
        self._directions.append(direction)
        return ring

    @property
    def problems(self) -> tuple[DeviceProblem, ...]:
        """The reasons for missing sound, each once. Any thread."""
        problems = [self._file_problem, *(direction.problem for direction in self._directions)]
        if self._writer is not None and self._writer.failure:
            problems.append(
                DeviceProblem(
                    DeviceProblemKind.NOT_WRITABLE,
                    DeviceKind.LOUDSPEAKER,
                    name=str(self._writer.path),
                    detail=self._writer.failure,
                )
            )
        started_us = self._step_started_us
        if started_us is not None and self._now_us() - started_us > STUCK_US:
            problems.append(DeviceProblem(DeviceProblemKind.NOT_ANSWERING))
        return tuple(dict.fromkeys(problem for problem in problems if problem is not None))

    @property
    def states(self) -> tuple[DeviceState, ...]:
        """The state of each device; files, the tone and `none` are no devices. Any thread."""
        return tuple(direction.state for direction in self._directions)

    def run(self) -> None:
        """Keep both directions running until `close`. May block in PortAudio without limit."""
        try:
            while not self._is_closed:
                self._step_started_us = self._now_us()
                self._step(self._step_started_us)
                self._step_started_us = None
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closed or self._has_news, WATCH_S)
                    self._has_news = False
        finally:
            self._end()

    def change(
        self, kind: DeviceKind, spec: MicrophoneSpec | SpeakerSpec, on_changed: OnChanged
    ) -> None:
        """Have one direction use another device. Any thread; does not wait.

        Args:
            on_changed: called in the thread `sound`, with the reason if the present device stays.
        """
        with self._changed:
            self._changes.append(DeviceChange(kind, spec, on_changed))
            self._has_news = True
            self._changed.notify()

    def close(self) -> None:
        """End `run`, and every wait for a device. Does not wait for PortAudio."""
        self.microphone.close()
        self.speaker.close()
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _step(self, now_us: int) -> None:
        # Closing hangs if the sound server does. So both directions are watched first, and their
        # rings go on without a device.
        lost = [direction for direction in self._directions if direction.is_lost]
        for direction in self._directions:
            direction.watch(now_us)
        for direction in lost:
            direction.close()
        if self._changes:
            self._apply(self._changes[0], now_us)
        if self._has_no_audio or not self._directions:
            return
        if self._audio is None or all(each.is_missing for each in self._directions):
            # No direction is open, so a restart interrupts nothing.
            if self._started_us is None or now_us - self._started_us >= RETRY_US:
                self._restart(now_us)
            return
        for direction in self._directions:
            if direction.is_refused and now_us - direction.tried_us >= RETRY_US:
                self._open(direction, self._audio, now_us)
            elif direction.needs_larger_buffers(now_us):
                _log.info("sound was lost: the %s gets other buffers", direction.kind)
                direction.close()
                self._open(direction, self._audio, now_us)
        found = self._search_result(now_us)
        if found is not None and self._is_better(found):
            self._restart(now_us)

    def _apply(self, change: DeviceChange, now_us: int) -> None:
        """Carry out a change; the next step goes on with one that waits for a search."""
        listed = DeviceList((), None, None) if self._audio is None else self._audio.list()
        is_restart_due = self._audio is None
        if self._audio is not None and not change.is_listed(listed):
            is_there = change.search(now_us)
            if is_there is None:
                return
            is_restart_due = is_there
        with self._changed:
            self._changes.remove(change)
        if is_restart_due or change.is_listed(listed):
            self._replace(change, now_us, is_restart_due=is_restart_due)

    def _replace(self, change: DeviceChange, now_us: int, *, is_restart_due: bool) -> None:
        """Open another device beside the present one, and let it take over.

        Args:
            is_restart_due: True if only a restarted PortAudio can open it.
        """
        present = next((each for each in self._directions if each.kind is change.kind), None)
        count = len(self._directions)
        if change.kind is DeviceKind.MICROPHONE:
            self._file_problem = None
            microphone = self._new_microphone(change.spec)
        else:
            speaker = self._new_speaker(cast(SpeakerSpec, change.spec))
        new = self._directions.pop() if len(self._directions) > count else None
        if new is not None and self._audio is not None and not is_restart_due:
            self._open(new, self._audio, now_us)
            if new.problem is not None and present is not None and not present.is_missing:
                # It may be the same device under another name.
                present.close()
                self._open(new, self._audio, now_us)
            if new.problem is not None:
                if present is not None and present.is_missing:
                    self._open(present, self._audio, now_us)
                change.on_changed(new.problem)
                return
        if present is not None:
            present.close()
            self._directions.remove(present)
        if new is not None:
            self._directions.append(new)
        if change.kind is DeviceKind.MICROPHONE:
            self.microphone.replace(microphone)
        else:
            self.speaker.replace(speaker)
            self._on_stall()  # Another loudspeaker is another echo path.
        change.on_changed(None)
        if new is not None and is_restart_due:
            self._restart(now_us)

    def _is_better(self, found: DeviceList) -> bool:
        """Return whether a restarted PortAudio could open a device that is not open now."""
        is_better = False
        for direction in self._directions:
            if direction.is_missing:
                is_better |= direction.note_found(found)
            elif FOLLOWS_DEFAULT and direction.has_other_default(found):
                _log.info("the system uses another sound device now")
                is_better = True
        return is_better

    def _search_result(self, now_us: int) -> DeviceList | None:
        """Return the result of a finished search, or None; start the next search when it is due."""
        if self._search is not None:
            if not self._search.is_over(now_us):
                return None
            found, self._search = self._search.result(), None
            return found
        if any(each.is_missing for each in self._directions):
            every_us = MISSING_SEARCH_US
        elif FOLLOWS_DEFAULT and any(each.wants_default for each in self._directions):
            every_us = DEFAULT_SEARCH_US
        else:
            return None
        if now_us - self._searched_us >= every_us:
            self._searched_us = now_us
            try:
                self._search = DeviceSearch(now_us)
            except SourceError as error:
                _log.warning("%s", error.sentence)
        return None

    def _restart(self, now_us: int) -> None:
        self._close_audio()
        self._started_us = now_us
        try:
            self._audio = PortAudio()
        except SourceError as error:
            self._has_no_audio = isinstance(error, NoPyAudioError)
            for direction in self._directions:
                direction.fail(
                    DeviceProblem(
                        DeviceProblemKind.NOT_STARTED,
                        detail=error.sentence,
                        next_step=error.next_step,
                    )
                )
            return
        for direction in self._directions:
            if not self._is_closed:
                self._open(direction, self._audio, now_us)

    def _open(self, direction: WatchedDevice, audio: PortAudio, now_us: int) -> None:
        direction.open(audio, audio.list(), now_us)
        # It may have taken long; the other direction is watched before the next try.
        direction.tried_us = self._now_us()

    def _close_audio(self) -> None:
        for direction in self._directions:
            direction.close()
        if self._audio is not None:
            self._held.append(self._audio)
            self._audio = None
        for audio in self._held:
            audio.close()
        self._held = [audio for audio in self._held if audio.is_held]

    def _end(self) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._search is not None:
            self._search.close()
        for change in self._changes:
            change.close()
        self._close_audio()
