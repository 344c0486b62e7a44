"""WAV files in place of a microphone or a loudspeaker. Microphone and speaker threads.

As a microphone: any rate, width and number of channels, looped. As a loudspeaker: mono, 48 kHz,
16 bit; the sizes in the header are updated every second, so that the file plays after a crash too.

     0      4          8      12      16       20  22  24     28       32  34  36     40
     +------+----------+------+-------+--------+---+---+------+--------+---+---+------+------+----
     | RIFF | size u32 | WAVE | "fmt" | 16 u32 | 1 | 1 | rate | byte/s | 2 | 16| data | size | ...
     +------+----------+------+-------+--------+---+---+------+--------+---+---+------+------+----
"""

import contextlib
import logging
import struct
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import av
import numpy as np

from media.errors import SourceError
from media.sound.pcm import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples
from media.sound.sound_spec import MicrophoneSpec, SoundSettingError, SpeakerSpec, WavFile

_log = logging.getLogger(__name__)

MAX_SAMPLES = 15 * 60 * SAMPLE_RATE_HZ
"""15 minutes; the whole file is held in memory."""
HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
FLUSH_SAMPLES = SAMPLE_RATE_HZ
MAX_DATA_BYTES = 2**32 - 1 - HEADER.size


def read_wav(path: Path) -> Samples:
    """Return all sound of a file.

    Raises:
        SourceError: the file has no sound that can be decoded, or is too long.
    """
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    parts: list[Samples] = []
    length = 0
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise SourceError(f"{path.name} holds no sound")
            for frame in container.decode(audio=0):
                for resampled in resampler.resample(frame):
                    parts.append(resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False))
                    length += len(parts[-1])
                if length > MAX_SAMPLES:
                    raise SourceError(f"{path.name} is longer than 15 minutes")
            for resampled in resampler.resample(None):
                parts.append(resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SourceError(f"{path.name} cannot be played ({error})") from error
    samples = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    if not len(samples):
        raise SourceError(f"{path.name} holds no sound")
    return samples


class LoopedSound:
    """Sound that starts again at its end."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def block(self, first_sample: int) -> Samples:
        """Return the block that begins at a sample, counted from the start."""
        start = first_sample % len(self._samples)
        block = self._samples[start : start + BLOCK_SAMPLES]
        if len(block) == BLOCK_SAMPLES:
            return block
        at = np.arange(start, start + BLOCK_SAMPLES)
        return self._samples.take(at, mode="wrap")


class WavWriter:
    """A WAV file written in real time: one thread writes, another may close.

    The file is created with the first sound, so a call that is never accepted does not overwrite
    the file of an earlier call.
    """

    def __init__(self, path: Path) -> None:
        self.failure = ""
        """The system's error if the file could not be written, or "". Any thread."""
        self.path = path
        self._lock = Lock()
        self._file: BinaryIO | None = None
        self._is_closed = False
        self._data_bytes = 0
        self._unflushed = 0

    def write(self, samples: Samples) -> None:
        """Append samples; after the format's or the disk's limit, ignore them."""
        data = samples.astype("<i2", copy=False).tobytes()
        with self._lock:
            if self._is_closed or self._data_bytes + len(data) > MAX_DATA_BYTES:
                return
            try:
                if self._file is None:
                    self._file = self.path.open("wb")
                    self._write_header(self._file)
                self._file.write(data)
                self._data_bytes += len(data)
                self._unflushed += len(samples)
                if self._unflushed >= FLUSH_SAMPLES:
                    self._unflushed = 0
                    self._write_header(self._file)
            except OSError as error:
                self.failure = str(error.strerror)
                _log.warning("%s cannot be written (%s)", self.path, error.strerror)
                self._close()

    def _write_header(self, file: BinaryIO) -> None:
        header = HEADER.pack(
            *(b"RIFF", HEADER.size - 8 + self._data_bytes, b"WAVE", b"fmt ", 16, 1, 1),
            *(SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * 2, 2, 16, b"data", self._data_bytes),
        )
        file.seek(0)
        file.write(header)
        file.seek(0, 2)
        file.flush()

    def close(self) -> None:
        """Finish the file."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._is_closed = True
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                self._write_header(file)
            with contextlib.suppress(OSError):
                file.close()


def check_sound(microphone: MicrophoneSpec, speaker: SpeakerSpec) -> None:
    """Check that the files can be read and written, so that errors appear at the program's start.

    Raises:
        SoundSettingError: a file cannot be read or written.
    """
    if isinstance(microphone, WavFile):
        try:
            read_wav(microphone.path)
        except SourceError as error:
            raise SoundSettingError(
                f"The microphone's file {error.sentence}", "Give a WAV file that plays elsewhere"
            ) from error
    if isinstance(speaker, WavFile):
        existed = speaker.path.exists()
        try:
            with speaker.path.open("ab"):
                pass
            if not existed:
                speaker.path.unlink()
        except OSError as error:
            raise SoundSettingError(
                f"The loudspeaker's file {speaker.path} cannot be written ({error.strerror})",
                "Give one in a folder that exists and is yours",
            ) from error
