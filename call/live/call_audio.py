"""Call audio: the sound of one call, both ways, and its step with the pictures.

The call thread makes and ticks it; the receive thread hands packets over; two threads, `microphone`
and `speaker`, do the work.
"""

from collections.abc import Callable, Iterator

from call.live.audio_packet_queue import AudioPacketQueue
from call.live.audio_receiver import AudioFormats, AudioReceiver
from call.live.audio_sender import AudioSender
from call.live.lip_sync import LipSync
from call.live.local_audio import LocalAudio
from core.call_statistics import CallStatistics
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
        self.lip_sync = LipSync()
        self._own = own
        self._link = link
        self._stream = AudioStream()
        self._inbox = AudioPacketQueue()
        self._formats = AudioFormats()
        self._ladder = AudioLadder(own.settings.bitrate_bps)
        self._voice = own.new_pipeline()
        self._sending = AudioSender(
            own.microphone,
            link.outbox,
            now_us,
            voice=self._voice,
            codec=negotiate_audio(own.settings.codec, can_hear),
            ladder=self._ladder,
            is_muted=lambda: own.is_muted,
        )
        self._receiving = AudioReceiver(
            self._inbox, self._formats, own.speaker, now_us, to_local_us=to_local_us
        )

    def threads(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the name and the body of each thread to start."""
        yield "microphone", self._sending.run
        yield "speaker", self._receiving.run

    # Receive thread.

    def take_packet(self, payload: bytes, now_us: int) -> None:
        """Queue the payload of an AUDIO message.

        Raises:
            ProtocolError: it is malformed.
        """
        self._inbox.put(self._stream.decode(payload), now_us)

    def take_format(self, announced: AudioFormat) -> None:
        """Store an announced format.

        Raises:
            ProtocolError: it was not agreed on.
        """
        self._formats.add(announced)

    # Call thread.

    def take_state(self, state: str) -> None:
        """Handle the other peer's sound state: `sent`, `muted` or `none`."""
        self.remote = _REMOTE.get(state, RemoteSound.NONE)
        self._receiving.playout.set_expected(state == "sent")

    def on_tick(self, now_us: int, target_bps: int) -> None:
        """Follow the target bitrate; called a few times a second."""
        self._ladder.on_tick(now_us, target_bps=target_bps, dropped=self._link.outbox.dropped_audio)

    def keep_in_step(self, second: CallStatistics) -> int:
        """Update lip sync from the last second; return how long pictures are held back, us."""
        shown_ms = [second.video_shown_latency_p50_ms, second.video_shown_latency_p95_ms]
        if None in shown_ms:
            decoded_ms = (second.video_in_latency_p50_ms, second.video_in_latency_p95_ms)
            hold_ms = self.lip_sync.hold_ms
            shown_ms = [None if each is None else each + hold_ms for each in decoded_ms]
        self.lip_sync.on_second(
            video_ms=shown_ms[0],
            late_video_ms=shown_ms[1],
            audio_ms=second.audio_in_latency_ms,
            playout_ms=second.playout_delay_ms,
        )
        self._receiving.playout.floor_us = int(self.lip_sync.floor_ms * 1000)
        return int(self.lip_sync.hold_ms * 1000)

    def close(self) -> None:
        """Let both threads end soon."""
        self._sending.close()
        self._receiving.close()

    # For statistics.

    @property
    def sent_bytes(self) -> int:
        """Encoded bytes put into the outbox since accept."""
        return self._sending.counters.payload_bytes

    @property
    def received_bytes(self) -> int:
        """Encoded bytes received since accept."""
        return self._stream.received_bytes

    @property
    def concealed_ms(self) -> float:
        """How much sound was concealed since accept."""
        playout, speaker = self._receiving.playout.counters, self._own.speaker.counters
        return samples_to_us(playout.concealed_samples + speaker.missed_samples) / 1000

    @property
    def underruns(self) -> int:
        """How often the jitter buffer ran dry."""
        return self._receiving.playout.counters.underruns

    @property
    def playout_delay_ms(self) -> float | None:
        """How long sound waits in the jitter buffer now; None while nothing plays."""
        playout = self._receiving.playout
        return None if playout.playing_pts_us is None else playout.delay_us / 1000

    @property
    def echo_return_loss_db(self) -> float | None:
        """How much weaker the loudspeaker's echo is sent back; None while unknown."""
        return self._voice.echo_return_loss_db

    @property
    def hold_ms(self) -> float:
        """How long each picture is held back, so that lips are in step."""
        return self.lip_sync.hold_ms

    def take_latency_us(self) -> list[int]:
        """Return the latency of each block played since the last call."""
        counters = self._receiving.counters
        taken, counters.latency_us = counters.latency_us, []
        return taken
