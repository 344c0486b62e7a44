"""The sound devices of this computer, through PyAudio; no other module imports it. One thread.

Every call may block for long. PortAudio knows the devices that were present when it was started,
and finds new ones only when it is restarted, which ends every stream.
"""

import contextlib
import ctypes
import importlib.machinery
import importlib.util
from collections.abc import Callable
from typing import Any

import msgspec

from core.program import SOUND_STEP
from media.errors import SourceError
from media.sound.quiet_libraries import SilencedErrors, silence_alsa_and_jack

BUSY = -9985
"""PortAudio's paDeviceUnavailable."""

Record = Callable[[bytes], None]
Play = Callable[[int], bytes]


class NoPyAudioError(SourceError):
    """PyAudio is not installed, or does not load; retrying is useless."""


class SoundDevice(msgspec.Struct, frozen=True):
    """One device, as PortAudio lists it.

    Attributes:
        records: True for a microphone; a device may be both.
        plays: True for a loudspeaker.
    """

    index: int
    name: str
    records: bool
    plays: bool


class DeviceList(msgspec.Struct, frozen=True):
    """The devices present, and the names of the system's defaults."""

    devices: tuple[SoundDevice, ...]
    default_microphone: str | None
    default_speaker: str | None


class SoundStream:
    """One open direction of one device."""

    def __init__(self, stream: Any, latency_us: int) -> None:
        self.latency_us = latency_us
        self._stream = stream

    @property
    def is_active(self) -> bool:
        """True while the device runs."""
        try:
            return bool(self._stream.is_active())
        except OSError:
            return False

    def close(self) -> None:
        """Close the device."""
        with contextlib.suppress(OSError):
            self._stream.close()


class PortAudio:
    """A started PortAudio.

    Raises:
        SourceError: it does not start.
    """

    def __init__(self) -> None:
        self._module = _load()
        self._quiet = SilencedErrors()
        self._quiet.start()
        try:
            self._audio = self._module.PyAudio()
        except OSError as error:
            self._quiet.stop()
            raise SourceError(
                f"PortAudio does not start ({error})", "Look at the system's sound"
            ) from error

    def list(self) -> DeviceList:
        """Return the devices that were present at the start."""
        found = []
        for index in range(self._audio.get_device_count()):
            with contextlib.suppress(OSError):
                info = self._audio.get_device_info_by_index(index)
                found.append(
                    SoundDevice(
                        index,
                        str(info["name"]),
                        records=int(info["maxInputChannels"]) > 0,
                        plays=int(info["maxOutputChannels"]) > 0,
                    )
                )
        return DeviceList(
            tuple(found),
            self._default(self._audio.get_default_input_device_info),
            self._default(self._audio.get_default_output_device_info),
        )

    def _default(self, ask: Callable[[], Any]) -> str | None:
        try:
            return str(ask()["name"])
        except OSError:
            return None

    def open_microphone(
        self, index: int | None, record: Record, buffer_samples: int
    ) -> SoundStream:
        """Open a device (None: the default); `record` is called with each buffer.

        Raises:
            SourceError: the device cannot be opened.
        """

        def on_buffer(data: bytes, frames: int, times: object, flags: int) -> tuple[None, int]:
            record(data)
            return None, 0

        stream = self._open(on_buffer, buffer_samples, input=True, input_device_index=index)
        return SoundStream(stream, int(stream.get_input_latency() * 1e6))

    def open_speaker(self, index: int | None, play: Play, buffer_samples: int) -> SoundStream:
        """Open a device (None: the default); `play` returns each buffer of a number of samples.

        Raises:
            SourceError: the device cannot be opened.
        """

        def on_buffer(data: None, frames: int, times: object, flags: int) -> tuple[bytes, int]:
            return play(frames), 0

        stream = self._open(on_buffer, buffer_samples, output=True, output_device_index=index)
        return SoundStream(stream, int(stream.get_output_latency() * 1e6))

    def _open(self, callback: Callable[..., object], buffer_samples: int, **direction: Any) -> Any:
        # Imported late: it loads numpy, which would triple the cost of a device search.
        from media.sound.pcm import SAMPLE_RATE_HZ

        try:
            return self._audio.open(
                rate=SAMPLE_RATE_HZ,
                channels=1,
                format=self._module.paInt16,
                frames_per_buffer=buffer_samples,
                stream_callback=callback,
                **direction,
            )
        except (OSError, ValueError) as error:
            is_busy = isinstance(error, OSError) and error.errno == BUSY
            hint = "Does another program use it?" if is_busy else ""
            raise SourceError(str(error.args[-1] if error.args else error), hint) from error

    def close(self) -> None:
        """Stop PortAudio and all its streams."""
        try:
            self._audio.terminate()
        finally:
            self._quiet.stop()


def _load() -> Any:
    """Import PyAudio, and silence the libraries below it."""
    try:
        spec = importlib.util.find_spec("pyaudio")
    except ImportError:
        spec = None
    if spec is None:
        raise NoPyAudioError("PyAudio is not installed", SOUND_STEP)
    # PyAudio prints to standard output if its library does not load, so load that first.
    inner = importlib.machinery.PathFinder.find_spec("_portaudio", spec.submodule_search_locations)
    try:
        if inner is None or inner.origin is None:
            raise ImportError("it is not complete")
        ctypes.CDLL(inner.origin)
        silence_alsa_and_jack()
        import pyaudio
    except (ImportError, OSError) as error:
        raise NoPyAudioError(f"PyAudio cannot be loaded ({error})", SOUND_STEP) from error
    return pyaudio
