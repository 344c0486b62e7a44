"""media/sound/microphone_pipeline.py: which samples of a block are sent."""

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
"""From the loudspeaker to the microphone."""


class NotedCleanUp(VoiceProcessor):
    """Cleans nothing, and notes what it is told of the loudspeaker."""

    def __init__(self) -> None:
        super().__init__(echo_cancellation=False, noise_suppression=False, gain_control=False)
        self.far: list[Samples] = []
        self.disturbed: list[bool] = []

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        self.far.append(far)
        self.disturbed.append(is_disturbed)
        return super().process(near, far)


class OneEnd:
    """A voice with a loudspeaker, and a clock."""

    def __init__(self, clean_up: VoiceProcessor | None = None) -> None:
        self.now_us = START_US
        self.far_end = FarEnd()
        self.level = VoiceLevel()
        self.voice = MicrophonePipeline(clean_up, self.far_end, self.level, lambda: self.now_us)

    def take(self, near: Samples, backlog_samples: int = 0) -> Samples:
        self.now_us += BLOCK_US
        return self.voice.process(Recorded(near, self.now_us - BLOCK_US), backlog_samples)

    def be_in_a_room(self, seconds: float) -> list[Samples]:
        """Let somebody talk at the other side; return what is sent of their echo, block by block.

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
            sent.append(self.take(near[start : start + BLOCK_SAMPLES]))
        return sent


def words(seconds: float) -> Samples:
    """Noise in pieces of half a second, with pauses between them."""
    samples = round(seconds * 48_000)
    noise = np.random.default_rng(1).standard_normal(samples) * 3_000
    is_on = np.arange(samples) // 24_000 % 3 != 2
    spoken: Samples = np.clip(noise * is_on, -32_768, 32_767).astype(np.int16)
    return spoken


def canceller() -> VoiceProcessor:
    return VoiceProcessor(echo_cancellation=True, noise_suppression=False, gain_control=False)


def test_without_clean_up_a_block_is_sent_as_it_is() -> None:
    end = OneEnd()
    block = tone_block(0)
    assert end.take(block) is block
    assert end.voice.delay_us == 0
    assert end.level.level_dbfs == pytest.approx(level_dbfs(block))


def test_with_clean_up_what_it_makes_is_sent_as_late_as_it_says() -> None:
    end = OneEnd(canceller())
    expected = canceller()
    for number in range(10):
        block = tone_block(number * BLOCK_SAMPLES)
        assert np.array_equal(end.take(block), expected.process(block, silence()))
    assert end.voice.delay_us == expected.delay_us > 0


def test_the_clean_up_is_told_what_the_loudspeaker_plays_meanwhile() -> None:
    clean_up = NotedCleanUp()
    end = OneEnd(clean_up)
    end.far_end.put(tone_block(0))
    end.take(silence())
    end.far_end.put(tone_block(480))
    end.take(silence())
    assert np.array_equal(clean_up.far, [tone_block(0), tone_block(480)])


def test_what_was_recorded_before_is_paired_with_what_was_played_before() -> None:
    clean_up = NotedCleanUp()
    end = OneEnd(clean_up)
    end.far_end.put(tone_block(0))
    end.far_end.put(tone_block(480))
    end.take(silence(), BLOCK_SAMPLES)
    end.take(silence())
    assert np.array_equal(clean_up.far, [tone_block(0), tone_block(480)])


def test_an_echo_is_taken_away_and_by_how_much_is_known() -> None:
    end = OneEnd(canceller())
    sent = end.be_in_a_room(6.0)
    loud = [level_dbfs(block) for block in sent[450:500]]
    assert np.median(loud) < -55
    assert end.voice.echo_return_loss_db is not None
    assert end.voice.echo_return_loss_db > 20


def test_an_echo_that_was_taken_away_is_not_somebody_who_speaks() -> None:
    cleaned, raw = OneEnd(canceller()), OneEnd()
    was_speaking = {cleaned: False, raw: False}
    for end in was_speaking:
        end.be_in_a_room(6.0)
        was_speaking[end] = end.level.is_speaking(end.now_us)
    assert was_speaking == {cleaned: False, raw: True}


def test_a_microphone_is_silent_by_what_it_gives_not_by_what_is_left_of_it() -> None:
    """A clean-up may leave nothing of a quiet room; the microphone is not switched off."""
    end = OneEnd(_Nothing())
    for _ in range(2_000):
        end.take(tone_block(0))
    assert not end.level.is_silent(end.now_us)
    assert end.level.level_dbfs == SILENCE_DBFS
    for _ in range(1_100):
        end.take(silence())
    assert end.level.is_silent(end.now_us)


class _Nothing(NotedCleanUp):
    """Leaves nothing of what it gets."""

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool = False) -> Samples:
        return silence()


def test_the_clean_up_is_told_that_the_loudspeaker_stood_still() -> None:
    clean_up = NotedCleanUp()
    end = OneEnd(clean_up)
    end.take(silence())
    end.far_end.disturb()
    end.take(silence())
    assert clean_up.disturbed == [False, True]


def test_without_a_canceller_no_return_loss_is_told() -> None:
    end = OneEnd(NotedCleanUp())
    end.be_in_a_room(3.0)
    assert end.voice.echo_return_loss_db is None
    end = OneEnd()
    end.be_in_a_room(3.0)
    assert end.voice.echo_return_loss_db is None


def test_after_the_microphone_was_away_all_begins_anew() -> None:
    end = OneEnd(canceller())
    end.be_in_a_room(4.0)
    end.voice.forget()
    assert end.voice.echo_return_loss_db is None
    assert end.level.level_dbfs == SILENCE_DBFS
    assert not end.level.is_silent(end.now_us + 60_000_000)


def test_after_the_microphone_was_away_the_loudspeaker_is_paired_anew() -> None:
    clean_up = NotedCleanUp()
    end = OneEnd(clean_up)
    end.far_end.put(tone_block(0))
    end.take(silence())
    for _ in range(7):
        end.far_end.put(tone_block(0))
    end.voice.forget()
    end.far_end.put(tone_block(480))
    end.take(silence())
    assert np.array_equal(clean_up.far[-1], tone_block(480))
