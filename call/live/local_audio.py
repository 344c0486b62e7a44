"""Our own microphone and loudspeaker: open while it rings or is dialled, and in the call.

Started and stopped by the call thread. The thread `sound` opens and watches the devices; the
microphone and the speaker thread of a call are on the other side of their rings.
"""

import logging
from collections.abc import Callable

from core.priority import prefer_this_thread
from core.threads import Threads
from media.device_state import DeviceState
from media.errors import MediaError
from media.sound.far_end import FarEnd
from media.sound.microphone import Microphone
from media.sound.microphone_pipeline import MicrophonePipeline
from media.sound.settings import AudioSettings
from media.sound.sound_devices import SoundDevices
from media.sound.sound_spec import MicrophoneSpec, NoSound, SpeakerSpec, Tone
from media.sound.speaker import Speaker
from media.sound.voice_level import VoiceLevel
from media.sound.voice_processing import VoiceProcessor

_log = logging.getLogger(__name__)

FILM_WAIT_US = 2_000_000
"""For a film's first picture; a WAV file does not wait longer for it."""
MUTED_NOTICE = "You are muted: press m to be heard"
SILENT_NOTICE = "Nothing comes from your microphone: is it switched off?"


class LocalAudio:
    """What a person speaks into, and hears the other side with.

    Used by the call thread alone, but where told.

    Args:
        film_started_us: when the film that is our picture began, None while that is to come; a WAV
            file as a microphone begins with it. None where the picture is no film.

    Attributes:
        is_muted: whether the person wants not to be heard; stays from call to call.
        level: of the microphone, while a call is up.
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
        self._has_said_why = False
        self._film_started_us = film_started_us
        self._began_us = 0
        self._wav_us: int | None = None
        self._has_window = False
        self._said: tuple[str, ...] = ()

    @property
    def microphone(self) -> Microphone:
        """What records; only between `start` and `stop`."""
        assert self._devices is not None
        return self._devices.microphone

    @property
    def speaker(self) -> Speaker:
        """What plays; only between `start` and `stop`."""
        assert self._devices is not None
        return self._devices.speaker

    def set_window(self, has_window: bool) -> None:
        """Say whether there is a window to show notices in."""
        self._has_window = has_window

    def start(self) -> None:
        """Open the devices, if they are not open yet. Does not wait for them."""
        if self._devices is not None:
            return
        self._far_end = FarEnd()
        self.level = VoiceLevel()
        self._began_us = self._now_us()
        self._wav_us = None
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

    def stop(self) -> None:
        """Close the devices. Does not wait for one that takes its time."""
        if self._devices is not None:
            self._devices.close()
            self._devices = None

    def _wav_started_us(self) -> int | None:
        """Return when a WAV file begins. The microphone thread."""
        if self._film_started_us is None:
            return self._began_us
        film_us = self._film_started_us()
        if film_us is not None:
            self._wav_us = film_us
        elif self._wav_us is None and self._now_us() - self._began_us > FILM_WAIT_US:
            self._wav_us = self._began_us
        return self._wav_us

    def _on_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("the sound devices have stopped: %s", error)

    def make_voice(self) -> MicrophonePipeline:
        """Return a call's way from the microphone to the encoder.

        Where the clean-up cannot be had, this says so once and leaves it out.
        """
        return MicrophonePipeline(self._make_clean_up(), self._far_end, self.level, self._now_us)

    def _make_clean_up(self) -> VoiceProcessor | None:
        settings = self.settings
        # A tone of our own has nothing to be cleaned of, and would be taken for noise.
        if isinstance(self._microphone_spec, NoSound | Tone) or not (
            settings.echo_cancellation or settings.noise_suppression or settings.gain_control
        ):
            return None
        try:
            return VoiceProcessor(
                echo_cancellation=settings.echo_cancellation,
                noise_suppression=settings.noise_suppression,
                gain_control=settings.gain_control,
            )
        except MediaError as error:
            if not self._has_said_why:
                self._has_said_why = True
                _log.warning("%s. %s.", error.sentence, error.next_step)
            return None

    @property
    def device_states(self) -> tuple[DeviceState, ...]:
        """The state of microphone and loudspeaker; none while they are closed."""
        return () if self._devices is None else self._devices.states

    def level_dbfs(self) -> float | None:
        """Return the level of the microphone for a meter; None where there is none. Any thread."""
        devices = self._devices
        if devices is None or not devices.microphone.is_live:
            return None
        return self.level.level_dbfs

    def notices(self, now_us: int) -> tuple[str, ...]:
        """Return what a window shows of our own sound, the shortest first.

        What is missing goes into the log too, once; the terminal has that already.
        """
        devices = self._devices
        if devices is None:
            return ()
        problems = devices.problems
        for problem in problems:
            if problem not in self._said:
                _log.warning("%s", problem)
        self._said = problems
        notices = list(problems) if self._has_window else []
        if self.is_muted and self.level.is_speaking(now_us):
            notices.append(MUTED_NOTICE)
        elif not self.is_muted and self.level.is_silent(now_us):
            notices.append(SILENT_NOTICE)
        return tuple(sorted(notices, key=len))
