"""Audio codecs: sound to the bytes of packets and back. Microphone and speaker threads.

Opus (RFC 6716) is used in its voice mode. The second codec is raw PCM: 16-bit little-endian
samples. Both decode to mono at 48 kHz.
"""

from typing import Literal, Protocol

import av
import numpy as np
from av import AudioFrame, Packet
from av.audio.codeccontext import AudioCodecContext

from media.errors import CodecError
from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples, samples_to_us

SoundCodec = Literal["opus", "pcm"]
SOUND_CODECS: tuple[SoundCodec, ...] = ("opus", "pcm")
"""In order of preference."""

MAX_PACKET_SAMPLES = 12 * BLOCK_SAMPLES
"""120 ms, the longest that Opus can hold (RFC 6716, 3.2.5)."""
PACKET_BLOCKS = (1, 2, 4, 6)
"""The lengths of Opus frames in blocks: 10, 20, 40, 60 ms."""
PRE_SKIP_SAMPLES = 312
"""The delay of libopus from encoder to decoder, for voice at 48 kHz; measured."""


class SoundEncoder(Protocol):
    """An encoder of packets of a fixed length."""

    @property
    def delay_us(self) -> int:
        """The delay from encoder to decoder, in microseconds."""
        ...

    def encode(self, samples: Samples) -> bytes: ...


class SoundDecoder(Protocol):
    """A decoder of packets of any length. Raises CodecError for sound that is not allowed."""

    def decode(self, payload: bytes) -> Samples: ...


def open_encoder(codec: SoundCodec, bitrate_bps: int, packet_blocks: int) -> SoundEncoder:
    """Return a new encoder. Another rate or packet length needs another encoder of libopus.

    Args:
        packet_blocks: blocks of 10 ms per packet, one of `PACKET_BLOCKS`.
    """
    return OpusEncoder(bitrate_bps, packet_blocks) if codec == "opus" else PcmEncoder()


def open_decoder(codec: SoundCodec) -> SoundDecoder:
    """Return a decoder, which keeps working when the encoder is replaced."""
    return OpusDecoder() if codec == "opus" else PcmDecoder()


class OpusEncoder:
    """Opus for voice, with packets of a fixed length."""

    def __init__(self, bitrate_bps: int, packet_blocks: int) -> None:
        context = av.CodecContext.create("libopus", "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = SAMPLE_RATE_HZ
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = bitrate_bps
        # Plain VBR allows packets of three times the mean, too large for a small link.
        context.options = {
            "application": "voip",
            "frame_duration": str(10 * packet_blocks),
            "vbr": "constrained",
        }
        context.open()
        self._context = context
        self._samples = packet_blocks * BLOCK_SAMPLES

    @property
    def delay_us(self) -> int:
        """The delay from encoder to decoder, in microseconds."""
        return samples_to_us(PRE_SKIP_SAMPLES)

    def encode(self, samples: Samples) -> bytes:
        """Return the packet of exactly as many samples as the encoder was opened for."""
        if len(samples) != self._samples:
            raise ValueError(f"{len(samples)} samples for packets of {self._samples}")
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        return b"".join(bytes(packet) for packet in self._context.encode(frame))


class OpusDecoder:
    """Opus of any bitrate and packet length."""

    def __init__(self) -> None:
        self._context = self._open()

    def _open(self) -> AudioCodecContext:
        context = av.CodecContext.create("libopus", "r")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate = SAMPLE_RATE_HZ
        context.layout = "mono"
        return context

    def decode(self, payload: bytes) -> Samples:
        """Return the samples of a packet.

        Raises:
            CodecError: it is not Opus, or longer than `MAX_PACKET_SAMPLES`.
        """
        if not payload:  # PyAV would treat it as the end of the stream.
            raise CodecError("A packet of sound is empty")
        try:
            frames = self._context.decode(Packet(payload))
        except (av.FFmpegError, ValueError) as error:
            # The bad packet left this decoder in an unknown state.
            self._context = self._open()
            raise CodecError("A packet of sound is not Opus") from error
        parts = [_mono(frame) for frame in frames]
        samples: Samples = parts[0] if len(parts) == 1 else np.concatenate([_NOTHING, *parts])
        if not 0 < len(samples) <= MAX_PACKET_SAMPLES:
            raise CodecError(f"A packet of sound holds {len(samples)} samples")
        return samples


_NOTHING: Samples = np.zeros(0, np.int16)


def _mono(frame: AudioFrame) -> Samples:
    if frame.format.name != "s16" or len(frame.layout.channels) != 1:
        raise CodecError("A packet of sound is not mono")
    return np.asarray(frame.to_ndarray().reshape(-1), np.int16)


class PcmEncoder:
    """Raw samples."""

    delay_us = 0

    def encode(self, samples: Samples) -> bytes:
        """Return the bytes of the samples."""
        return samples.astype("<i2", copy=False).tobytes()


class PcmDecoder:
    """Raw samples."""

    def decode(self, payload: bytes) -> Samples:
        """Return the samples.

        Raises:
            CodecError: no samples, half a sample, or more than `MAX_PACKET_SAMPLES`.
        """
        if len(payload) % 2 or not 0 < len(payload) // 2 <= MAX_PACKET_SAMPLES:
            raise CodecError(f"A packet of raw sound has {len(payload)} bytes")
        return np.frombuffer(payload, "<i2").astype(np.int16, copy=False)
