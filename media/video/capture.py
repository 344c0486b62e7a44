"""Capture: keeps a picture source open through failures. Capture thread, by calls of `step`.

While the source is missing or fails, a labelled placeholder takes its place, and the source is
opened again every two seconds. No failure of a source ends a call. A placeholder is published once;
the encode thread sends it again.

A capture on trial publishes nothing until `begin`: it shows whether a source works that is to
replace another one.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Condition

import msgspec

from core.mailbox import Mailbox
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind, DeviceState
from media.errors import LIBRARY_ERRORS, SourceError, word_library_error
from media.frame import Frame, FrameKind
from media.video.camera_spec import (
    CameraIndex,
    CameraName,
    CameraSpec,
    CameraUrl,
    NoCamera,
    camera_title,
    word_absence,
)
from media.video.certificate_pins import CameraPins
from media.video.frame_pacing import RateLimit
from media.video.self_view import SelfView
from media.video.settings import VideoSettings
from media.video.source import Source, create_source
from media.video.use_guard import SourceClosedError

_STEP_S = 0.25
_RETRY_US = 2_000_000
_US_PER_S = 1_000_000
_CAMERA = CameraIndex | CameraName | CameraUrl
_log = logging.getLogger(__name__)


class CaptureCounters(msgspec.Struct):
    """Counters of one capture. Written by the capture thread alone.

    Attributes:
        captured: pictures published, without placeholders.
        surplus: pictures dropped because the source exceeded the requested rate.
        openings: successful openings of the source, including the first.
        failures: times that the source was lost or could not be opened.
    """

    captured: int = 0
    surplus: int = 0
    openings: int = 0
    failures: int = 0


class _LoggedState(msgspec.Struct, frozen=True):
    """The state of the source that was logged last: open, failed, or closed if both are None.

    Attributes:
        size_px: width and height of the pictures that arrive.
        failure: sentence and next step of the error, which tell one failure from another.
    """

    size_px: tuple[int, int] | None = None
    failure: tuple[str, str] | None = None


class Capture:
    """Keeps a source open, and publishes its newest picture.

    Args:
        spec: the source to capture.
        settings: the size and rate to request.
        frames: receives the pictures.
        now_us: this machine's monotonic clock.
        name: the user's name, which the other peer reads in a placeholder.
        self_view: receives the pictures too, for the user's own window.
        is_on_trial: True to publish nothing before `begin`.
        create: returns a source that is not open yet.
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
        is_on_trial: bool = False,
        create: Callable[
            [CameraSpec, VideoSettings, CameraPins, Callable[[], int]], Source | None
        ] = create_source,
    ) -> None:
        self.counters = CaptureCounters()
        self.started_us: int | None = None
        """When the open source delivered its first picture; None before. Any thread."""
        self.device_state: DeviceState | None = None
        """The state of the source; None while it is closed or not tried yet. Any thread."""
        self.failure: SourceError | None = None
        """The reason why the source is missing; None while it works. Any thread."""
        self._is_on_trial = is_on_trial
        self.problem: DeviceProblem | None = None
        """Why a camera is missing; None while it is open or closed. Any thread."""
        self._spec = spec
        self._settings = settings
        self._frames = frames
        self._pins = pins
        self._now_us = now_us
        self._name = name
        self._self_view = self_view
        self._create = create
        self._limit = RateLimit(settings.frame_rate_hz)
        self._changed = Condition()
        self._is_paused = False
        self._is_closed = False
        self._source: Source | None = None
        self._retry_us: int | None = None
        self._logged: _LoggedState | None = None
        self._has_tried = False

    @property
    def is_closed(self) -> bool:
        """True after `close`."""
        return self._is_closed

    def step(self) -> None:
        """Wait, open the source, or read from it. Blocks for about 0.25 s, longer only to open."""
        if self._self_view is not None:
            self._self_view.refresh()
        if self._is_stopped():
            self._rest()
            self._wait(_STEP_S)
        elif isinstance(self._spec, NoCamera):
            self._wait(_STEP_S)
        elif self._source is None:
            self._open_when_due()
        else:
            self._read(self._source)

    def begin(self) -> None:
        """Publish from now on. Ends a trial; any thread."""
        self._is_on_trial = False

    def pause(self) -> None:
        """Close the source, and publish nothing until `resume`. Any thread."""
        with self._changed:
            self._is_paused = True
            source = self._source
            self._changed.notify_all()
        if source is not None:
            source.close()

    def resume(self) -> None:
        """Let the capture thread open the source again. Any thread."""
        with self._changed:
            self._is_paused = False
            self._changed.notify_all()

    def close(self) -> None:
        """Stop for good, and wake the capture thread. Any thread, any number of times."""
        with self._changed:
            self._is_closed = True
            source = self._source
            self._changed.notify_all()
        if source is not None:
            source.close()

    def _is_stopped(self) -> bool:
        with self._changed:
            return self._is_paused or self._is_closed

    def _rest(self) -> None:
        """Close the source, and forget its state, so that `resume` starts from the beginning."""
        if self._source is not None:
            self._close_source()
            if self._note_state(_LoggedState()):
                _log.info("%s is closed", camera_title(self._spec))
        self.device_state = self.problem = None
        self.failure = None
        self._retry_us = None
        self._has_tried = False
        if self._self_view is not None:
            self._self_view.forget()

    def _open_when_due(self) -> None:
        if self._retry_us is not None and (left_us := self._retry_us - self._now_us()) > 0:
            self._wait(min(_STEP_S, left_us / _US_PER_S))
            return
        if not self._has_tried and isinstance(self._spec, _CAMERA) and not self._is_on_trial:
            starting = "camera is starting"
            remote = f"{self._name}'s {starting}" if self._name else "The camera is starting"
            self._put_placeholder((remote,), own=(f"Your {starting}",))
        self._has_tried = True
        try:
            source = self._create(self._spec, self._settings, self._pins, self._now_us)
            if source is None:
                self._retry_us = self._now_us() + _RETRY_US
                return
            with self._changed:
                if self._is_paused or self._is_closed:
                    return
                self._source = source
            source.open()
        except SourceClosedError:
            self._close_source()
            return
        except SourceError as error:
            self._on_failure(error)
            return
        except LIBRARY_ERRORS as error:
            self._on_failure(word_library_error(error, camera_title(self._spec)))
            return
        self.counters.openings += 1
        self._limit = RateLimit(self._settings.frame_rate_hz)

    def _read(self, source: Source) -> None:
        try:
            picture = source.read(_STEP_S)
        except SourceClosedError:
            self._close_source()
            return
        except SourceError as error:
            self._on_failure(error)
            return
        except LIBRARY_ERRORS as error:
            self._on_failure(word_library_error(error, camera_title(self._spec)))
            return
        if picture is None:
            return
        now_us = self._now_us()
        if not self._limit.allows(now_us):
            self.counters.surplus += 1
            return
        if self._note_state(_LoggedState(size_px=(picture.width, picture.height))):
            title = camera_title(self._spec)
            _log.info("%s is open: %dx%d", title, picture.width, picture.height)
        self.failure = None
        self._set_state(is_open=True)
        self.problem = None
        if self.started_us is None:
            self.started_us = now_us
        is_mirrorable = source.kind is FrameKind.LIVE and isinstance(self._spec, _CAMERA)
        frame = Frame(picture, now_us, source.kind, source.content)
        if self._publish(frame) and self._self_view is not None:
            self._self_view.show(frame, is_mirrorable=is_mirrorable)
        self.counters.captured += 1

    def _set_state(self, *, is_open: bool) -> None:
        if self.device_state is None or self.device_state.is_open is not is_open:
            self.device_state = DeviceState(DeviceKind.CAMERA, is_open, self._spec.label)

    def _on_failure(self, error: SourceError) -> None:
        self._close_source()
        if self._is_stopped():
            return  # The call is over, or the camera off: nobody misses it.
        self.failure = error
        self._set_state(is_open=False)
        self.counters.failures += 1
        self._retry_us = self._now_us() + _RETRY_US
        if self._is_on_trial:
            return
        if self._note_state(_LoggedState(failure=(error.sentence, error.next_step))):
            hint = f". {error.next_step}" if error.next_step else ""
            _log.info("%s%s. It is tried again every 2 s", error.sentence, hint)
            if isinstance(self._spec, _CAMERA):
                self.problem = DeviceProblem(
                    DeviceProblemKind.UNAVAILABLE,
                    DeviceKind.CAMERA,
                    detail=error.sentence,
                    next_step=error.next_step,
                )
            absence = word_absence(self._spec, self._name)
            self._put_placeholder((absence,), own=(error.sentence, error.next_step))

    def _put_placeholder(self, remote: Sequence[str], *, own: Sequence[str]) -> None:
        """Publish a placeholder, unless the user hid the camera in the meantime.

        Args:
            remote: the lines for the other peer, which name this user.
            own: the lines for this user.
        """
        size, now_us = (self._settings.width_px, self._settings.height_px), self._now_us()
        try:
            from media.video.placeholder import draw_placeholder

            placeholder = Frame(draw_placeholder(*size, remote), now_us, FrameKind.PLACEHOLDER)
            has_view = self._self_view is not None
            ours = draw_placeholder(*size, own) if has_view else placeholder.picture
        except LIBRARY_ERRORS as error:  # its fonts are files: the call goes on without it
            _log.debug("no placeholder: %s", error)
            return
        if self._publish(placeholder) and self._self_view is not None:
            self._self_view.show(Frame(ours, now_us, FrameKind.PLACEHOLDER), is_mirrorable=False)

    def _publish(self, frame: Frame) -> bool:
        """Publish a frame; return False if the source was paused or closed in the meantime."""
        with self._changed:
            if self._is_paused or self._is_closed or self._is_on_trial:
                return False
            self._frames.put(frame)
            return True

    def _close_source(self) -> None:
        with self._changed:
            source, self._source = self._source, None
            self.started_us = None
        if source is not None:
            source.close()

    def _note_state(self, state: _LoggedState) -> bool:
        """Store the state that is logged; return whether it differs from the last one."""
        is_new, self._logged = state != self._logged, state
        return is_new

    def _wait(self, timeout_s: float) -> None:
        with self._changed:
            was_paused = self._is_paused
            if not self._is_closed:
                self._changed.wait_for(
                    lambda: self._is_closed or self._is_paused != was_paused, timeout_s
                )
