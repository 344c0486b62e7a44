"""Audio receiver: packets to sound, while the loudspeaker has room. Speaker thread.

    AudioPacketQueue --> decode --> JitterBuffer --> 10 ms --> the loudspeaker's ring

It waits for the loudspeaker alone. It decodes packets only when it needs a block, so that a packet
that arrives at the last moment is still used.
"""

import logging
from collections.abc import Callable

import msgspec
from msgspec import field

from call.live.audio_packet_queue import AudioPacketQueue
from call.live.format_timeline import FormatTimeline
from media.errors import CodecError
from media.sound.codec import SOUND_CODECS, SoundCodec, SoundDecoder, open_decoder
from media.sound.jitter_buffer import JitterBuffer
from media.sound.speaker import Speaker
from net.errors import ProtocolError
from net.protocol.control import AudioFormat

_log = logging.getLogger(__name__)

WAIT_S = 0.25
KEPT_FORMATS = 8


class AudioReceiveCounters(msgspec.Struct):
    """Written by the speaker thread alone; the statistics empty the list.

    Attributes:
        refused: packets that did not decode.
        latency_us: from the other microphone to our loudspeaker, for each block whose time of
            capture is known.
    """

    packets: int = 0
    refused: int = 0
    latency_us: list[int] = field(default_factory=list)


class AudioFormats:
    """The codecs that the other peer announced. Receive thread adds, speaker thread asks."""

    def __init__(self) -> None:
        self._timeline: FormatTimeline[SoundCodec] = FormatTimeline("sound", KEPT_FORMATS)

    def add(self, announced: AudioFormat) -> None:
        """Store a format.

        Raises:
            ProtocolError: we did not offer to decode it, or it is out of order.
        """
        codec = next((codec for codec in SOUND_CODECS if codec == announced.codec), None)
        if codec is None:
            raise ProtocolError("the other side announced a codec of sound that was not agreed on")
        self._timeline.add(announced.from_sequence, codec)

    def find(self, sequence: int) -> SoundCodec:
        """Return the codec of a packet.

        Raises:
            ProtocolError: none was announced for it.
        """
        return self._timeline.find(sequence)


class AudioReceiver:
    """Plays the sound of one call.

    Args:
        to_local_us: converts a time of the other peer's clock to ours; None while unknown.
    """

    def __init__(
        self,
        queue: AudioPacketQueue,
        formats: AudioFormats,
        speaker: Speaker,
        now_us: Callable[[], int],
        *,
        to_local_us: Callable[[int, int], int | None],
    ) -> None:
        self.counters = AudioReceiveCounters()
        self.playout = JitterBuffer()
        self._queue = queue
        self._formats = formats
        self._speaker = speaker
        self._now_us = now_us
        self._to_local_us = to_local_us
        self._codec: SoundCodec | None = None
        self._decoder: SoundDecoder | None = None
        self._is_closed = False

    def run(self) -> None:
        """Play until `close`. The body of the speaker thread.

        Raises:
            ProtocolError: sound came without its format.
        """
        try:
            while not self._is_closed:
                if not self._has_sound and not self._queue.wait(WAIT_S):
                    continue
                if self._speaker.wait_room(WAIT_S):
                    self._play()
        finally:
            self._speaker.pause()

    @property
    def _has_sound(self) -> bool:
        """True once there is something to play. Until then the thread sleeps."""
        return self.counters.packets > 0 or self._speaker.needs_silence

    def close(self) -> None:
        """End `run` soon. Any thread."""
        self._is_closed = True
        self._queue.close()

    def restart(self) -> None:
        """Discard the sound of the link before: another link has another delay. Call thread.

        The speaker thread finds another jitter buffer at its next block; the totals continue.
        """
        self._queue.take_all()
        playout = JitterBuffer()
        playout.counters = self.playout.counters
        playout.floor_us = self.playout.floor_us
        self.playout = playout

    def _play(self) -> None:
        playout = self.playout
        for packet, arrived_us in self._queue.take_all():
            self.counters.packets += 1
            try:
                samples = self._decoder_of(packet.sequence).decode(packet.payload)
            except CodecError as error:
                self.counters.refused += 1
                _log.debug("a sound packet was refused: %s", error.sentence)
            else:
                playout.put(samples, packet.pts_us, arrived_us)
        now_us = self._now_us()
        block = playout.take(now_us)
        heard_us = now_us + self._speaker.delay_us
        self._speaker.write(block)
        pts_us = playout.playing_pts_us
        captured_us = None if pts_us is None else self._to_local_us(pts_us, now_us)
        if captured_us is not None:
            self.counters.latency_us.append(heard_us - captured_us)

    def _decoder_of(self, sequence: int) -> SoundDecoder:
        codec = self._formats.find(sequence)
        if self._decoder is None or codec != self._codec:
            self._codec, self._decoder = codec, open_decoder(codec)
        return self._decoder
