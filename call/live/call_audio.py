"""Call audio: the sound of one call, both ways.

The call thread builds and ticks it; the receive thread hands over packets; two threads,
`microphone` and `speaker`, do the work.
"""

from collections.abc import Callable, Iterator
from functools import partial

from call.live.audio_packet_queue import AudioPacketQueue
from call.live.audio_receiver import AudioFormats, AudioReceiver
from call.live.audio_sender import AudioSender
from call.live.local_audio import LocalAudio
from call.live.packet_tap import PacketTap
from media.recording.tracks import Track
from media.sound.pcm import samples_to_us
from net.link.link import Link
from net.protocol.audio_ladder import AudioLadder
from net.protocol.audio_message import AudioStream
from net.protocol.control import AudioFormat
from net.protocol.negotiation import negotiate_audio
from ui.view import RemoteSound

_REMOTE = {"sent": RemoteSound.EXPECTED, "muted": RemoteSound.MUTED}


class CallAudio:
    """The sound of one call.

    Args:
        can_hear: the codecs that the other peer decodes.
        to_local_us: converts a time of the other peer's clock to ours; None while unknown.

    Attributes:
        remote: the sound that the other peer says it sends.
    """

    def __init__(
        self,
        own: LocalAudio,
        link: Link,
        can_hear: list[str],
        now_us: Callable[[], int],
        *,
        to_local_us: Callable[[int, int], int | None],
    ) -> None:
        self.remote = RemoteSound.EXPECTED
        self._own = own
        self._outbox = link.outbox
        self._dropped_before = 0
        self._stream = AudioStream()
        self._queue = AudioPacketQueue()
        self._formats = AudioFormats()
        self._ladder = AudioLadder(own.settings.bitrate_bps)
        self._voice = own.new_pipeline()
        self._microphone_changes = own.microphone_changes
        self._sender = AudioSender(
            own.microphone,
            link.outbox,
            now_us,
            voice=self._voice,
            codec=negotiate_audio(own.settings.codec, can_hear),
            ladder=self._ladder,
            is_muted=lambda: own.is_muted,
        )
        self._tap: PacketTap | None = None
        self._receiver = AudioReceiver(
            self._queue, self._formats, own.speaker, now_us, to_local_us=to_local_us
        )

    def threads(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the name and the body of each thread to start."""
        yield "microphone", self._sender.run
        yield "speaker", self._receiver.run

    def tap_into(self, tap: PacketTap) -> None:
        """Pass the packets of both directions to this tap too. Before the threads start."""
        self._tap = tap
        self._sender.on_packet = partial(tap.put_voice, Track.OWN_VOICE)

    # Receive thread.

    def add_packet(self, payload: bytes, now_us: int) -> None:
        """Queue the payload of an AUDIO message.

        Raises:
            ProtocolError: it is malformed, or comes before its format.
        """
        packet = self._stream.decode(payload)
        self._queue.put(packet, now_us)
        if self._tap is not None and self._tap.recorder is not None:
            self._tap.put_voice(Track.REMOTE_VOICE, packet, self._formats.find(packet.sequence))

    def add_format(self, announced: AudioFormat) -> None:
        """Store an announced format.

        Raises:
            ProtocolError: it was not agreed on.
        """
        self._formats.add(announced)

    # Call thread.

    def on_state(self, state: str) -> None:
        """Handle the other peer's sound state: `sent`, `muted` or `none`."""
        self.remote = _REMOTE.get(state, RemoteSound.NONE)
        self._receiver.playout.set_expected(state == "sent")

    def on_tick(self, now_us: int, target_bps: int) -> None:
        """Follow the target bitrate and the microphone; called about 20 times a second."""
        if self._microphone_changes != self._own.microphone_changes:
            self._microphone_changes = self._own.microphone_changes
            self._voice = self._own.new_pipeline()
            self._sender.use_voice(self._voice)
        dropped = self._outbox.dropped_audio - self._dropped_before
        self._ladder.on_tick(now_us, target_bps=target_bps, dropped=dropped)

    def move_to(self, link: Link) -> None:
        """Continue on another link, or on the old one that is back.

        Sequences, figures and devices go on; what was learnt of the link does not.
        """
        self._outbox = link.outbox
        self._dropped_before = link.outbox.dropped_audio
        self._ladder = AudioLadder(self._own.settings.bitrate_bps)
        self._sender.move_to(link.outbox, self._ladder)
        self._receiver.restart()

    def set_playout_floor(self, floor_ms: float) -> None:
        """Set the least playout delay: for lip sync, and for sound that waits behind pictures."""
        self._receiver.playout.floor_us = int(floor_ms * 1000)

    def close(self) -> None:
        """End both threads soon."""
        self._sender.close()
        self._receiver.close()

    # For statistics.

    @property
    def sent_bytes(self) -> int:
        """Encoded bytes put into the outbox since accept."""
        return self._sender.counters.payload_bytes

    @property
    def received_bytes(self) -> int:
        """Encoded bytes received since accept."""
        return self._stream.received_bytes

    @property
    def concealed_ms(self) -> float:
        """The sound concealed since accept, milliseconds."""
        playout, speaker = self._receiver.playout.counters, self._own.speaker.counters
        return samples_to_us(playout.concealed_samples + speaker.missed_samples) / 1000

    @property
    def underruns(self) -> int:
        """The number of times that the jitter buffer ran dry."""
        return self._receiver.playout.counters.underruns

    @property
    def playout_delay_ms(self) -> float | None:
        """The delay in the jitter buffer now, milliseconds; None while nothing plays."""
        playout = self._receiver.playout
        return None if playout.playing_pts_us is None else playout.delay_us / 1000

    @property
    def echo_return_loss_db(self) -> float | None:
        """The attenuation of the loudspeaker's echo in our sound; None while unknown."""
        return self._voice.echo_return_loss_db

    def take_latency_us(self) -> list[int]:
        """Return the latency of each block played since the last call."""
        counters = self._receiver.counters
        taken, counters.latency_us = counters.latency_us, []
        return taken
