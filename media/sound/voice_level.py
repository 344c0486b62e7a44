"""What of one's own microphone a person should know. Pure: the time is an argument.

level       for the meter: rises at once, falls slowly enough to be seen
speaking    somebody speaks into it, well above the noise of the room
silent      nothing at all comes, as from a microphone that is switched off
"""

from media.sound.pcm import BLOCK_US, SILENCE_DBFS

FALL_DB_PER_BLOCK = 0.4
"""40 dB a second."""
SPEECH_DBFS = -45.0
SPEECH_ABOVE_NOISE_DB = 12.0
SPEECH_US = 300_000
"""Of speech within the last second or so, so that a cough or a key is none."""
PAUSE_US = 3_000_000
"""Between two words, and so how long a warning stays after the last one."""
NOISE_RISE_DB_PER_BLOCK = 0.02
"""2 dB a second: a long vowel does not become the noise, a fan does."""
DEAD_DBFS = -85.0
"""Below the noise of any microphone that is switched on; one step of 16 bits lies at -90."""
DEAD_US = 10_000_000


class VoiceLevel:
    """The level of one microphone. Written by one thread, read by any."""

    def __init__(self) -> None:
        self.level_dbfs = SILENCE_DBFS
        self._noise_dbfs = 0.0
        self._speech_us = 0
        self._spoke_us: int | None = None
        self._heard_us: int | None = None

    def add(self, raw_dbfs: float, clean_dbfs: float, now_us: int) -> None:
        """Take the levels of one block.

        Args:
            raw_dbfs: as the microphone gave it.
            clean_dbfs: without the loudspeaker's echo, so that this is not taken for speech.
        """
        self.level_dbfs = max(clean_dbfs, self.level_dbfs - FALL_DB_PER_BLOCK)
        self._noise_dbfs = min(clean_dbfs, self._noise_dbfs + NOISE_RISE_DB_PER_BLOCK)
        is_speech = clean_dbfs > max(SPEECH_DBFS, self._noise_dbfs + SPEECH_ABOVE_NOISE_DB)
        change_us = BLOCK_US if is_speech else -BLOCK_US // 2
        self._speech_us = max(0, min(2 * SPEECH_US, self._speech_us + change_us))
        if self._speech_us >= SPEECH_US and is_speech:
            self._spoke_us = now_us
        if raw_dbfs > DEAD_DBFS or self._heard_us is None:
            self._heard_us = now_us

    def is_speaking(self, now_us: int) -> bool:
        """Whether somebody has spoken within the last seconds."""
        return self._spoke_us is not None and now_us - self._spoke_us < PAUSE_US

    def is_silent(self, now_us: int) -> bool:
        """Whether nothing at all has come for long."""
        return self._heard_us is not None and now_us - self._heard_us >= DEAD_US

    def forget(self) -> None:
        """Begin anew: the microphone is another one, or was away."""
        self.level_dbfs = SILENCE_DBFS
        self._speech_us = 0
        self._spoke_us = self._heard_us = None
