"""Voice level: what the user should know about their own microphone. Pure: no I/O, no clock.

level       for the meter: rises at once, falls slowly enough to be seen
speaking    the user speaks, well above the noise of the room
silent      the microphone delivers no sound at all, as if it were switched off
"""

from media.sound.pcm import BLOCK_US, SILENCE_DBFS

FALL_DB_PER_BLOCK = 0.4
"""40 dB a second."""
SPEECH_DBFS = -45.0
SPEECH_ABOVE_NOISE_DB = 12.0
SPEECH_US = 300_000
"""Speech needed within about the last second, so that a cough or a key press is not enough."""
PAUSE_US = 3_000_000
"""The longest pause between two words, and so the time for which a warning outlasts speech."""
NOISE_RISE_DB_PER_BLOCK = 0.02
"""2 dB a second: slow enough for a long vowel, fast enough for a fan."""
DEAD_DBFS = -85.0
"""Below the noise of any microphone that is switched on; one step of 16 bits is -90 dBFS."""
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
        """Add the levels of one block.

        Args:
            raw_dbfs: the level as recorded.
            clean_dbfs: the level without the loudspeaker's echo, which would count as speech.
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
        """Return whether the user has spoken within the last three seconds."""
        return self._spoke_us is not None and now_us - self._spoke_us < PAUSE_US

    def is_silent(self, now_us: int) -> bool:
        """Return whether the microphone has delivered no sound for ten seconds."""
        return self._heard_us is not None and now_us - self._heard_us >= DEAD_US

    def forget(self) -> None:
        """Start again, after the microphone was replaced or missing."""
        self.level_dbfs = SILENCE_DBFS
        self._speech_us = 0
        self._spoke_us = self._heard_us = None
