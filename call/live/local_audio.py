"""Our own microphone and loudspeaker: open while ringing or dialling, and in the call.

The call thread starts and stops them. The thread `sound` opens and watches the devices; the
microphone and speaker threads of a call use the other side of their rings.
"""

import logging
from collections.abc import Callable

from core.priority import prefer_this_thread
from core.threads import Threads
from media.device_state import DeviceProblem, DeviceState
from media.errors import MediaError
from media.sound.far_end import FarEnd
from media.sound.microphone import Microphone
from media.sound.microphone_pipeline import MicrophonePipeline
from media.sound.settings import AudioSettings
from media.sound.sound_devices import SoundDevices
from media.sound.sound_spec import MicrophoneSpec, NoSound, SpeakerSpec, Tone
from media.sound.speaker import Speaker
from media.sound.voice_level import VoiceLevel
from media.sound.voice_processing import VoiceProcessor, preload
from ui.view import VoiceNotice
from ui.wording.notices import word_device_problem

_log = logging.getLogger(__name__)

FILM_WAIT_US = 2_000_000
"""A WAV file waits at most this long for the film's first picture."""


class LocalAudio:
    """The user's microphone and loudspeaker. Call thread only, unless a method says otherwise.

    Args:
        film_started_us: returns when the film that replaces the camera began, or None before that;
            a WAV file as a microphone starts with it. None if the picture is no film.

    Attributes:
        is_muted: True while the user does not want to be heard; ends with the call.
        level: the microphone's level during a call.
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
        self.has_microphone = not isinstance(microphone, NoSound)
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
        self._logged_problems: tuple[DeviceProblem, ...] = ()

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
        if self._devices is not None:
            self._devices.close()
            self._devices = None

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
