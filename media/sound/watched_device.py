"""One direction of sound: which device is wanted, and what has become of it. The thread `sound`.

missing --open--> live --watch: it stands still--> lost --a look found it--> PortAudio anew, open
  ^                                                                                         |
  +--- refused: it is there, but cannot be opened; tried again, PortAudio is left alone <---+
"""

import logging
from collections.abc import Callable

from media.device_state import DeviceKind, DeviceState
from media.errors import SourceError
from media.sound.device_buffer import DeviceBuffer
from media.sound.device_choice import choose_device
from media.sound.portaudio import DeviceList, PortAudio, SoundStream
from media.sound.sound_spec import DefaultDevice, DeviceSpec

_log = logging.getLogger(__name__)

FIRST_US = 3_000_000
"""For the first buffer. Two seconds were measured, with PulseAudio and a sink that was idle."""
DEAD_US = 1_000_000
"""Without a further buffer for so long, a device is gone."""
GONE = "it was unplugged or has failed"


class WatchedDevice:
    """The microphone's side, or the loudspeaker's.

    Args:
        what: `microphone` or `loudspeaker`.
        buffer_samples: what the device gives or takes at once, at first.
        open_stream: opens a device, None for the default, to the ring, with buffers of a size.
        attach: tells the ring of a device's latency.
        detach: tells the ring that it has none.
        stalls: how often the device has stood still because its buffers came too late.

    Attributes:
        problem: what is missing, for the person to read; any thread.
        is_refused: whether a device that is there could not be opened.
        is_lost: whether an open device is gone, and to be closed.
    """

    def __init__(
        self,
        spec: DeviceSpec,
        what: str,
        open_stream: Callable[[PortAudio, int | None, int], SoundStream],
        *,
        buffer_samples: int,
        attach: Callable[[int], None],
        detach: Callable[[], None],
        stalls: Callable[[], int] = lambda: 0,
    ) -> None:
        self.problem = ""
        self.device_name = ""
        self.is_refused = False
        self.is_lost = False
        self.tried_us = 0
        self._spec = spec
        self._what = what
        self._open_stream = open_stream
        self._attach = attach
        self._detach = detach
        self._stalls = stalls
        self._noted_stalls = 0
        self._buffer = DeviceBuffer(buffer_samples)
        self._stream: SoundStream | None = None
        self._default: str | None = None
        self._alive_us = 0
        self._limit_us = FIRST_US
        self._watched_us = 0
        self._was_lost = False

    @property
    def state(self) -> DeviceState:
        """The present state. Any thread."""
        is_open = self._stream is not None and not self.problem
        return DeviceState(DeviceKind(self._what), is_open, self.device_name)

    @property
    def is_missing(self) -> bool:
        """Whether no device is open."""
        return self._stream is None

    @property
    def wants_default(self) -> bool:
        """Whether the device is the system's choice."""
        return isinstance(self._spec, DefaultDevice)

    def note_buffer(self, now_us: int) -> None:
        """Note that the device goes on. Called by its callback."""
        self._alive_us = now_us
        self._limit_us = DEAD_US

    def open(self, audio: PortAudio, devices: DeviceList, now_us: int) -> None:
        """Open the device, or say why not."""
        self.tried_us = now_us
        try:
            device = choose_device(self._spec, devices, self._what)
        except SourceError as error:
            self._fail_to_open(error.sentence)
            return
        self._default = self._default_in(devices)
        self._alive_us = self._watched_us = now_us
        self._limit_us = FIRST_US
        try:
            index = None if device is None else device.index
            stream = self._open_stream(audio, index, self._buffer.samples)
        except SourceError as error:
            self.is_refused = True
            name = "the default one" if device is None else f'"{device.name}"'
            hint = f". {error.next_step}" if error.next_step else ""
            self._fail_to_open(f"{name} cannot be opened ({error.sentence}){hint}")
            return
        self._stream = stream
        self.is_refused = False
        self._attach(stream.latency_us)
        name = (self._default or "default") if device is None else device.name
        _log.info("%s: %s", self._what, name)
        self.device_name = name
        self.problem = ""
        self._was_lost = False

    def _fail_to_open(self, why: str) -> None:
        """Say why, unless it was said that the device is gone: that is not over."""
        self.fail(f"No {self._what}: {GONE if self._was_lost else why}")

    def watch(self, now_us: int) -> None:
        """Mark the device as gone. It is left open: closing may hang."""
        stream = self._stream
        if stream is None or self.is_lost:
            return
        if now_us - self._watched_us > DEAD_US:
            # We were late ourselves, as after a suspend: so may the device's thread have been.
            self._alive_us = now_us
        self._watched_us = now_us
        if not stream.is_active or now_us - self._alive_us >= self._limit_us:
            self.is_lost = self._was_lost = True
            self.fail(f"No {self._what}: {GONE}")

    def needs_larger_buffers(self, now_us: int) -> bool:
        """Whether the device, opened anew, would stand still less; ask once a step."""
        stalls = self._stalls()
        new, self._noted_stalls = stalls - self._noted_stalls, stalls
        return not self.is_missing and not self.is_lost and self._buffer.note(new, now_us)

    def note_found(self, found: DeviceList) -> bool:
        """Note what a look found; return whether PortAudio, begun anew, would have the device."""
        if not self.is_missing:
            return False
        try:
            choose_device(self._spec, found, self._what)
        except SourceError:
            self.is_refused = False
            return False
        return not self.is_refused or self.has_other_default(found)

    def has_other_default(self, found: DeviceList) -> bool:
        """Whether the system's choice is not the one that was tried."""
        name = self._default_in(found)
        return self.wants_default and name is not None and name != self._default

    def _default_in(self, devices: DeviceList) -> str | None:
        if self._what == "microphone":
            return devices.default_microphone
        return devices.default_speaker

    def fail(self, problem: str) -> None:
        """Say what is missing, and have the ring go on without."""
        self.problem = problem
        self._detach()

    def close(self) -> None:
        """Give the device back."""
        stream, self._stream = self._stream, None
        self.is_lost = False
        if stream is not None:
            self._detach()
            stream.close()
