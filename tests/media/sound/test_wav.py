"""media/sound/wav.py: any WAV file is read, and a file that plays is written."""

import struct
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from media.errors import SourceError
from media.sound.pcm import BLOCK_SAMPLES, level_dbfs
from media.sound.sound_spec import NoSound, SoundSettingError, WavFile
from media.sound.wav import LoopedSound, WavWriter, check_sound, read_wav


def write_wav(
    path: Path, *, rate_hz: int = 48_000, channels: int = 1, width: int = 2, seconds: float = 1.0
) -> None:
    """Write a sine of 500 Hz at a quarter of full scale."""
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    sound = 0.25 * np.sin(2 * np.pi * 500 * at)
    full = 2 ** (8 * width - 1)
    values = np.repeat(np.rint(sound * (full - 1)).astype(np.int64), channels)
    if width == 1:
        data = (values + 128).astype(np.uint8).tobytes()
    elif width == 3:
        data = values.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        data = values.astype(f"<i{width}").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate_hz, 0, "NONE", ""))
        file.writeframes(data)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(("channels", "width"), [(1, 2), (2, 2), (1, 1), (1, 3), (2, 4)])
def test_any_wav_file_becomes_mono_at_48_khz(
    tmp_path: Path, rate_hz: int, channels: int, width: int
) -> None:
    file = tmp_path / "in.wav"
    write_wav(file, rate_hz=rate_hz, channels=channels, width=width)
    sound = read_wav(file)
    assert len(sound) == pytest.approx(48_000, abs=200)
    assert np.abs(np.fft.rfft(sound[:48_000].astype(float), 48_000)).argmax() == 500
    # Two equal channels may be mixed to the level of one, or 3 dB louder; never clipped.
    assert -16 < level_dbfs(sound) < -11


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not sound at all" * 100])
def test_file_without_sound_is_an_error_at_the_start(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "in.wav"
    file.write_bytes(data)
    with pytest.raises(SourceError):
        read_wav(file)
    with pytest.raises(SoundSettingError) as caught:
        check_sound(WavFile(file), NoSound())
    assert "in.wav" in caught.value.sentence
    assert caught.value.next_step


def test_empty_wav_file_is_an_error(tmp_path: Path) -> None:
    write_wav(tmp_path / "in.wav", seconds=0)
    with pytest.raises(SourceError):
        read_wav(tmp_path / "in.wav")


@pytest.mark.parametrize("length", [1, 100, 480, 481, 5_000])
def test_sound_loops_without_a_seam(length: int) -> None:
    sound = np.arange(length).astype(np.int16)
    looped = LoopedSound(sound)
    joined = np.concatenate([looped.block(n * BLOCK_SAMPLES) for n in range(40)])
    assert np.array_equal(joined, np.resize(sound, 40 * BLOCK_SAMPLES))


def test_written_sound_is_read_back(tmp_path: Path) -> None:
    sound = (np.random.default_rng(1).standard_normal(480 * 250) * 3_000).astype(np.int16)
    writer = WavWriter(tmp_path / "out.wav")
    for start in range(0, len(sound), 480):
        writer.write(sound[start : start + 480])
    writer.close()
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48_000)
        assert file.readframes(file.getnframes()) == sound.tobytes()


def test_all_but_the_last_second_plays_after_a_crash(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "out.wav")
    for _ in range(350):
        writer.write(np.full(480, 77, np.int16))
    # The file on the disk, while the writer is still open.
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getnframes() >= 250 * 480
    writer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
def test_full_disk_ends_the_file_and_sets_the_failure() -> None:
    writer = WavWriter(Path("/dev/full"))
    for _ in range(3):
        writer.write(np.zeros(480, np.int16))
    assert writer.failure == "No space left on device"
    writer.close()


def test_call_without_sound_keeps_the_file_of_an_earlier_call(tmp_path: Path) -> None:
    (tmp_path / "out.wav").write_bytes(b"earlier")
    WavWriter(tmp_path / "out.wav").close()
    assert (tmp_path / "out.wav").read_bytes() == b"earlier"


def test_sound_after_the_close_is_ignored(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "out.wav")
    writer.write(np.ones(480, np.int16))
    writer.close()
    data = (tmp_path / "out.wav").read_bytes()
    writer.write(np.ones(480, np.int16))
    writer.close()
    assert (tmp_path / "out.wav").read_bytes() == data


def test_loudspeaker_file_that_cannot_be_written_is_an_error_at_the_start(
    tmp_path: Path,
) -> None:
    with pytest.raises(SoundSettingError) as caught:
        check_sound(NoSound(), WavFile(tmp_path / "no" / "out.wav"))
    assert "cannot be written" in caught.value.sentence
    assert caught.value.next_step


def test_checking_a_loudspeaker_file_leaves_no_trace(tmp_path: Path) -> None:
    check_sound(NoSound(), WavFile(tmp_path / "new.wav"))
    assert not (tmp_path / "new.wav").exists()
    (tmp_path / "old.wav").write_bytes(b"old")
    check_sound(NoSound(), WavFile(tmp_path / "old.wav"))
    assert (tmp_path / "old.wav").read_bytes() == b"old"


def test_header_holds_the_sizes(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "out.wav")
    writer.write(np.zeros(100, np.int16))
    writer.close()
    data = (tmp_path / "out.wav").read_bytes()
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    assert struct.unpack_from("<I", data, 40)[0] == len(data) - 44 == 200
