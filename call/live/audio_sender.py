"""Audio sender: blocks of 10 ms, cleaned up, to packets in the outbox. Microphone thread.

    the microphone's ring --> clean-up (with the loudspeaker's sound) --> encode --> Outbox

While muted it still reads the microphone, to warn a user who speaks; it encodes nothing.
"""

import logging
from collections.abc import Callable

import msgspec
import numpy as np

from media.packet import AudioPacket
from media.sound.codec import SoundCodec, SoundEncoder, open_encoder
from media.sound.microphone import Microphone, Recorded
from media.sound.microphone_pipeline import MicrophonePipeline
from media.sound.pcm import Samples
from net.link.outbox import Outbox
from net.protocol.audio_ladder import AudioLadder, Rung
from net.protocol.audio_message import encode_audio
from net.protocol.control import AudioFormat, SoundState, encode_control

_log = logging.getLogger(__name__)

READ_S = 0.25


class AudioSendCounters(msgspec.Struct):
    """Written by the microphone thread alone."""

    packets: int = 0
    payload_bytes: int = 0


class AudioSender:
    """Sends the local sound of one call.

    Args:
        microphone: the source of blocks; those from before the call are dropped.
        voice: cleans up a block.
        codec: the codec that both peers agreed on; None if the other peer plays no sound.
    """

    def __init__(
        self,
        microphone: Microphone,
        outbox: Outbox,
        now_us: Callable[[], int],
        *,
        voice: MicrophonePipeline,
        codec: SoundCodec | None,
        ladder: AudioLadder,
        is_muted: Callable[[], bool],
    ) -> None:
        self.counters = AudioSendCounters()
        self.on_packet: Callable[[AudioPacket, SoundCodec], None] | None = None
        """Called by the microphone thread with each packet that it sends, and its codec."""
        self._microphone = microphone
        self._outbox = outbox
        self._now_us = now_us
        self._voice = voice
        self._codec = codec
        self._ladder = ladder
        self._is_muted = is_muted
        self._state = ""
        self._rung: Rung | None = None
        self._encoder: SoundEncoder | None = None
        self._pending: list[Samples] = []
        self._pending_us = 0
        self._sequence = 0
        self._next_voice: MicrophonePipeline | None = None
        self._next_link: tuple[Outbox, AudioLadder] | None = None
        self._is_closed = False

    def run(self) -> None:
        """Send until `close`. The body of the microphone thread."""
        self._microphone.forget()
        self._send_state()
        while not self._is_closed:
            recorded = self._microphone.read(READ_S)
            self._follow_link()
            self._follow_voice()
            self._send_state()
            if recorded is None:
                self._pending.clear()
            else:
                self._process(recorded)

    def close(self) -> None:
        """End `run` soon. Any thread."""
        self._is_closed = True

    def move_to(self, outbox: Outbox, ladder: AudioLadder) -> None:
        """Send to the outbox of another link from now on, state and format first. Any thread."""
        self._next_link = outbox, ladder

    def use_voice(self, voice: MicrophonePipeline) -> None:
        """Clean up with another pipeline from now on, for another microphone. Any thread."""
        self._next_voice = voice

    def _follow_voice(self) -> None:
        voice, self._next_voice = self._next_voice, None
        if voice is not None:
            voice.forget()
            self._voice = voice

    def _follow_link(self) -> None:
        link, self._next_link = self._next_link, None
        if link is not None:
            self._outbox, self._ladder = link
            self._state = ""
            self._rung = None
            self._pending.clear()

    def _send_state(self) -> None:
        if self._microphone.is_opening:
            return
        if self._codec is None or not self._microphone.is_live:
            state = "none"
        else:
            state = "muted" if self._is_muted() else "sent"
        if state != self._state:
            self._state = state
            if state != "sent":
                self._outbox.clear_audio()
                self._pending.clear()
            if not self._microphone.is_live:
                self._voice.forget()
            self._outbox.put_control(encode_control(SoundState(state)))

    def _process(self, recorded: Recorded) -> None:
        samples = self._voice.process(recorded, self._microphone.backlog_samples)
        if self._state != "sent" or self._codec is None:
            return
        if not self._pending:
            self._pending_us = recorded.captured_us
            self._follow_ladder(self._codec)
        self._pending.append(samples)
        assert self._rung is not None
        if len(self._pending) == self._rung.packet_blocks:
            self._send()

    def _follow_ladder(self, codec: SoundCodec) -> None:
        rung = self._ladder.rung
        if rung == self._rung:
            return
        if self._rung is None:
            announced = AudioFormat(codec, self._sequence)
            self._outbox.put_control(encode_control(announced))
        _log.debug("sound at %d bit/s in %d0 ms", rung.bitrate_bps, rung.packet_blocks)
        self._rung = rung
        self._encoder = open_encoder(codec, rung.bitrate_bps, rung.packet_blocks)

    def _send(self) -> None:
        assert self._encoder is not None
        pending = self._pending
        payload = self._encoder.encode(pending[0] if len(pending) == 1 else np.concatenate(pending))
        self._pending = []
        pts_us = max(0, self._pending_us - self._voice.delay_us - self._encoder.delay_us)
        packet = AudioPacket(self._sequence, pts_us, payload)
        self._sequence += 1
        self.counters.packets += 1
        self.counters.payload_bytes += len(payload)
        # Checked again: once the user is muted, no further packet goes out.
        if not self._is_muted():
            self._outbox.put_audio(encode_audio(packet), self._now_us())
            if self.on_packet is not None and self._codec is not None:
                self.on_packet(packet, self._codec)
