"""One direction of sound: its device, opened, watched and reopened. The thread `sound`.

missing --open--> open --watch: it stalls--> lost --a search found it--> restart PortAudio, open
  ^                                                                                         |
  +--- refused: present, but cannot be opened; retried without restarting PortAudio <-------+

PipeWire opens a stream even where no device is left to link it to, and calls back once there is
one. So a lost device counts as open only once it runs. A device that opens and does not run
counts as refused: a restart of PortAudio would only interrupt the other direction.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind, DeviceState
from media.errors import SourceError
from media.sound.device_buffer import PUNCTUAL_US, DeviceBuffer
from media.sound.device_choice import choose_device
from media.sound.pcm import samples_to_us
from media.sound.portaudio import DeviceList, PortAudio, SoundStream
from media.sound.sound_spec import DefaultDevice, DeviceSpec

_log = logging.getLogger(__name__)

FIRST_BUFFER_US = 4_000_000
"""Time limit for a device to run. It may take two seconds to wake: measured with PulseAudio and an
idle sink, and usual over Bluetooth."""
RUN_US = 200_000
RUN_GAP_US = 500_000
"""A device runs once as much sound has passed in no less time and without such a gap. A loudspeaker
that still wakes requests its first buffers at once, and then none until it plays; with buffers that
are too small for PipeWire, it requests one a second."""
NEXT_BUFFER_US = 1_000_000
"""A device that runs and delivers no further buffer for this long is gone."""


class DeviceRing(Protocol):
    """What lies between the device's callback and a thread of the call."""

    def attach(self, latency_us: int) -> None:
        """Start with a device, of the latency that it reports at its opening."""

    def follow_latency(self, latency_us: int) -> None:
        """Note the latency that the device reports now."""

    def detach(self) -> None:
        """Go on without a device."""


class WatchedDevice:
    """The microphone, or the loudspeaker.

    Args:
        open_stream: connects a device (None: the default) to the ring, with buffers of a size.
        buffer_samples: the size of the device's first buffers.
        stalls: returns how often the device has stalled because its buffers came too late.

    Attributes:
        problem: the reason why the device is missing, or None. Any thread.
        is_refused: True while a device that is present cannot be opened, or delivers nothing.
        is_lost: True while an open device is gone and has to be closed.
    """

    def __init__(
        self,
        spec: DeviceSpec,
        kind: DeviceKind,
        open_stream: Callable[[PortAudio, int | None, int], SoundStream],
        *,
        buffer_samples: int,
        ring: DeviceRing,
        stalls: Callable[[], int] = lambda: 0,
    ) -> None:
        self.problem: DeviceProblem | None = None
        self.device_name = ""
        self.is_refused = False
        self.is_lost = False
        self.tried_us = 0
        self._spec = spec
        self._kind = kind
        self._open_stream = open_stream
        self._ring = ring
        self._stalls = stalls
        self._noted_stalls = 0
        self._buffer = DeviceBuffer(buffer_samples)
        self._stream: SoundStream | None = None
        self._default: str | None = None
        self._opened_us = self._run_began_us = self._last_buffer_us = 0
        self._run_samples = 0
        self._is_running = self._has_run = False
        self._passed_samples = 0
        """Since the device was opened."""
        self._watched_us = 0
        self._late_us = 0
        """By how much this thread was late since the last buffer."""
        self._was_lost = False
        self._is_silent = False
        """True while the lost device was open and delivered nothing."""

    @property
    def state(self) -> DeviceState:
        """The present state. Any thread."""
        is_open = self._stream is not None and self.problem is None
        return DeviceState(self._kind, is_open, self.device_name)

    @property
    def kind(self) -> DeviceKind:
        """The direction."""
        return self._kind

    @property
    def is_missing(self) -> bool:
        """True while no device is open."""
        return self._stream is None

    @property
    def wants_default(self) -> bool:
        """True if the setting asks for the system's default device."""
        return isinstance(self._spec, DefaultDevice)

    def note_buffer(self, now_us: int, samples: int) -> None:
        """Note that the device delivered or took a buffer. Called by its callback."""
        self._passed_samples += samples
        if now_us - self._last_buffer_us > RUN_GAP_US:
            self._run_began_us, self._run_samples = now_us, 0
        self._run_samples += samples
        self._last_buffer_us = now_us

    def open(self, audio: PortAudio, devices: DeviceList, now_us: int) -> None:
        """Open the device, or set `problem`."""
        self.tried_us = now_us
        try:
            device = choose_device(self._spec, devices, self._kind)
        except SourceError as error:
            self._fail_to_open(DeviceProblemKind.UNAVAILABLE, detail=error.sentence)
            return
        self._default = self._default_in(devices)
        self._opened_us = self._watched_us = now_us
        self._run_began_us = self._last_buffer_us = now_us
        self._run_samples = self._late_us = 0
        self._is_running = False
        self._passed_samples = 0
        self._buffer.note_opened(now_us)
        try:
            index = None if device is None else device.index
            stream = self._open_stream(audio, index, self._buffer.samples)
        except SourceError as error:
            self.is_refused = True
            self._fail_to_open(
                DeviceProblemKind.NOT_OPENED,
                name="" if device is None else device.name,
                detail=error.sentence,
                next_step=error.next_step,
            )
            return
        self._stream = stream
        self.is_refused = False
        self.device_name = (self._default or "default") if device is None else device.name
        if not self._was_lost:
            self._begin(stream)

    def _begin(self, stream: SoundStream) -> None:
        """Count the device as open."""
        _log.info("%s: %s", self._kind, self.device_name)
        self._ring.attach(stream.latency_us)
        self.problem = None
        self._was_lost = False

    def _fail_to_open(
        self, kind: DeviceProblemKind, *, name: str = "", detail: str, next_step: str = ""
    ) -> None:
        """Set the problem; a lost device stays GONE until it opens again."""
        if self._was_lost:
            self.fail(DeviceProblem(DeviceProblemKind.GONE, self._kind))
        else:
            self.fail(DeviceProblem(kind, self._kind, name, detail, next_step))

    def watch(self, now_us: int) -> None:
        """Mark the device as lost if it has stopped, or as open again with its first buffer.

        Does not close a lost device, because that may hang.
        """
        stream = self._stream
        if stream is None or self.is_lost:
            return
        # Where this thread was late, the device's may have been too: that counts as no time.
        since_us = max(self._watched_us, self._last_buffer_us)
        late_us = now_us - since_us if now_us - self._watched_us > PUNCTUAL_US else 0
        self._opened_us += late_us
        self._late_us = late_us + (0 if self._last_buffer_us > self._watched_us else self._late_us)
        self._watched_us = now_us
        run_us = min(samples_to_us(self._run_samples), self._last_buffer_us - self._run_began_us)
        self._is_running |= run_us >= RUN_US
        self._has_run |= self._is_running
        if self._is_running:
            is_late = now_us - self._last_buffer_us - self._late_us >= NEXT_BUFFER_US
        else:
            is_late = now_us - self._opened_us >= FIRST_BUFFER_US
        self._ring.follow_latency(stream.latency_us)
        if not stream.is_active or is_late:
            self._is_silent = stream.is_active and not self._is_running
            if self._is_silent and not self._has_run:
                self._buffer.note_silence()
            self.is_lost = self._was_lost = True
            self.fail(DeviceProblem(DeviceProblemKind.GONE, self._kind))
        elif self._was_lost and self._is_running:
            self._begin(stream)

    def needs_larger_buffers(self, now_us: int) -> bool:
        """Return whether to reopen the device with larger buffers. Call once a step."""
        stalls = self._stalls()
        new, self._noted_stalls = stalls - self._noted_stalls, stalls
        if self.is_missing or self.is_lost or not self._is_running:
            return False
        has_grown = self._buffer.note(new, now_us)
        return self._buffer.note_passed(self._passed_samples, now_us) or has_grown

    def note_found(self, found: DeviceList) -> bool:
        """Note the result of a search; return whether a restarted PortAudio could open the device.

        Only for a missing device; False for any other.
        """
        if not self.is_missing:
            return False
        try:
            choose_device(self._spec, found, self._kind)
        except SourceError:
            self.is_refused = False
            return False
        return not self.is_refused or self.has_other_default(found)

    def has_other_default(self, found: DeviceList) -> bool:
        """Return whether the system's default has changed since it was last tried."""
        name = self._default_in(found)
        return self.wants_default and name is not None and name != self._default

    def _default_in(self, devices: DeviceList) -> str | None:
        if self._kind is DeviceKind.MICROPHONE:
            return devices.default_microphone
        return devices.default_speaker

    def fail(self, problem: DeviceProblem) -> None:
        """Set the problem, and let the ring go on without a device."""
        self.problem = problem
        self._ring.detach()

    def close(self) -> None:
        """Close the device, if one is open."""
        stream, self._stream = self._stream, None
        if self.is_lost:
            self.is_refused = self._is_silent
        self.is_lost = False
        if stream is not None:
            self._ring.detach()
            stream.close()
