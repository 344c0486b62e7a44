"""Audio receiver: packets to sound, whenever the loudspeaker wants a block. Speaker thread.

    AudioPacketQueue --> decode --> JitterBuffer --> 10 ms --> the loudspeaker's ring

It waits for the loudspeaker alone. Packets are decoded when they are looked for, so that what came
until the last moment counts.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from call.live.audio_packet_queue import AudioPacketQueue
from media.errors import CodecError
from media.sound.codec import SOUND_CODECS, SoundCodec, SoundDecoder, open_decoder
from media.sound.jitter_buffer import JitterBuffer
from media.sound.speaker import Speaker
from net.errors import ProtocolError
from net.protocol.control import AudioFormat

_log = logging.getLogger(__name__)

WAIT_S = 0.25
KEPT_FORMATS = 8


@dataclass(slots=True)
class AudioReceiveCounters:
    """Written by the speaker thread alone; statistics takes the list away each second.

    Attributes:
        latency_us: from the other side's microphone to our loudspeaker, block by block, of those
            whose time is known.
        refused: packets that were no sound.
    """

    packets: int = 0
    refused: int = 0
    latency_us: list[int] = field(default_factory=list)


class AudioFormats:
    """What the other side said its sound is: the receive thread adds, the speaker thread asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._formats: list[tuple[int, SoundCodec]] = []

    def add(self, announced: AudioFormat) -> None:
        """Note what holds from a packet on.

        Raises:
            ProtocolError: it is not what we said we decode, or it goes back in time.
        """
        codec = next((codec for codec in SOUND_CODECS if codec == announced.codec), None)
        if codec is None:
            raise ProtocolError("the other side announced a codec of sound that was not agreed on")
        with self._lock:
            if self._formats and announced.from_sequence < self._formats[-1][0]:
                raise ProtocolError("the other side announced a sound format out of order")
            kept = self._formats[1 - KEPT_FORMATS :]
            self._formats = [*kept, (announced.from_sequence, codec)]

    def of(self, sequence: int) -> SoundCodec:
        """Return the codec of a packet.

        Raises:
            ProtocolError: nothing was announced for it.
        """
        with self._lock:
            for from_sequence, codec in reversed(self._formats):
                if from_sequence <= sequence:
                    return codec
        raise ProtocolError("sound came before its format")


class AudioReceiver:
    """One call's sound of the other side.

    Args:
        to_local_us: the other side's clock to ours; None while unknown.
    """

    def __init__(
        self,
        inbox: AudioPacketQueue,
        formats: AudioFormats,
        speaker: Speaker,
        now_us: Callable[[], int],
        *,
        to_local_us: Callable[[int, int], int | None],
    ) -> None:
        self.counters = AudioReceiveCounters()
        self.playout = JitterBuffer()
        self._inbox = inbox
        self._formats = formats
        self._speaker = speaker
        self._now_us = now_us
        self._to_local_us = to_local_us
        self._codec: SoundCodec | None = None
        self._decoder: SoundDecoder | None = None
        self._is_closed = False

    def run(self) -> None:
        """Play until it is closed. The body of the speaker thread.

        Raises:
            ProtocolError: sound came that was not announced.
        """
        try:
            while not self._is_closed:
                if self._speaker.wait_room(WAIT_S):
                    self._play()
        finally:
            self._speaker.rest()

    def close(self) -> None:
        """Let `run` return soon."""
        self._is_closed = True

    def _play(self) -> None:
        for packet, arrived_us in self._inbox.take_all():
            self.counters.packets += 1
            try:
                samples = self._decoder_of(packet.sequence).decode(packet.payload)
            except CodecError as error:
                self.counters.refused += 1
                _log.debug("a packet of sound was refused: %s", error.sentence)
            else:
                self.playout.put(samples, packet.pts_us, arrived_us)
        now_us = self._now_us()
        block = self.playout.take(now_us)
        heard_us = now_us + self._speaker.delay_us
        self._speaker.write(block)
        pts_us = self.playout.playing_pts_us
        captured_us = None if pts_us is None else self._to_local_us(pts_us, now_us)
        if captured_us is not None:
            self.counters.latency_us.append(heard_us - captured_us)

    def _decoder_of(self, sequence: int) -> SoundDecoder:
        codec = self._formats.of(sequence)
        if self._decoder is None or codec != self._codec:
            self._codec, self._decoder = codec, open_decoder(codec)
        return self._decoder
