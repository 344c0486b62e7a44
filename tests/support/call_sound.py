"""The sound of one call on scripted devices, with a link that stores its messages unsent."""

from collections.abc import Callable

from call.live.call_audio import CallAudio
from call.live.local_audio import LocalAudio
from core.threads import Threads
from media.packet import AudioPacket
from media.sound.codec import open_decoder
from media.sound.microphone import Recorded
from media.sound.pcm import BLOCK_SAMPLES, BLOCK_US, Samples
from media.sound.settings import AudioSettings
from media.sound.sound_spec import DefaultDevice
from media.sound.speaker import SpeakerCounters
from media.sound.tone import tone_block
from net.link.link import Link
from net.link.outbox import Outbox
from net.link.tcp_info import RoundTrip
from net.protocol.audio_ladder import FIRST_CALM_US
from net.protocol.audio_message import encode_audio
from net.protocol.control import AudioFormat, Control
from net.protocol.framing import MessageParser
from tests.support.sent_messages import take_sent

START_US = 9_000_000
LARGE_BPS = 2_500_000
RAW = AudioSettings(echo_cancellation=False, noise_suppression=False, gain_control=False)


def climb(on_tick: Callable[[int], None], until_us: int) -> None:
    """Tick the ladder of audio bitrates up to its top."""
    for now_us in range(until_us - 3 * FIRST_CALM_US, until_us, FIRST_CALM_US // 4):
        on_tick(now_us)


class ScriptedMicrophone:
    """A microphone that records a given number of blocks of a tone; then the call ends."""

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


class ScriptedSpeaker:
    """A loudspeaker that requests a block after each step; then the call ends."""

    delay_us = 0
    needs_silence = True

    def __init__(self) -> None:
        self.counters = SpeakerCounters()
        self.steps: list[Callable[[], None]] = []
        self.on_end: Callable[[], None] = lambda: None

    def wait_room(self, timeout_s: float) -> bool:
        if not self.steps:
            self.on_end()
            return False
        self.steps.pop(0)()
        return True

    def write(self, samples: Samples) -> None:
        pass

    def pause(self) -> None:
        pass

    def close(self) -> None:
        pass


class ScriptedAudio(LocalAudio):
    """A user's own sound on the two devices above, which are always open."""

    def __init__(self, settings: AudioSettings, now_us: Callable[[], int]) -> None:
        super().__init__(DefaultDevice(), DefaultDevice(), settings, Threads(), now_us)
        self.scripted_microphone = ScriptedMicrophone()
        self.scripted_speaker = ScriptedSpeaker()

    @property
    def microphone(self) -> ScriptedMicrophone:
        return self.scripted_microphone

    @property
    def speaker(self) -> ScriptedSpeaker:
        return self.scripted_speaker


class UnsentLink(Link):
    """A link whose outbox nobody empties."""

    def __init__(self) -> None:
        self.outbox = Outbox()

    def read_round_trip(self) -> RoundTrip | None:
        return None


class SoundEnd:
    """One end of a call's sound. Its clock moves only with the steps."""

    def __init__(
        self, settings: AudioSettings = RAW, can_hear: tuple[str, ...] = ("opus", "pcm")
    ) -> None:
        self.now_us = START_US
        self.link = UnsentLink()
        self.own = ScriptedAudio(settings, lambda: self.now_us)
        self.sound = CallAudio(
            self.own,
            self.link,
            list(can_hear),
            lambda: self.now_us,
            to_local_us=lambda their_us, now_us: their_us,
        )
        climb(lambda now_us: self.sound.on_tick(now_us, LARGE_BPS), self.now_us)
        self.own.microphone.on_end = self.sound.close
        self.own.speaker.on_end = self.sound.close
        self.bodies = dict(self.sound.threads())
        self._sequence = 0

    def speak(self, blocks: int) -> list[Control | AudioPacket]:
        """Run the microphone thread to its end; return what it put into the outbox."""
        self.own.microphone.blocks = blocks
        self.bodies["microphone"]()
        return take_sent(self.link.outbox)

    def sent_packet_samples(self) -> int:
        """Speak; return the length of the first packet sent."""
        packets = [each for each in self.speak(12) if isinstance(each, AudioPacket)]
        return len(open_decoder("opus").decode(packets[0].payload))

    def then(self, step: Callable[[], None]) -> None:
        """Add a step."""
        self.own.speaker.steps.append(step)

    def then_blocks(self, count: int, *, arrive: bool = True) -> None:
        """Add steps of 10 ms, in each of which a block arrives, or is missing."""

        def step() -> None:
            self.now_us += BLOCK_US
            if arrive:
                self.sound.add_packet(payload_of(self._sequence), self.now_us)
                self._sequence += 1

        self.own.speaker.steps.extend([step] * count)

    def play(self) -> None:
        """Run the speaker thread to its end."""
        self.sound.add_format(AudioFormat("pcm", 0))
        self.bodies["speaker"]()


def payload_of(sequence: int) -> bytes:
    """Return the payload of a message with one block, captured 10 ms before it arrives."""
    block = tone_block(sequence * BLOCK_SAMPLES).astype("<i2").tobytes()
    parser = MessageParser()
    parser.feed(encode_audio(AudioPacket(sequence, START_US + sequence * BLOCK_US, block)))
    parsed = parser.next_message()
    assert parsed is not None
    return parsed.payload
