"""call/live/audio_receiver.py: packets become sound, in order, and its latency is measured."""

from collections.abc import Callable
from threading import Thread

import numpy as np
import pytest

from call.live import audio_receiver
from call.live.audio_packet_queue import AudioPacketQueue
from call.live.audio_receiver import KEPT_FORMATS, AudioFormats, AudioReceiver
from media.packet import AudioPacket
from media.sound.codec import SoundCodec, SoundDecoder, open_decoder, open_encoder
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples, level_dbfs, samples_to_us
from media.sound.speaker import SpeakerCounters
from media.sound.tone import tone_block
from net.errors import ProtocolError
from net.protocol.control import AudioFormat
from tests.support.deadline import DEADLINE_S

START_US = 9_000_000
THEIRS_US = 70_000_000
"""The other peer's clock when ours is 0."""
LOUDSPEAKER_US = 30_000


class FakeSpeaker:
    """A loudspeaker with a script; at its end the receiver is closed.

    Each wait calls the next step, which returns whether there is room for a block.
    """

    def __init__(self, steps: list[Callable[[], bool]]) -> None:
        self.counters = SpeakerCounters()
        self.delay_us = LOUDSPEAKER_US
        self.needs_silence = True
        self.played: list[Samples] = []
        self.rests = 0
        self.on_end: Callable[[], None] = lambda: None
        self._steps = steps
        self.waits = 0

    def wait_room(self, timeout_s: float) -> bool:
        self.delay_us = LOUDSPEAKER_US
        if self.waits == len(self._steps):
            self.on_end()
            return False
        self.waits += 1
        return self._steps[self.waits - 1]()

    def write(self, samples: Samples) -> None:
        self.played.append(samples.copy())
        # The next sample is heard later by this block.
        self.delay_us += BLOCK_US

    def pause(self) -> None:
        self.rests += 1

    def close(self) -> None:
        pass


class OneEnd:
    """A receiver with a scripted loudspeaker."""

    def __init__(self, codec: SoundCodec | None = "pcm", *, is_clock_known: bool = True) -> None:
        self.now_us = START_US
        self.queue = AudioPacketQueue()
        self.formats = AudioFormats()
        if codec is not None:
            self.formats.add(AudioFormat(codec, 0))
        self.steps: list[Callable[[], bool]] = []
        self.speaker = FakeSpeaker(self.steps)
        self.asked_us: list[int] = []
        self._is_clock_known = is_clock_known
        self.receiver = AudioReceiver(
            self.queue,
            self.formats,
            self.speaker,
            lambda: self.now_us,
            to_local_us=self._to_local_us,
        )
        self.speaker.on_end = self.receiver.close

    def _to_local_us(self, their_us: int, now_us: int) -> int | None:
        self.asked_us.append(now_us)
        return their_us - THEIRS_US if self._is_clock_known else None

    def then(self, *packets: AudioPacket) -> None:
        """Add a step of 10 ms in which these packets arrive."""

        def step() -> bool:
            self.now_us += BLOCK_US
            for packet in packets:
                self.queue.put(packet, self.now_us)
            return True

        self.steps.append(step)

    def then_without_room(self, *packets: AudioPacket) -> None:
        """Add a step of 10 ms in which these packets arrive and the loudspeaker has no room."""
        self.then(*packets)
        came = self.steps.pop()

        def step() -> bool:
            return not came()

        self.steps.append(step)

    def run(self) -> Samples:
        """Run the thread to its end; return all samples played."""
        self.receiver.run()
        return np.concatenate([*self.speaker.played, np.zeros(0, np.int16)])


def raw(sequence: int, payload: bytes | None = None) -> AudioPacket:
    """Return a raw block in which each sample is its own number."""
    first = 1 + sequence * BLOCK_SAMPLES
    samples = np.arange(first, first + BLOCK_SAMPLES).astype("<i2")
    pts_us = THEIRS_US + START_US + sequence * BLOCK_US
    return AudioPacket(sequence, pts_us, samples.tobytes() if payload is None else payload)


def opus(count: int) -> list[AudioPacket]:
    encoder = open_encoder("opus", 32_000, 1)
    return [
        AudioPacket(n, n * BLOCK_US, encoder.encode(tone_block(n * BLOCK_SAMPLES)))
        for n in range(count)
    ]


def unchanged(played: Samples) -> Samples:
    """Return those samples that were played as sent, neither faded nor concealed."""
    values = played.astype(int)
    kept: Samples = played[1:][np.diff(values) == 1]
    return kept


def test_packets_are_played_in_order() -> None:
    end = OneEnd()
    for number in range(30):
        end.then(raw(number))
    heard = unchanged(end.run())
    assert len(heard) > 20 * BLOCK_SAMPLES
    assert np.all(np.diff(heard) > 0)
    assert end.receiver.counters.packets == 30
    assert len(end.speaker.played) == 30


def test_thread_sleeps_until_the_first_packet() -> None:
    end = OneEnd()
    end.speaker.needs_silence = False
    end.then()
    end.queue.put(raw(0), START_US)
    assert len(end.run()) == BLOCK_SAMPLES

    silent = OneEnd()
    silent.speaker.needs_silence = False
    silent.then()
    thread = Thread(target=silent.receiver.run)
    thread.start()
    silent.receiver.close()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert silent.speaker.waits == 0, "the loudspeaker was not asked"


def test_late_packets_that_arrive_together_are_played_in_order() -> None:
    end = OneEnd()
    for number in range(10):
        end.then(raw(number))
    for _ in range(9):
        end.then()
    end.then(*(raw(number) for number in range(10, 20)))
    for number in range(20, 40):
        end.then(raw(number))
    heard = unchanged(end.run())
    # Concealed sound in between resembles earlier sound.
    late = heard[heard > 10 * BLOCK_SAMPLES]
    assert np.all(np.diff(late) > 0)
    assert len(late[late <= 20 * BLOCK_SAMPLES]) > 8 * BLOCK_SAMPLES
    assert end.receiver.playout.counters.underruns == 1


def test_arrival_time_is_when_a_packet_was_queued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = OneEnd()
    queued: list[tuple[int, int]] = []

    def note(samples: Samples, pts_us: int, arrived_us: int) -> None:
        queued.append((pts_us - THEIRS_US - START_US, arrived_us - START_US))

    monkeypatch.setattr(end.receiver.playout, "put", note)
    end.then_without_room(raw(0))
    end.then_without_room(raw(1))
    end.then(raw(2))
    end.run()
    assert queued == [(0, 10_000), (10_000, 20_000), (20_000, 30_000)]


def test_nothing_is_decoded_without_room_for_a_block() -> None:
    end = OneEnd()
    end.then_without_room(raw(0, b"odd"))
    end.run()
    assert end.receiver.counters.packets == 0
    assert not end.speaker.played
    assert len(end.queue.take_all()) == 1


@pytest.mark.parametrize(
    ("codec", "payload"), [("pcm", b"odd"), ("opus", b"\xff" * 40), ("opus", b"")]
)
def test_packet_that_does_not_decode_is_counted_and_skipped(
    codec: SoundCodec, payload: bytes
) -> None:
    end = OneEnd(codec)
    packets = opus(40) if codec == "opus" else [raw(number) for number in range(40)]
    packets[15] = AudioPacket(15, packets[15].pts_us, payload)
    for packet in packets:
        end.then(packet)
    end.run()
    assert end.receiver.counters.packets == 40
    assert end.receiver.counters.refused == 1
    assert len(end.speaker.played) == 40
    assert all(level_dbfs(block) > -40 for block in end.speaker.played[-10:])


def test_silence_is_played_without_packets() -> None:
    end = OneEnd(None)
    end.then()
    end.then()
    assert not end.run().any()
    assert len(end.speaker.played) == 2


def test_sound_without_a_format_is_a_protocol_error() -> None:
    end = OneEnd(None)
    end.then(raw(0))
    with pytest.raises(ProtocolError):
        end.run()


def test_new_codec_holds_from_its_packet_on() -> None:
    end = OneEnd("pcm")
    end.formats.add(AudioFormat("opus", 12))
    packets = [*(raw(number) for number in range(12)), *opus(40)[12:]]
    for packet in packets:
        end.then(packet)
    end.run()
    assert end.receiver.counters.refused == 0
    assert all(level_dbfs(block) == pytest.approx(-26, abs=3) for block in end.speaker.played[-10:])


def test_repeated_format_keeps_the_decoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[SoundCodec] = []

    def open_and_note(codec: SoundCodec) -> SoundDecoder:
        opened.append(codec)
        return open_decoder(codec)

    monkeypatch.setattr(audio_receiver, "open_decoder", open_and_note)
    end = OneEnd("opus")
    end.formats.add(AudioFormat("opus", 5))
    for packet in opus(10):
        end.then(packet)
    end.run()
    assert opened == ["opus"]


def test_latency_is_from_capture_to_playback_on_our_clock() -> None:
    """The first sample of a block is its own number, so it gives the true time of capture."""
    end = OneEnd()
    for number in range(20):
        end.then(raw(number))
    end.run()
    truths_us = []
    for number, block in enumerate(end.speaker.played):
        if np.all(np.diff(block) == 1):
            heard_us = START_US + (number + 1) * BLOCK_US + LOUDSPEAKER_US
            truths_us.append(heard_us - START_US - samples_to_us(int(block[0]) - 1))
    assert len(truths_us) > 10
    assert end.receiver.counters.latency_us[-len(truths_us) :] == pytest.approx(truths_us, abs=1)
    assert end.asked_us[-1] == end.now_us


def test_silence_and_concealed_sound_have_no_latency() -> None:
    end = OneEnd()
    for _ in range(5):
        end.then()
    for number in range(10):
        end.then(raw(number))
    for _ in range(30):
        end.then()
    end.run()
    counted = len(end.receiver.counters.latency_us)
    assert 10 <= counted <= 12  # the blocks of the packets, and the edges beside them
    assert len(end.speaker.played) == 45


def test_latency_is_unknown_without_the_other_clock() -> None:
    end = OneEnd(is_clock_known=False)
    for number in range(10):
        end.then(raw(number))
    assert end.run().any()
    assert end.asked_us
    assert end.receiver.counters.latency_us == []


def test_loudspeaker_rests_at_the_end() -> None:
    end = OneEnd()
    end.then(raw(0))
    end.run()
    assert end.speaker.rests == 1


def test_loudspeaker_rests_after_an_error() -> None:
    end = OneEnd(None)
    end.then(raw(0))
    with pytest.raises(ProtocolError):
        end.run()
    assert end.speaker.rests == 1


def test_failed_loudspeaker_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    end = OneEnd()
    end.then()

    def fail(samples: Samples) -> None:
        raise OSError("gone")

    monkeypatch.setattr(end.speaker, "write", fail)
    with pytest.raises(OSError, match="gone"):
        end.run()
    assert end.speaker.rests == 1


def test_format_holds_from_its_packet_on() -> None:
    formats = AudioFormats()
    formats.add(AudioFormat("opus", 5))
    formats.add(AudioFormat("pcm", 10))
    assert [formats.find(sequence) for sequence in (5, 9, 10, 1_000)] == [
        *("opus", "opus", "pcm", "pcm")
    ]
    with pytest.raises(ProtocolError):
        formats.find(4)


def test_later_of_two_formats_for_one_packet_holds() -> None:
    formats = AudioFormats()
    formats.add(AudioFormat("opus", 5))
    formats.add(AudioFormat("pcm", 5))
    assert formats.find(5) == "pcm"


def test_codec_that_was_not_negotiated_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="codec"):
        AudioFormats().add(AudioFormat("mp3", 0))


def test_format_out_of_order_is_a_protocol_error() -> None:
    formats = AudioFormats()
    formats.add(AudioFormat("opus", 5))
    with pytest.raises(ProtocolError, match="order"):
        formats.add(AudioFormat("opus", 4))
    assert formats.find(5) == "opus"


def test_oldest_formats_are_forgotten() -> None:
    formats = AudioFormats()
    for number in range(KEPT_FORMATS + 2):
        formats.add(AudioFormat("opus", number))
    assert formats.find(2) == "opus"
    with pytest.raises(ProtocolError):
        formats.find(1)
