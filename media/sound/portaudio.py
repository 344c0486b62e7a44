"""The sound devices of this computer, through PyAudio; no other module imports it. One thread.

Every call may block for long. PortAudio knows the devices that were present when it was started,
and finds new ones only when it is restarted, which ends every stream.

Opening and closing a stream may block for long: libpulse waits 30 s for an answer that PipeWire
sometimes never gives after it has hung or died. Such a stream is left to a thread of its own.
"""

import contextlib
import ctypes
import importlib.machinery
import importlib.util
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from core.program import SOUND_STEP
from media.errors import SourceError
from media.sound.device_latency import DeviceLatency
from media.sound.limited_call import LimitedCall
from media.sound.quiet_libraries import SilencedErrors, silence_alsa_and_jack

_log = logging.getLogger(__name__)

BUSY = -9985
"""PortAudio's paDeviceUnavailable."""
INVALID_RATE = -9997
"""PortAudio's paInvalidSampleRate: the device has other rates, and no sound server converts."""

OPEN_LIMIT_S = 10.0
CLOSE_LIMIT_S = 3.0
"""How long a stream is waited for. A sound server that has to start first takes some seconds to
open one; a Bluetooth loudspeaker takes up to a second to close."""

MIN_RATE_HZ = 8_000
MAX_RATE_HZ = 192_000

Times = Mapping[str, float]
"""PortAudio's times of a buffer, in seconds on its own clock."""
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
    """One open direction of one device.

    Args:
        latency: what the device's callback follows.
    """

    def __init__(self, stream: Any, latency: DeviceLatency) -> None:
        self._stream = stream
        self._latency = latency
        self._closing: LimitedCall[None] | None = None

    @property
    def latency_us(self) -> int:
        """How long the device holds sound, as it reported last. Any thread."""
        return self._latency.us

    @property
    def is_active(self) -> bool:
        """True while the device runs."""
        try:
            return bool(self._stream.is_active())
        except OSError:
            return False

    @property
    def is_closing(self) -> bool:
        """True from `close` until the device is closed."""
        return self._closing is not None and self._closing.is_running

    @property
    def is_closed(self) -> bool:
        """True once the device is closed."""
        return self._closing is not None and not self._closing.is_running

    def close(self) -> None:
        """Close the device, or leave that to another thread if it takes more than 3 s."""
        self._closing = LimitedCall("close sound", lambda: _close_stream(self._stream))
        try:
            self._closing.wait(CLOSE_LIMIT_S)
        except TimeoutError:
            _log.debug("a sound device does not close, and is left alone")


class PortAudio:
    """A started PortAudio.

    Raises:
        SourceError: it does not start.
    """

    def __init__(self) -> None:
        self._module = _load()
        self._streams: list[SoundStream] = []
        self._openings: list[LimitedCall[Any]] = []
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
        # Imported late: it loads numpy, which would triple the cost of a device search.
        from media.sound.pcm import SAMPLE_RATE_HZ

        def open_at(rate_hz: int) -> SoundStream:
            latency = DeviceLatency()
            pass_on = record if rate_hz == SAMPLE_RATE_HZ else _recorded_at(rate_hz, record)

            def on_buffer(data: bytes, frames: int, times: Times, flags: int) -> tuple[None, int]:
                held_s = times["current_time"] - times["input_buffer_adc_time"]
                duration_s = frames / rate_hz
                latency.note(held_s, duration_s, recorded_s=duration_s)
                pass_on(data)
                return None, 0

            samples = buffer_samples * rate_hz // SAMPLE_RATE_HZ
            stream = self._open(on_buffer, rate_hz, samples, input=True, input_device_index=index)
            latency.begin(stream.get_input_latency())
            return self._opened(stream, latency)

        return self._open_at_any_rate(open_at, index, self._audio.get_default_input_device_info)

    def open_speaker(self, index: int | None, play: Play, buffer_samples: int) -> SoundStream:
        """Open a device (None: the default); `play` returns each buffer of a number of samples.

        Raises:
            SourceError: the device cannot be opened.
        """
        from media.sound.pcm import SAMPLE_RATE_HZ

        def open_at(rate_hz: int) -> SoundStream:
            latency = DeviceLatency()
            next_buffer = play if rate_hz == SAMPLE_RATE_HZ else _played_at(rate_hz, play)

            def on_buffer(data: None, frames: int, times: Times, flags: int) -> tuple[bytes, int]:
                held_s = times["output_buffer_dac_time"] - times["current_time"]
                latency.note(held_s, frames / rate_hz)
                return next_buffer(frames), 0

            samples = buffer_samples * rate_hz // SAMPLE_RATE_HZ
            stream = self._open(on_buffer, rate_hz, samples, output=True, output_device_index=index)
            latency.begin(stream.get_output_latency())
            return self._opened(stream, latency)

        return self._open_at_any_rate(open_at, index, self._audio.get_default_output_device_info)

    def _open_at_any_rate(
        self,
        open_at: Callable[[int], SoundStream],
        index: int | None,
        default_info: Callable[[], Any],
    ) -> SoundStream:
        """Open a device at 48 kHz, or at its own rate if it has no other."""
        from media.sound.pcm import SAMPLE_RATE_HZ

        try:
            return open_at(SAMPLE_RATE_HZ)
        except _RateRefusedError as refused:
            with contextlib.suppress(OSError):
                info = default_info() if index is None else self._device_info(index)
                own_hz = round(float(info["defaultSampleRate"]))
                if own_hz != SAMPLE_RATE_HZ and MIN_RATE_HZ <= own_hz <= MAX_RATE_HZ:
                    return open_at(own_hz)
            raise SourceError(refused.sentence) from refused

    def _device_info(self, index: int) -> Any:
        return self._audio.get_device_info_by_index(index)

    def _open(
        self, callback: Callable[..., object], rate_hz: int, buffer_samples: int, **direction: Any
    ) -> Any:
        opening = LimitedCall(
            "open sound",
            lambda: self._audio.open(
                rate=rate_hz,
                channels=1,
                format=self._module.paInt16,
                frames_per_buffer=buffer_samples,
                stream_callback=callback,
                **direction,
            ),
            on_late=_close_stream,
        )
        self._openings.append(opening)
        try:
            return opening.wait(OPEN_LIMIT_S)
        except TimeoutError as error:
            raise SourceError("the system's sound does not answer") from error
        except (OSError, ValueError) as error:
            sentence = str(error.args[-1] if error.args else error)
            number = error.errno if isinstance(error, OSError) else None
            if number == INVALID_RATE:
                raise _RateRefusedError(sentence) from error
            hint = "Does another program use it?" if number == BUSY else ""
            raise SourceError(sentence, hint) from error

    def _opened(self, stream: Any, latency: DeviceLatency) -> SoundStream:
        opened = SoundStream(stream, latency)
        self._streams = [each for each in self._streams if not each.is_closed]
        self._streams.append(opened)
        return opened

    @property
    def is_held(self) -> bool:
        """True while a stream is stuck. A PortAudio started beside it finds no new devices."""
        self._openings = [each for each in self._openings if each.is_running]
        return bool(self._openings) or any(each.is_closing for each in self._streams)

    def close(self) -> None:
        """Stop PortAudio and all its streams. While it is held, this does nothing."""
        if self.is_held:
            return
        try:
            self._audio.terminate()
        finally:
            self._quiet.stop()


def _close_stream(stream: Any) -> None:
    with contextlib.suppress(OSError):
        stream.close()


class _RateRefusedError(SourceError):
    """The device has other sample rates."""


def _recorded_at(rate_hz: int, record: Record) -> Record:
    # Imported late, like PyAV in it: few devices need it.
    from media.sound.rate_converter import RecordedAtRate

    return RecordedAtRate(record, rate_hz).record


def _played_at(rate_hz: int, play: Play) -> Play:
    from media.sound.rate_converter import PlayedAtRate

    return PlayedAtRate(play, rate_hz).play


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
