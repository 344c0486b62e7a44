"""call/live/call_audio.py: both ways of a call's sound, told and asked from the call thread."""

from collections.abc import Callable

import pytest

from call.live import local_audio
from call.live.call_audio import CallAudio
from call.live.lip_sync import RISE_S
from call.live.local_audio import LocalAudio
from core.call_statistics import CallState, CallStatistics
from core.threads import Threads
from media.packet import AudioPacket
from media.sound.codec import open_decoder
from media.sound.microphone import Recorded
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples
from media.sound.settings import AudioSettings
from media.sound.sound_spec import DefaultDevice
from media.sound.speaker import SpeakerCounters
from media.sound.tone import tone_block
from net.errors import ProtocolError
from net.link.link import Link
from net.link.outbox import MAX_AUDIO_AGE_US, Outbox
from net.protocol.audio_message import encode_audio
from net.protocol.control import AudioFormat, Control, SoundState
from net.protocol.framing import MessageParser
from tests.support.sent_messages import take_sent
from ui.view import RemoteSound

START_US = 9_000_000
ENOUGH_BPS = 3_000_000
RAW = AudioSettings(echo_cancellation=False, noise_suppression=False, gain_control=False)


class FakeMicrophone:
    """Gives so many blocks of a tone, and then the call is over."""

    is_live = True
    is_opening = False
    backlog_samples = 0

    def __init__(self) -> None:
        self.blocks = 0
        self.on_end: Callable[[], None] = lambda: None
        self._reads = 0

    def read(self, timeout_s: float) -> Recorded | None:
        if self._reads == self.blocks:
            self.on_end()
            return None
        self._reads += 1
        first = (self._reads - 1) * BLOCK_SAMPLES
        return Recorded(tone_block(first), START_US + self._reads * BLOCK_US)

    def forget(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeSpeaker:
    """Wants a block for each step, and then the call is over."""

    delay_us = 0

    def __init__(self, steps: list[Callable[[], None]]) -> None:
        self.counters = SpeakerCounters()
        self.on_end: Callable[[], None] = lambda: None
        self._steps = steps

    def wait_room(self, timeout_s: float) -> bool:
        if not self._steps:
            self.on_end()
            return False
        self._steps.pop(0)()
        return True

    def write(self, samples: Samples) -> None:
        pass

    def pause(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeDevices:
    """The two above, as a computer's."""

    problems = ()

    def __init__(self, *specs: object, **callbacks: object) -> None:
        self.steps: list[Callable[[], None]] = []
        self.microphone = FakeMicrophone()
        self.speaker = FakeSpeaker(self.steps)
        opened.append(self)

    def run(self) -> None:
        pass

    def close(self) -> None:
        pass


opened: list[FakeDevices] = []


class Unsent(Link):
    """A link whose outbox nobody empties."""

    def __init__(self) -> None:
        self.outbox = Outbox()


class OneEnd:
    """A call's sound on fake devices, with a link that only keeps what is to be sent."""

    def __init__(
        self, settings: AudioSettings = RAW, can_hear: tuple[str, ...] = ("opus", "pcm")
    ) -> None:
        self.now_us = START_US
        self.link = Unsent()
        self.own = LocalAudio(
            DefaultDevice(), DefaultDevice(), settings, Threads(), lambda: self.now_us
        )
        self.own.start()
        self.devices = opened[-1]
        self.sound = CallAudio(
            self.own,
            self.link,
            list(can_hear),
            lambda: self.now_us,
            to_local_us=lambda their_us, now_us: their_us,
        )
        self.devices.microphone.on_end = self.sound.close
        self.devices.speaker.on_end = self.sound.close
        self.bodies = dict(self.sound.threads())
        self._sequence = 0

    def speak(self, blocks: int) -> list[Control | AudioPacket]:
        """Let the microphone's thread run to its end; return what it put into the outbox."""
        self.devices.microphone.blocks = blocks
        self.bodies["microphone"]()
        return take_sent(self.link.outbox)

    def packet_samples(self) -> int:
        """Return how long the packets are that leave."""
        packets = [each for each in self.speak(12) if isinstance(each, AudioPacket)]
        return len(open_decoder("opus").decode(packets[0].payload))

    def then(self, blocks: int, *, sounds: bool = True) -> None:
        """Let so much time pass, in which the other side's sound comes or does not."""

        def step() -> None:
            self.now_us += BLOCK_US
            if sounds:
                self.sound.take_packet(payload_of(self._sequence), self.now_us)
                self._sequence += 1

        self.devices.steps.extend([step] * blocks)

    def listen(self) -> None:
        """Let the loudspeaker's thread run to its end."""
        self.sound.take_format(AudioFormat("pcm", 0))
        self.bodies["speaker"]()


@pytest.fixture(autouse=True)
def _fake_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    opened.clear()
    monkeypatch.setattr(local_audio, "SoundDevices", FakeDevices)


def payload_of(sequence: int) -> bytes:
    """Return a block as it comes in a message; it was captured 10 ms before it came."""
    block = tone_block(sequence * BLOCK_SAMPLES).astype("<i2").tobytes()
    message = encode_audio(AudioPacket(sequence, START_US + sequence * BLOCK_US, block))
    parser = MessageParser()
    parser.feed(message)
    parsed = parser.next_message()
    assert parsed is not None
    return parsed.payload


def line(
    *,
    shown: tuple[float | None, float | None] = (None, None),
    decoded: tuple[float | None, float | None] = (None, None),
    audio: float | None,
    playout: float | None = 20.0,
) -> CallStatistics:
    """Return a second's figures, the median and the 95th percentile of each."""
    return CallStatistics(
        t_s=1.0,
        state=CallState.CALL,
        peer="Bob",
        video_shown_latency_p50_ms=shown[0],
        video_shown_latency_p95_ms=shown[1],
        video_in_latency_p50_ms=decoded[0],
        video_in_latency_p95_ms=decoded[1],
        audio_in_latency_ms=audio,
        playout_delay_ms=playout,
    )


# Threads.


def test_it_has_a_thread_for_each_direction_and_both_end() -> None:
    end = OneEnd()
    assert list(end.bodies) == ["microphone", "speaker"]
    end.sound.close()
    for body in end.bodies.values():
        body()


# What is sent.


def test_what_the_microphone_gives_is_sent_and_counted() -> None:
    end = OneEnd()
    came = end.speak(10)
    assert came[:2] == [SoundState("sent"), AudioFormat("opus", 0)]
    packets = [each for each in came if isinstance(each, AudioPacket)]
    assert len(packets) == 10
    assert end.sound.sent_bytes == sum(len(packet.payload) for packet in packets)


def test_who_is_muted_sends_nothing() -> None:
    end = OneEnd()
    end.own.is_muted = True
    assert end.speak(10) == [SoundState("muted")]
    assert end.sound.sent_bytes == 0


@pytest.mark.parametrize(
    ("wanted", "can_hear", "used"),
    [
        ("opus", ("opus", "pcm"), "opus"),
        ("pcm", ("opus", "pcm"), "pcm"),
        ("opus", ("later", "pcm"), "pcm"),
    ],
)
def test_the_codec_is_the_setting_if_the_other_side_hears_it(
    wanted: str, can_hear: tuple[str, ...], used: str
) -> None:
    settings = AudioSettings(codec="pcm" if wanted == "pcm" else "opus", noise_suppression=False)
    assert OneEnd(settings, can_hear).speak(2)[1] == AudioFormat(used, 0)


def test_to_who_hears_no_codec_of_ours_nothing_is_sent() -> None:
    assert OneEnd(can_hear=("later",)).speak(5) == [SoundState("none")]


def test_the_bitrate_is_the_settings() -> None:
    sent_bytes = []
    for bitrate_bps in (8_000, 128_000):
        end = OneEnd(AudioSettings(bitrate_bps=bitrate_bps, noise_suppression=False))
        end.speak(50)
        sent_bytes.append(end.sound.sent_bytes)
    assert sent_bytes[1] > 2 * sent_bytes[0]


def test_on_a_free_link_packets_stay_short() -> None:
    end = OneEnd()
    for tick in range(5):
        end.sound.on_tick(START_US + tick, ENOUGH_BPS)
    assert end.packet_samples() == BLOCK_SAMPLES


def test_packets_get_longer_on_a_small_link() -> None:
    end = OneEnd()
    end.sound.on_tick(START_US, 500_000)
    assert end.packet_samples() == 2 * BLOCK_SAMPLES


def test_packets_get_longer_where_sound_was_dropped() -> None:
    end = OneEnd()
    end.sound.on_tick(START_US, ENOUGH_BPS)
    end.link.outbox.put_audio(b"old", START_US)
    end.link.outbox.put_audio(b"new", START_US + MAX_AUDIO_AGE_US + 1)
    end.link.outbox.forget_audio()
    end.sound.on_tick(START_US + 100_000, ENOUGH_BPS)
    assert end.packet_samples() == 2 * BLOCK_SAMPLES


# What comes.


@pytest.mark.parametrize(
    ("state", "remote"),
    [
        ("sent", RemoteSound.EXPECTED),
        ("muted", RemoteSound.MUTED),
        ("none", RemoteSound.NONE),
        ("a later one", RemoteSound.NONE),
    ],
)
def test_what_the_other_side_says_of_its_sound_is_known(state: str, remote: RemoteSound) -> None:
    end = OneEnd()
    assert end.sound.remote == RemoteSound.EXPECTED
    end.sound.take_state(state)
    assert end.sound.remote == remote
    end.sound.take_state("sent")
    assert end.sound.remote == RemoteSound.EXPECTED


def test_sound_that_comes_is_counted_and_played() -> None:
    end = OneEnd()
    end.then(30)
    end.listen()
    assert end.sound.received_bytes == 30 * BLOCK_SAMPLES * 2
    assert (end.sound.underruns, end.sound.concealed_ms) == (0, 0)
    assert end.sound.playout_delay_ms is not None
    latency_us = end.sound.take_latency_us()
    assert 20 < len(latency_us) <= 30
    assert all(0 < each < 100_000 for each in latency_us)
    assert end.sound.take_latency_us() == []


def test_nothing_is_known_of_the_delay_before_sound_comes() -> None:
    end = OneEnd()
    end.then(10, sounds=False)
    end.listen()
    assert end.sound.playout_delay_ms is None
    assert end.sound.take_latency_us() == []


def test_what_cannot_be_sound_is_an_error() -> None:
    end = OneEnd()
    with pytest.raises(ProtocolError):
        end.sound.take_packet(b"short", START_US)
    end.sound.take_packet(payload_of(5), START_US)
    with pytest.raises(ProtocolError):
        end.sound.take_packet(payload_of(5), START_US)
    with pytest.raises(ProtocolError):
        end.sound.take_format(AudioFormat("mp3", 0))


def test_sound_that_fails_to_come_is_an_underrun() -> None:
    end = OneEnd()
    end.sound.take_state("sent")
    end.then(20)
    end.then(20, sounds=False)
    end.listen()
    assert end.sound.underruns == 1
    assert end.sound.concealed_ms > 100
    assert end.sound.playout_delay_ms is None


@pytest.mark.parametrize("state", ["muted", "none", "a later one"])
def test_sound_that_was_ended_on_purpose_is_no_underrun(state: str) -> None:
    end = OneEnd()
    end.then(20)
    end.devices.steps.append(lambda: end.sound.take_state(state))
    end.then(20, sounds=False)
    end.listen()
    assert (end.sound.underruns, end.sound.concealed_ms) == (0, 0)


def test_what_the_loudspeaker_missed_was_made_up_too() -> None:
    end = OneEnd()
    end.then(20)
    end.then(20, sounds=False)
    end.listen()
    by_playout_ms = end.sound.concealed_ms
    assert by_playout_ms > 0
    end.devices.speaker.counters.missed_samples = 720
    assert end.sound.concealed_ms == pytest.approx(by_playout_ms + 15)


def test_without_a_canceller_no_return_loss_is_told() -> None:
    end = OneEnd()
    end.speak(5)
    assert end.sound.echo_return_loss_db is None


# In step with the pictures.


def keep_in_step(end: OneEnd, figures: CallStatistics) -> int:
    """Tell the same figures until they count, and return what comes of it."""
    for _ in range(RISE_S - 1):
        assert end.sound.keep_in_step(figures) == 0
    return end.sound.keep_in_step(figures)


def test_pictures_wait_for_late_sound_by_what_the_window_shows() -> None:
    end = OneEnd()
    figures = line(shown=(10.0, 12.0), decoded=(5.0, 6.0), audio=250.0)
    # 110 ms of it need not be made up for.
    assert keep_in_step(end, figures) == 130_000
    assert end.sound.hold_ms == 130.0


def test_once_they_wait_they_are_shown_later_and_wait_no_longer_for_that() -> None:
    end = OneEnd()
    assert keep_in_step(end, line(shown=(10.0, 12.0), audio=250.0)) == 130_000
    assert end.sound.keep_in_step(line(shown=(140.0, 142.0), audio=250.0)) == 130_000


def test_without_a_window_decoded_pictures_count_as_if_they_were_shown() -> None:
    end = OneEnd()
    figures = line(decoded=(10.0, 12.0), audio=250.0)
    assert keep_in_step(end, figures) == 130_000
    assert end.sound.keep_in_step(figures) == 130_000


@pytest.mark.parametrize(
    "figures",
    [
        line(audio=250.0),
        line(shown=(10.0, 12.0), audio=None),
        line(shown=(10.0, 12.0), audio=250.0, playout=None),
    ],
)
def test_where_one_of_the_two_is_missing_nothing_waits(figures: CallStatistics) -> None:
    end = OneEnd()
    keep_in_step(end, line(shown=(10.0, 12.0), audio=250.0))
    assert end.sound.keep_in_step(figures) == 0
    assert end.sound.hold_ms == 0


@pytest.mark.parametrize(
    "figures",
    [
        line(shown=(20.0, 150.0), decoded=(5.0, 6.0), audio=60.0),
        line(decoded=(20.0, 150.0), audio=60.0),
    ],
)
def test_sound_waits_in_the_jitter_buffer_for_the_late_pictures(figures: CallStatistics) -> None:
    delays_ms = []
    for is_told in (False, True):
        end = OneEnd()
        if is_told:
            assert keep_in_step(end, figures) == 0
        end.then(300)
        end.listen()
        assert end.sound.playout_delay_ms is not None
        delays_ms.append(end.sound.playout_delay_ms)
    assert delays_ms[0] < 40
    # 150 ms against 60, of which 20 are its own wait, and 30 too early do no harm.
    assert delays_ms[1] == pytest.approx(80, abs=3)
