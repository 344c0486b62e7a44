"""The microphone's sound made fit to be sent. Runs in the microphone thread.

a block --> clean-up, with what the loudspeaker plays --> what is sent
  |                                                  |
  +--------> level, echo return loss <---------------+
"""

from collections.abc import Callable

from media.sound.echo_return_loss import EchoReturnLoss
from media.sound.far_end import FarEnd
from media.sound.microphone import Recorded
from media.sound.pcm import Samples, level_dbfs
from media.sound.voice_level import VoiceLevel
from media.sound.voice_processing import VoiceProcessor


class MicrophonePipeline:
    """One call's way from the microphone to the encoder.

    Args:
        clean_up: None where nothing is to be cleaned.
        far_end: what the loudspeaker plays.
        level: is told the levels.
    """

    def __init__(
        self,
        clean_up: VoiceProcessor | None,
        far_end: FarEnd,
        level: VoiceLevel,
        now_us: Callable[[], int],
    ) -> None:
        self._clean_up = clean_up
        self._far_end = far_end
        self._level = level
        self._now_us = now_us
        self._loss = EchoReturnLoss()

    @property
    def delay_us(self) -> int:
        """By how much what comes out is later than what went in."""
        return 0 if self._clean_up is None else self._clean_up.delay_us

    @property
    def echo_return_loss_db(self) -> float | None:
        """By how much the loudspeaker's echo is weakened; None while unknown. Any thread."""
        return self._loss.db

    def process(self, recorded: Recorded, backlog_samples: int) -> Samples:
        """Return what is to be sent of a block.

        Args:
            backlog_samples: how much more has been recorded already.
        """
        near = recorded.samples
        near_dbfs = level_dbfs(near)
        if self._clean_up is None:
            self._level.add(near_dbfs, near_dbfs, self._now_us())
            return near
        far = self._far_end.take(backlog_samples)
        cleaned = self._clean_up.process(near, far, is_disturbed=self._far_end.is_disturbed)
        cleaned_dbfs = level_dbfs(cleaned)
        self._level.add(near_dbfs, cleaned_dbfs, self._now_us())
        if (is_near_speech := self._clean_up.is_near_speech) is not None:
            self._loss.add(
                near_dbfs=near_dbfs,
                cleaned_dbfs=cleaned_dbfs,
                far_dbfs=level_dbfs(far),
                is_near_speech=is_near_speech,
            )
        return cleaned

    def forget(self) -> None:
        """Begin anew: the microphone was away."""
        self._level.forget()
        self._loss.forget()
        self._far_end.forget()
