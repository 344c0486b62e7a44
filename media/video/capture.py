"""The life of the picture's source. `step` is called in a loop by the capture thread.

Whatever fails or is missing becomes a labelled placeholder and is tried again; nothing that happens
to a source ends a call. The placeholder is put once: it stands, and another thread sends it again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition

from core.mailbox import Mailbox
from media.device_state import DeviceKind, DeviceState
from media.errors import SourceError
from media.frame import Frame, FrameKind
from media.video.camera_spec import CameraIndex, CameraName, CameraSpec, CameraUrl, NoCamera
from media.video.certificate_pins import CameraPins
from media.video.frame_pacing import RateLimit
from media.video.self_view import SelfView
from media.video.settings import VideoSettings
from media.video.source import Source, make_source
from media.video.use_guard import SourceClosedError

_STEP_S = 0.25
_RETRY_US = 2_000_000
_US_PER_S = 1_000_000
_AGAIN = "trying again"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class CaptureCounters:
    """Written by the capture thread only.

    Attributes:
        captured: pictures put into the mailbox, without placeholders.
        surplus: pictures that a source gave above the asked rate.
        openings: how often a source was opened, the first time too.
        failures: how often one was lost or could not be opened.
    """

    captured: int = 0
    surplus: int = 0
    openings: int = 0
    failures: int = 0


class Capture:
    """Keeps a source open and hands its newest picture on.

    Args:
        spec: what to capture.
        settings: size and rate to ask for.
        frames: takes the pictures.
        now_us: this machine's monotonic clock.
        name: who is here; the first line of a placeholder.
        self_view: takes small pictures for the own window.
        make: makes a source that is not open.
    """

    def __init__(
        self,
        spec: CameraSpec,
        settings: VideoSettings,
        frames: Mailbox[Frame],
        *,
        pins: CameraPins,
        now_us: Callable[[], int],
        name: str = "",
        self_view: SelfView | None = None,
        make: Callable[
            [CameraSpec, VideoSettings, CameraPins, Callable[[], int]], Source | None
        ] = make_source,
    ) -> None:
        self.counters = CaptureCounters()
        self.started_us: int | None = None
        """When the open source gave its first picture; None before that. Any thread."""
        self.device_state: DeviceState | None = None
        """Whether the source delivers; None while it is closed or not tried yet. Any thread."""
        self._spec = spec
        self._settings = settings
        self._frames = frames
        self._pins = pins
        self._now_us = now_us
        self._name = name
        self._self_view = self_view
        self._make = make
        self._limit = RateLimit(settings.frame_rate_hz)
        self._changed = Condition()
        self._is_paused = False
        self._is_closed = False
        self._source: Source | None = None
        self._retry_us: int | None = None
        self._said: str | None = None
        self._has_tried = False

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    def step(self) -> None:
        """Do one thing: wait, open, or read. Blocks for about 0.25 s, longer only in `open`."""
        if self._self_view is not None:
            self._self_view.refresh()
        if self._is_idle():
            self._wait(_STEP_S)
        elif self._source is None:
            self._open_when_due()
        else:
            self._read(self._source)

    def pause(self) -> None:
        """Close the device and hand on nothing until `resume`; any thread."""
        with self._changed:
            self._is_paused = True
            source = self._source
            self._changed.notify_all()
        if source is not None:
            source.close()

    def resume(self) -> None:
        """Open the device again; any thread."""
        with self._changed:
            self._is_paused = False
            self._changed.notify_all()

    def close(self) -> None:
        """End for good, and wake the capture thread; any thread, any number of times."""
        with self._changed:
            self._is_closed = True
            source = self._source
            self._changed.notify_all()
        if source is not None:
            source.close()

    def _is_idle(self) -> bool:
        with self._changed:
            is_idle = self._is_paused or self._is_closed
        if is_idle and self._source is not None:
            self._drop()
            self._say("camera closed")
        if is_idle:
            self.device_state = None
            self._retry_us = None
            self._has_tried = False
            if self._self_view is not None:
                self._self_view.forget()
        return is_idle or isinstance(self._spec, NoCamera)

    def _open_when_due(self) -> None:
        if self._retry_us is not None and (left_us := self._retry_us - self._now_us()) > 0:
            self._wait(min(_STEP_S, left_us / _US_PER_S))
            return
        if not self._has_tried and isinstance(self._spec, CameraIndex | CameraName | CameraUrl):
            self._place(f"opening {self._spec.label}")
        self._has_tried = True
        try:
            source = self._make(self._spec, self._settings, self._pins, self._now_us)
            if source is None:
                self._retry_us = self._now_us() + _RETRY_US
                return
            with self._changed:
                if self._is_paused or self._is_closed:
                    return
                self._source = source
            source.open()
        except SourceClosedError:
            self._drop()
            return
        except SourceError as error:
            self._fail(error)
            return
        self.counters.openings += 1
        self._limit = RateLimit(self._settings.frame_rate_hz)

    def _read(self, source: Source) -> None:
        try:
            picture = source.read(_STEP_S)
        except SourceClosedError:
            self._drop()
            return
        except SourceError as error:
            self._fail(error)
            return
        if picture is None:
            return
        now_us = self._now_us()
        if not self._limit.allows(now_us):
            self.counters.surplus += 1
            return
        self._say(f"camera: {self._spec.label}, {picture.width}x{picture.height}")
        self._set_state(is_open=True)
        if self.started_us is None:
            self.started_us = now_us
        self._put(Frame(picture, now_us, source.kind))
        self.counters.captured += 1

    def _set_state(self, *, is_open: bool) -> None:
        if self.device_state is None or self.device_state.is_open is not is_open:
            self.device_state = DeviceState(DeviceKind.CAMERA, is_open, self._spec.label)

    def _fail(self, error: SourceError) -> None:
        self._drop()
        self._set_state(is_open=False)
        self.counters.failures += 1
        self._retry_us = self._now_us() + _RETRY_US
        hint = f". {error.next_step}" if error.next_step else ""
        if self._say(f"camera: {error.sentence}{hint}; {_AGAIN}"):
            self._place(error.sentence, _AGAIN)

    def _place(self, *lines: str) -> None:
        """Put a placeholder, unless the person hid the camera meanwhile."""
        from media.video.placeholder import draw_placeholder

        picture = draw_placeholder(
            self._settings.width_px, self._settings.height_px, (self._name, *lines)
        )
        self._put(Frame(picture, self._now_us(), FrameKind.PLACEHOLDER))

    def _put(self, frame: Frame) -> None:
        with self._changed:
            if self._is_paused or self._is_closed:
                return
            self._frames.put(frame)
        if self._self_view is not None:
            self._self_view.show(frame)

    def _drop(self) -> None:
        with self._changed:
            source, self._source = self._source, None
            self.started_us = None
        if source is not None:
            source.close()

    def _say(self, state: str) -> bool:
        """Log a state that is new; return whether it is."""
        if state == self._said:
            return False
        self._said = state
        _log.info("%s", state)
        return True

    def _wait(self, timeout_s: float) -> None:
        with self._changed:
            was_paused = self._is_paused
            if not self._is_closed:
                self._changed.wait_for(
                    lambda: self._is_closed or self._is_paused != was_paused, timeout_s
                )
