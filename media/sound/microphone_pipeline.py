"""Microphone pipeline: from a recorded block to the block that is sent. Microphone thread.

recorded block --> VoiceProcessor, with the far end --> block to send
  |                                                       |
  +--------------> level, echo return loss <--------------+
"""

from collections.abc import Callable

from media.sound.echo_return_loss import EchoReturnLoss
from media.sound.far_end import FarEnd
from media.sound.microphone import Recorded
from media.sound.pcm import Samples, level_dbfs
from media.sound.voice_level import VoiceLevel
from media.sound.voice_processing import VoiceProcessor


class MicrophonePipeline:
    """One call's pipeline from the microphone to the encoder.

    Args:
        processor: None to send the sound as recorded.
        far_end: the sound that the loudspeaker plays.
        level: receives the level of each block.
    """

    def __init__(
        self,
        processor: VoiceProcessor | None,
        far_end: FarEnd,
        level: VoiceLevel,
        now_us: Callable[[], int],
    ) -> None:
        self._processor = processor
        self._far_end = far_end
        self._level = level
        self._now_us = now_us
        self._loss = EchoReturnLoss()

    @property
    def delay_us(self) -> int:
        """The delay that processing adds, in microseconds."""
        return 0 if self._processor is None else self._processor.delay_us

    @property
    def echo_return_loss_db(self) -> float | None:
        """The attenuation of the loudspeaker's echo; None while unknown. Any thread."""
        return self._loss.db

    def process(self, recorded: Recorded, backlog_samples: int) -> Samples:
        """Return the block to send.

        Args:
            backlog_samples: samples recorded after this block that still wait in the ring.
        """
        near = recorded.samples
        near_dbfs = level_dbfs(near)
        if self._processor is None:
            self._level.add(near_dbfs, near_dbfs, self._now_us())
            return near
        far = self._far_end.take(backlog_samples)
        cleaned = self._processor.process(near, far, is_disturbed=self._far_end.is_disturbed)
        cleaned_dbfs = level_dbfs(cleaned)
        self._level.add(near_dbfs, cleaned_dbfs, self._now_us())
        if (is_double_talk := self._processor.is_double_talk) is not None:
            self._loss.add(
                near_dbfs=near_dbfs,
                cleaned_dbfs=cleaned_dbfs,
                far_dbfs=level_dbfs(far),
                is_double_talk=is_double_talk,
            )
        return cleaned

    def forget(self) -> None:
        """Start again, after the microphone was missing."""
        self._level.forget()
        self._loss.forget()
        self._far_end.forget()
