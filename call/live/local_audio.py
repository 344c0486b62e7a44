"""Our own microphone and loudspeaker: open while ringing or dialling, and in the call.

The call thread starts, changes and stops them. The thread `sound` opens and watches the devices;
the microphone and speaker threads of a call use the other side of their rings.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import TypeAlias, cast

from msgspec.structs import replace

from call.live.level_monitor import LevelMonitor
from call.live.own_sounds import OwnSounds
from core.priority import prefer_this_thread
from core.threads import Threads
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind, DeviceState
from media.errors import MediaError
from media.sound.far_end import FarEnd
from media.sound.microphone import Microphone
from media.sound.microphone_pipeline import MicrophonePipeline
from media.sound.settings import AudioSettings
from media.sound.sound_devices import SoundDevices
from media.sound.sound_spec import MicrophoneSpec, NoSound, SpeakerSpec, Tone, WavFile
from media.sound.speaker import Speaker
from media.sound.voice_level import VoiceLevel
from media.sound.voice_processing import VoiceProcessor, preload
from ui.view import VoiceNotice
from ui.wording.notices import word_device_problem

_log = logging.getLogger(__name__)

_Result: TypeAlias = DeviceProblem | None

FILM_WAIT_US = 2_000_000
"""A WAV file waits at most this long for the film's first picture."""


class LocalAudio:
    """The user's microphone and loudspeaker. Call thread only, unless a method says otherwise.

    Args:
        film_started_us: returns when the film that replaces the camera began, or None before that;
            a WAV file as a microphone starts with it. None if the picture is no film.

    Attributes:
        is_muted: True while the user does not want to be heard; ends with the call.
        level: the microphone's level, during a call and while it is monitored.
        microphone_changes: how often another microphone was chosen; each needs a new pipeline.
        changing: what is being opened to replace the present device, by direction.
        change_problems: why the device that was chosen last was not opened, by direction.
    """

    def __init__(
        self,
        microphone: MicrophoneSpec,
        speaker: SpeakerSpec,
        settings: AudioSettings,
        threads: Threads,
        now_us: Callable[[], int],
        film_started_us: Callable[[], int | None] | None = None,
    ) -> None:
        self.settings = settings
        self.is_muted = False
        self.level = VoiceLevel()
        self._microphone_spec = microphone
        self._speaker_spec = speaker
        self._threads = threads
        self._now_us = now_us
        self._devices: SoundDevices | None = None
        self._far_end = FarEnd()
        self._has_warned = False
        self._film_started_us = film_started_us
        self._started_us = 0
        self._wav_start_us: int | None = None
        self._has_window = False
        self.microphone_changes = 0
        self.changing: dict[DeviceKind, MicrophoneSpec | SpeakerSpec] = {}
        self.change_problems: dict[DeviceKind, DeviceProblem] = {}
        self._changed: deque[tuple[DeviceKind, MicrophoneSpec | SpeakerSpec, _Result]] = deque()
        """The results of changes, which the thread `sound` adds."""
        self._monitor = LevelMonitor(threads, now_us)
        self._sounds = OwnSounds(threads)
        self._logged_problems: tuple[DeviceProblem, ...] = ()

    @property
    def microphone_spec(self) -> MicrophoneSpec:
        """The microphone in use."""
        return self._microphone_spec

    @property
    def speaker_spec(self) -> SpeakerSpec:
        """The loudspeaker in use."""
        return self._speaker_spec

    @property
    def has_microphone(self) -> bool:
        """True unless the microphone is `none`."""
        return not isinstance(self._microphone_spec, NoSound)

    @property
    def has_speaker(self) -> bool:
        """True unless the loudspeaker is `none`."""
        return not isinstance(self._speaker_spec, NoSound)

    @property
    def microphone(self) -> Microphone:
        """The microphone; only between `start` and `stop`."""
        assert self._devices is not None
        return self._devices.microphone

    @property
    def speaker(self) -> Speaker:
        """The loudspeaker; only between `start` and `stop`."""
        assert self._devices is not None
        return self._devices.speaker

    def set_window(self, has_window: bool) -> None:
        """Store whether a window shows notices."""
        self._has_window = has_window

    def start(self) -> None:
        """Open the devices, unless they are open. Does not wait for them."""
        if self._devices is not None:
            return
        self._far_end = FarEnd()
        self.level = VoiceLevel()
        self._started_us = self._now_us()
        self._wav_start_us = None
        devices = SoundDevices(
            self._microphone_spec,
            self._speaker_spec,
            now_us=self._now_us,
            on_played=self._far_end.put,
            on_stall=self._far_end.disturb,
            wav_started_us=self._wav_started_us,
        )
        self._devices = devices

        def run() -> None:
            prefer_this_thread(inherited=True)
            devices.run()

        self._threads.start("sound", run, self._on_end)
        if self._is_processed:
            self._threads.start("load voice", preload)

    def stop(self) -> None:
        """Close the devices. Does not wait for a slow one."""
        self.stop_monitor()
        self.stop_sounds()
        self.changing.clear()
        self._changed.clear()
        if self._devices is not None:
            self._devices.close()
            self._devices = None

    # Other devices.

    def change_microphone(self, spec: MicrophoneSpec) -> None:
        """Use another microphone as soon as it is open; until then `changing` names it."""
        self._change(DeviceKind.MICROPHONE, spec)

    def change_speaker(self, spec: SpeakerSpec) -> None:
        """Use another loudspeaker as soon as it is open."""
        self._change(DeviceKind.LOUDSPEAKER, spec)

    def _change(self, kind: DeviceKind, spec: MicrophoneSpec | SpeakerSpec) -> None:
        self.change_problems.pop(kind, None)
        if self._devices is None:
            self._note_change(kind, spec)
            return
        changed = self._changed
        self.changing[kind] = spec
        self._devices.change(kind, spec, lambda problem: changed.append((kind, spec, problem)))

    def on_tick(self) -> bool:
        """Handle the results of changes; return whether there was one. Call thread."""
        has_news = False
        while self._changed:
            kind, spec, problem = self._changed.popleft()
            has_news = True
            if self.changing.get(kind) == spec:
                del self.changing[kind]
            if problem is None:
                self._note_change(kind, spec)
            else:
                refused = replace(problem, kind=DeviceProblemKind.NOT_CHANGED, device=kind)
                self.change_problems[kind] = refused
                _log.warning(
                    "%s", word_device_problem(refused), extra={"key": "device_not_changed"}
                )
        return has_news

    def _note_change(self, kind: DeviceKind, spec: MicrophoneSpec | SpeakerSpec) -> None:
        if kind is DeviceKind.MICROPHONE:
            self._microphone_spec = spec
            self.microphone_changes += 1
            self.level.forget()
            if self._devices is not None and self._is_processed:
                self._threads.start("load voice", preload)
        else:
            self._speaker_spec = cast(SpeakerSpec, spec)

    # While there is no call.

    def start_monitor(self) -> None:
        """Measure the level of the open microphone before a call."""
        if self._devices is not None:
            self._monitor.start(self._devices.microphone, self.level)

    def stop_monitor(self) -> None:
        """Leave the microphone to a call."""
        self._monitor.stop()

    def ring(self) -> None:
        """Play the ring tone, except into a file."""
        if self._devices is not None and not isinstance(self._speaker_spec, WavFile):
            self._sounds.ring(self._devices.speaker)

    def play_test_sound(self) -> None:
        """Play the test sound, except into a file."""
        if self._devices is not None and not isinstance(self._speaker_spec, WavFile):
            self._sounds.play_test(self._devices.speaker)

    def stop_sounds(self) -> None:
        """Leave the loudspeaker to a call."""
        self._sounds.stop()

    def _wav_started_us(self) -> int | None:
        """Return when a WAV file starts, or None while unknown. Microphone thread."""
        if self._film_started_us is None:
            return self._started_us
        film_us = self._film_started_us()
        if film_us is not None:
            self._wav_start_us = film_us
        elif self._wav_start_us is None and self._now_us() - self._started_us > FILM_WAIT_US:
            self._wav_start_us = self._started_us
        return self._wav_start_us

    def _on_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("the sound devices have stopped: %s", error)

    def new_pipeline(self) -> MicrophonePipeline:
        """Return a call's pipeline from the microphone to the encoder.

        If voice processing is not installed, warn once and leave it out.
        """
        return MicrophonePipeline(
            self._new_voice_processor(), self._far_end, self.level, self._now_us
        )

    @property
    def _is_processed(self) -> bool:
        """True if sound of the microphone passes through voice processing."""
        # The test tone contains no echo, and noise suppression would remove it.
        return not isinstance(self._microphone_spec, NoSound | Tone) and (
            self.settings.echo_cancellation
            or self.settings.noise_suppression
            or self.settings.gain_control
        )

    def _new_voice_processor(self) -> VoiceProcessor | None:
        if not self._is_processed:
            return None
        settings = self.settings
        try:
            return VoiceProcessor(
                echo_cancellation=settings.echo_cancellation,
                noise_suppression=settings.noise_suppression,
                gain_control=settings.gain_control,
            )
        except MediaError as error:
            if not self._has_warned:
                self._has_warned = True
                _log.warning("%s. %s.", error.sentence, error.next_step)
            return None

    @property
    def device_states(self) -> tuple[DeviceState, ...]:
        """The states of microphone and loudspeaker; empty while they are closed."""
        return () if self._devices is None else self._devices.states

    @property
    def problems(self) -> tuple[DeviceProblem, ...]:
        """The reasons why devices in use are missing; none while they are closed."""
        return () if self._devices is None else self._devices.problems

    def level_dbfs(self) -> float | None:
        """Return the microphone's level for a meter, or None without a microphone. Any thread."""
        devices = self._devices
        if devices is None or not devices.microphone.is_live:
            return None
        return self.level.level_dbfs

    def notices(self, now_us: int) -> tuple[DeviceProblem | VoiceNotice, ...]:
        """Return the problems of our own sound that the interface should show.

        Logs each device problem once. That reaches the terminal, so only a window shows it again.
        """
        devices = self._devices
        if devices is None:
            return ()
        problems = devices.problems
        for problem in problems:
            if problem not in self._logged_problems:
                _log.warning("%s", word_device_problem(problem))
        self._logged_problems = problems
        shown = problems if self._has_window else ()
        if self.is_muted and self.level.is_speaking(now_us):
            return (*shown, VoiceNotice.MUTED)
        if not self.is_muted and self.level.is_silent(now_us):
            return (*shown, VoiceNotice.SILENT)
        return shown
