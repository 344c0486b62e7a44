"""call/live/audio_sender.py: blocks become packets; nothing is sent while muted."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from call.live.audio_sender import AudioSender
from media.packet import AudioPacket
from media.sound.codec import SoundCodec, open_decoder
from media.sound.far_end import FarEnd
from media.sound.microphone import Recorded
from media.sound.microphone_pipeline import MicrophonePipeline
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples
from media.sound.tone import tone_block
from media.sound.voice_level import VoiceLevel
from net.link.outbox import Outbox
from net.protocol.audio_ladder import AudioLadder
from net.protocol.control import AudioFormat, Control, SoundState
from tests.support.call_sound import LARGE_BPS, START_US, climb
from tests.support.sent_messages import take_sent


class FakeMicrophone:
    """A microphone with a script; at its end the sender is closed.

    Each read calls the next step and returns its samples.
    """

    backlog_samples = 0

    def __init__(self, steps: list[Callable[[], Samples | None]]) -> None:
        self.is_live = True
        self.is_opening = False
        self.is_forgotten = False
        self.on_end: Callable[[], None] = lambda: None
        self._steps = steps
        self._reads = 0

    def read(self, timeout_s: float) -> Recorded | None:
        if self._reads == len(self._steps):
            self.on_end()
            return None
        samples = self._steps[self._reads]()
        self._reads += 1
        if samples is None:
            return None
        return Recorded(samples, START_US + (self._reads - 1) * BLOCK_US)

    def forget(self) -> None:
        self.is_forgotten = True

    def close(self) -> None:
        pass


def climbed_ladder(ceiling_bps: int = 32_000) -> AudioLadder:
    ladder = AudioLadder(ceiling_bps)
    climb(partial(ladder.on_tick, target_bps=LARGE_BPS, dropped=0), START_US)
    return ladder


class OneEnd:
    """A sender with a scripted microphone and an outbox."""

    def __init__(
        self, blocks: int = 0, *, codec: SoundCodec | None = "opus", ceiling_bps: int = 32_000
    ) -> None:
        self.outbox = Outbox()
        self.is_muted = False
        self.ladder = climbed_ladder(ceiling_bps)
        self.level = VoiceLevel()
        self.steps: list[Callable[[], Samples | None]] = []
        self.microphone = FakeMicrophone(self.steps)
        self.sender = AudioSender(
            self.microphone,
            self.outbox,
            lambda: START_US,
            voice=MicrophonePipeline(None, FarEnd(), self.level, lambda: START_US),
            codec=codec,
            ladder=self.ladder,
            is_muted=lambda: self.is_muted,
        )
        self.microphone.on_end = self.sender.close
        self.speak(blocks)

    def speak(self, blocks: int) -> None:
        for number in range(len(self.steps), len(self.steps) + blocks):
            self.steps.append(partial(tone_block, number * BLOCK_SAMPLES))

    def then(self, change: Callable[[], object]) -> None:
        """Add a step that changes something and records nothing."""

        def step() -> None:
            change()

        self.steps.append(step)

    def run(self) -> list[Control | AudioPacket]:
        """Run the thread to its end; return what it put into the outbox, in order."""
        self.sender.run()
        return take_sent(self.outbox)


def packets(came: list[Control | AudioPacket]) -> list[AudioPacket]:
    return [each for each in came if isinstance(each, AudioPacket)]


def controls(came: list[Control | AudioPacket]) -> list[Control]:
    return [each for each in came if not isinstance(each, AudioPacket)]


def test_state_and_format_precede_one_packet_a_block() -> None:
    end = OneEnd(8)
    came = end.run()
    assert came[:2] == [SoundState("sent"), AudioFormat("opus", 0)]
    sent = packets(came)
    assert [packet.sequence for packet in sent] == list(range(8))
    # The first decoded sample precedes the block by the delay of the codec.
    delay_us = START_US - sent[0].pts_us
    assert 6_000 < delay_us < 7_000
    assert [packet.pts_us for packet in sent] == [
        START_US - delay_us + n * BLOCK_US for n in range(8)
    ]
    assert end.sender.counters.packets == 8
    assert end.sender.counters.payload_bytes == sum(len(packet.payload) for packet in sent)


def test_raw_sound_is_sent_unchanged() -> None:
    sent = packets(OneEnd(5, codec="pcm").run())
    decoder = open_decoder("pcm")
    heard = np.concatenate([decoder.decode(packet.payload) for packet in sent])
    assert np.array_equal(heard, np.concatenate([tone_block(n * 480) for n in range(5)]))
    assert sent[0].pts_us == START_US


def test_sound_from_before_the_call_is_dropped() -> None:
    end = OneEnd(1)
    end.run()
    assert end.microphone.is_forgotten


def test_muted_user_sends_the_state_and_no_sound() -> None:
    end = OneEnd(3)
    end.then(lambda: setattr(end, "is_muted", True))
    end.speak(20)
    end.then(lambda: setattr(end, "is_muted", False))
    end.speak(4)
    came = end.run()
    assert [c for c in controls(came) if isinstance(c, SoundState)] == [
        *(SoundState("sent"), SoundState("muted"), SoundState("sent"))
    ]
    # The first three packets were still waiting and were dropped.
    assert [packet.sequence for packet in packets(came)] == [3, 4, 5, 6]
    assert packets(came)[0].pts_us > START_US + 20 * BLOCK_US


def test_muted_microphone_still_has_a_level() -> None:
    end = OneEnd(0)
    end.is_muted = True
    end.speak(10)
    assert not packets(end.run())
    assert end.level.level_dbfs == pytest.approx(-26, abs=1)


def test_state_follows_a_microphone_that_fails_and_returns() -> None:
    end = OneEnd(2)
    end.then(lambda: setattr(end.microphone, "is_live", False))
    end.then(lambda: setattr(end.microphone, "is_live", True))
    end.speak(2)
    came = end.run()
    assert [c for c in controls(came) if isinstance(c, SoundState)] == [
        *(SoundState("sent"), SoundState("none"), SoundState("sent"))
    ]


def test_no_state_is_sent_while_the_microphone_opens() -> None:
    end = OneEnd(0)
    end.microphone.is_opening = True
    end.then(lambda: None)
    end.then(lambda: setattr(end.microphone, "is_opening", False))
    end.speak(1)
    assert controls(end.run())[0] == SoundState("sent")


def test_nothing_is_sent_without_a_common_codec() -> None:
    assert OneEnd(5, codec=None).run() == [SoundState("none")]


@pytest.mark.parametrize(("target_bps", "blocks"), [(500_000, 2), (100_000, 6)])
def test_packets_are_longer_on_a_small_link(target_bps: int, blocks: int) -> None:
    end = OneEnd(0)
    for tick in range(3):
        end.ladder.on_tick(tick, target_bps=target_bps, dropped=0)
    end.speak(12)
    sent = packets(end.run())
    assert len(sent) == 12 // blocks
    assert sent[1].pts_us - sent[0].pts_us == blocks * BLOCK_US
    assert len(open_decoder("opus").decode(sent[0].payload)) == blocks * BLOCK_SAMPLES


def test_packet_length_changes_between_packets() -> None:
    end = OneEnd(3)
    end.then(lambda: end.ladder.on_tick(0, target_bps=500_000, dropped=0))
    # After a pause in the recording, an incomplete packet would mix two times.
    end.speak(5)
    sent = packets(end.run())
    decoder = open_decoder("opus")
    lengths = [len(decoder.decode(packet.payload)) // BLOCK_SAMPLES for packet in sent]
    assert lengths == [1, 1, 1, 2, 2]
    assert [packet.sequence for packet in sent] == list(range(5))


def test_another_link_gets_state_and_format_and_the_sequence_goes_on() -> None:
    end = OneEnd(3)
    other = Outbox()
    end.then(lambda: end.sender.move_to(other, climbed_ladder()))
    end.speak(2)
    assert [packet.sequence for packet in packets(end.run())] == [0, 1, 2]
    sent = take_sent(other)
    assert controls(sent) == [SoundState("sent"), AudioFormat("opus", 3)]
    assert [packet.sequence for packet in packets(sent)] == [3, 4]
