"""media/sound/microphone_pipeline.py: the samples of a block that are sent."""

import numpy as np
import pytest

from media.sound.far_end import FarEnd
from media.sound.microphone import Recorded
from media.sound.microphone_pipeline import MicrophonePipeline
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, SILENCE_DBFS, Samples, level_dbfs, silence
from media.sound.tone import tone_block
from media.sound.voice_level import VoiceLevel
from media.sound.voice_processing import VoiceProcessor

START_US = 9_000_000
ECHO_SAMPLES = 1_000
"""The delay from the loudspeaker to the microphone."""


class RecordingProcessor(VoiceProcessor):
    """Changes nothing, and records what it is given of the loudspeaker's sound."""

    def __init__(self) -> None:
        super().__init__(echo_cancellation=False, noise_suppression=False, gain_control=False)
        self.far: list[Samples] = []
        self.disturbed: list[bool] = []

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        self.far.append(far)
        self.disturbed.append(is_disturbed)
        return super().process(near, far)


class PipelineBench:
    """A pipeline with a loudspeaker, and a clock."""

    def __init__(self, processor: VoiceProcessor | None = None) -> None:
        self.now_us = START_US
        self.far_end = FarEnd()
        self.level = VoiceLevel()
        self.pipeline = MicrophonePipeline(processor, self.far_end, self.level, lambda: self.now_us)

    def process(self, near: Samples, backlog_samples: int = 0) -> Samples:
        self.now_us += BLOCK_US
        return self.pipeline.process(Recorded(near, self.now_us - BLOCK_US), backlog_samples)

    def play_into_room(self, seconds: float) -> list[Samples]:
        """Play speech of the far end into a room; return the blocks that are sent of its echo.

        The first second is quiet.
        """
        far = words(seconds)
        far[:48_000] = 0
        near = (far * 0.3).astype(np.int16)
        near = np.concatenate([silence(ECHO_SAMPLES), near])[: len(far)]
        near += np.random.default_rng(2).integers(-4, 5, len(near), np.int16)
        sent = []
        for start in range(0, len(far), BLOCK_SAMPLES):
            self.far_end.put(far[start : start + BLOCK_SAMPLES])
            sent.append(self.process(near[start : start + BLOCK_SAMPLES]))
        return sent


def words(seconds: float) -> Samples:
    """Return noise in bursts of a second, with pauses of half a second."""
    samples = round(seconds * 48_000)
    noise = np.random.default_rng(1).standard_normal(samples) * 3_000
    is_on = np.arange(samples) // 24_000 % 3 != 2
    spoken: Samples = np.clip(noise * is_on, -32_768, 32_767).astype(np.int16)
    return spoken


def canceller() -> VoiceProcessor:
    return VoiceProcessor(echo_cancellation=True, noise_suppression=False, gain_control=False)


def test_block_is_sent_unchanged_without_processing() -> None:
    bench = PipelineBench()
    block = tone_block(0)
    assert bench.process(block) is block
    assert bench.pipeline.delay_us == 0
    assert bench.level.level_dbfs == pytest.approx(level_dbfs(block))


def test_processed_block_is_sent_with_the_processors_delay() -> None:
    bench = PipelineBench(canceller())
    expected = canceller()
    for number in range(10):
        block = tone_block(number * BLOCK_SAMPLES)
        assert np.array_equal(bench.process(block), expected.process(block, silence()))
    assert bench.pipeline.delay_us == expected.delay_us > 0


def test_processor_gets_the_sound_of_the_loudspeaker() -> None:
    processor = RecordingProcessor()
    bench = PipelineBench(processor)
    bench.far_end.put(tone_block(0))
    bench.process(silence())
    bench.far_end.put(tone_block(480))
    bench.process(silence())
    assert np.array_equal(processor.far, [tone_block(0), tone_block(480)])


def test_backlog_is_paired_with_sound_played_before() -> None:
    processor = RecordingProcessor()
    bench = PipelineBench(processor)
    bench.far_end.put(tone_block(0))
    bench.far_end.put(tone_block(480))
    bench.process(silence(), BLOCK_SAMPLES)
    bench.process(silence())
    assert np.array_equal(processor.far, [tone_block(0), tone_block(480)])


def test_echo_is_removed_and_its_return_loss_known() -> None:
    bench = PipelineBench(canceller())
    sent = bench.play_into_room(6.0)
    loud = [level_dbfs(block) for block in sent[450:500]]
    assert np.median(loud) < -55
    assert bench.pipeline.echo_return_loss_db is not None
    assert bench.pipeline.echo_return_loss_db > 20


def test_removed_echo_is_not_speech() -> None:
    cleaned, raw = PipelineBench(canceller()), PipelineBench()
    was_speaking = {cleaned: False, raw: False}
    for bench in was_speaking:
        bench.play_into_room(6.0)
        was_speaking[bench] = bench.level.is_speaking(bench.now_us)
    assert was_speaking == {cleaned: False, raw: True}


def test_silence_is_measured_before_processing() -> None:
    """Processing may remove all sound of a quiet room, but the microphone is not switched off."""
    bench = PipelineBench(SilencingProcessor())
    for _ in range(2_000):
        bench.process(tone_block(0))
    assert not bench.level.is_silent(bench.now_us)
    assert bench.level.level_dbfs == SILENCE_DBFS
    for _ in range(1_100):
        bench.process(silence())
    assert bench.level.is_silent(bench.now_us)


class SilencingProcessor(RecordingProcessor):
    """Removes all sound."""

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        return silence()


def test_processor_is_told_of_a_stall() -> None:
    processor = RecordingProcessor()
    bench = PipelineBench(processor)
    bench.process(silence())
    bench.far_end.disturb()
    bench.process(silence())
    assert processor.disturbed == [False, True]


def test_return_loss_is_unknown_without_a_canceller() -> None:
    bench = PipelineBench(RecordingProcessor())
    bench.play_into_room(3.0)
    assert bench.pipeline.echo_return_loss_db is None
    bench = PipelineBench()
    bench.play_into_room(3.0)
    assert bench.pipeline.echo_return_loss_db is None


def test_forgotten_microphone_leaves_no_measurements() -> None:
    bench = PipelineBench(canceller())
    bench.play_into_room(4.0)
    bench.pipeline.forget()
    assert bench.pipeline.echo_return_loss_db is None
    assert bench.level.level_dbfs == SILENCE_DBFS
    assert not bench.level.is_silent(bench.now_us + 60_000_000)


def test_forgotten_microphone_gets_a_new_pairing() -> None:
    processor = RecordingProcessor()
    bench = PipelineBench(processor)
    bench.far_end.put(tone_block(0))
    bench.process(silence())
    for _ in range(7):
        bench.far_end.put(tone_block(0))
    bench.pipeline.forget()
    bench.far_end.put(tone_block(480))
    bench.process(silence())
    assert np.array_equal(processor.far[-1], tone_block(480))
