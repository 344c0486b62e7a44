"""media/sound/codec.py: Opus and raw samples; any bytes decode to sound or raise an error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.errors import CodecError
from media.sound.codec import (
    MAX_PACKET_SAMPLES,
    PACKET_BLOCKS,
    PRE_SKIP_SAMPLES,
    SOUND_CODECS,
    OpusEncoder,
    open_decoder,
    open_encoder,
)
from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples, samples_to_us


def voice_like(seconds: float) -> Samples:
    """Return the harmonics of a varying pitch, like a vowel."""
    t = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    phase = 2 * np.pi * (140 * t + 8 * np.sin(2 * np.pi * 0.7 * t))
    wave = sum(np.sin(k * phase) / k for k in range(1, 12))
    loudness = 5_000 * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    samples: Samples = np.asarray(loudness * wave, np.int16)
    return samples


def spectrogram(samples: Samples) -> NDArray[np.float64]:
    """Return magnitudes up to 4 kHz in steps of 40 ms."""
    rows = samples[: len(samples) // 1_920 * 1_920].reshape(-1, 1_920) * np.hanning(1_920)
    return np.abs(np.fft.rfft(rows)[:, :160])


def through(codec: str, samples: Samples, bitrate_bps: int, blocks: int) -> tuple[Samples, int]:
    encoder = open_encoder("opus" if codec == "opus" else "pcm", bitrate_bps, blocks)
    decoder = open_decoder("opus" if codec == "opus" else "pcm")
    size = blocks * BLOCK_SAMPLES
    packets = [
        encoder.encode(samples[start : start + size])
        for start in range(0, len(samples) - size + 1, size)
    ]
    return np.concatenate([decoder.decode(packet) for packet in packets]), sum(map(len, packets))


def test_raw_samples_are_decoded_unchanged() -> None:
    sound = voice_like(0.3)
    back, size_bytes = through("pcm", sound, 32_000, 1)
    assert np.array_equal(back, sound)
    assert size_bytes == 2 * len(sound)


@pytest.mark.parametrize(("bitrate_bps", "blocks"), [(32_000, 1), (24_000, 2), (12_000, 6)])
def test_opus_keeps_a_voice_within_its_bitrate(bitrate_bps: int, blocks: int) -> None:
    sound = voice_like(3.0)
    back, size_bytes = through("opus", sound, bitrate_bps, blocks)
    assert len(back) == len(sound)
    assert size_bytes * 8 / 3.0 < 1.15 * bitrate_bps
    # Compared in the frequency domain: a voice codec does not keep phases, which are inaudible.
    decoded, original = spectrogram(back[PRE_SKIP_SAMPLES:]), spectrogram(sound[:-PRE_SKIP_SAMPLES])
    assert np.corrcoef(decoded.ravel(), original.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("blocks", PACKET_BLOCKS)
def test_delay_of_opus_matches_delay_us(blocks: int) -> None:
    burst = voice_like(0.1)[:960]
    sound = np.zeros(24_000, np.int16)
    sound[12_000:12_960] = burst
    back, _ = through("opus", sound, 32_000, blocks)
    scores = [
        float(np.dot(burst.astype(float), back[12_000 + lag : 12_960 + lag])) for lag in range(800)
    ]
    delay_us = OpusEncoder(32_000, blocks).delay_us
    assert samples_to_us(int(np.argmax(scores))) == pytest.approx(delay_us, abs=1_000)


def test_decoder_outlives_a_change_of_encoder() -> None:
    sound = voice_like(1.08)
    decoder = open_decoder("opus")
    back = []
    for start, bitrate_bps, blocks in ((0, 32_000, 1), (17_280, 24_000, 2), (34_560, 12_000, 6)):
        encoder, size = open_encoder("opus", bitrate_bps, blocks), blocks * BLOCK_SAMPLES
        for at in range(start, start + 17_280 - size + 1, size):
            back.append(decoder.decode(encoder.encode(sound[at : at + size])))
    joined = np.concatenate(back).astype(np.int32)
    assert len(joined) == len(sound) == 51_840
    assert np.abs(np.diff(joined)).max() < 2 * np.abs(np.diff(sound.astype(np.int32))).max()


def test_encoding_another_length_than_opened_for_raises() -> None:
    with pytest.raises(ValueError, match="480"):
        OpusEncoder(32_000, 2).encode(voice_like(0.01))


@pytest.mark.parametrize("codec", SOUND_CODECS)
@given(payload=st.binary(max_size=400))
def test_any_bytes_decode_to_bounded_sound_or_an_error(codec: str, payload: bytes) -> None:
    decoder = open_decoder("opus" if codec == "opus" else "pcm")
    try:
        samples = decoder.decode(payload)
    except CodecError:
        return
    assert samples.dtype == np.int16
    assert 0 < len(samples) <= MAX_PACKET_SAMPLES


def test_opus_decodes_after_invalid_bytes() -> None:
    sound = voice_like(0.1)
    encoder, decoder = open_encoder("opus", 32_000, 1), open_decoder("opus")
    first, second = encoder.encode(sound[:480]), encoder.encode(sound[480:960])
    decoder.decode(first)
    with pytest.raises(CodecError):
        decoder.decode(b"\xff" * 50)
    with pytest.raises(CodecError):
        decoder.decode(b"")
    assert len(decoder.decode(second)) == 480


@pytest.mark.parametrize("size_bytes", [0, 1, 959, 2 * MAX_PACKET_SAMPLES + 2])
def test_raw_sound_of_an_impossible_size_is_an_error(size_bytes: int) -> None:
    with pytest.raises(CodecError):
        open_decoder("pcm").decode(bytes(size_bytes))
