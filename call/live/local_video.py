"""Local video: runs the capture thread from ring to end of call. Call thread only.

The device is open only while it may be needed: a listener's camera opens at the ring and closes
after the call; in the lobby it shows a preview.

Another source can be chosen at any time. It is tried beside the present one, in a capture thread of
its own, and replaces it with its first picture; a source that fails changes nothing.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import TypeAlias

import msgspec

from core.mailbox import Mailbox
from core.threads import Threads
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind, DeviceState
from media.errors import SourceError
from media.frame import Frame
from media.video.camera_list import are_same_camera
from media.video.camera_spec import CameraSpec, NoCamera, Screen
from media.video.capture import Capture
from ui.wording.notices import word_device_problem

_log = logging.getLogger(__name__)

RELEASE_CHECK_S = 0.05
"""Between two checks whether an earlier capture has released the device."""
TRIAL_US = 12_000_000
"""Time limit for the first picture of another source. Slow cameras take four seconds to open."""

MakeCapture: TypeAlias = Callable[[CameraSpec, Mailbox[Frame], bool], Capture]
"""Returns a new capture of a source that puts its pictures into the mailbox, perhaps on trial."""


class _Running(msgspec.Struct):
    """A capture and its thread."""

    spec: CameraSpec
    capture: Capture
    thread: Thread
    stop: Event

    def close(self) -> None:
        """End it soon. Does not wait for a slow device."""
        self.stop.set()
        self.capture.close()


class _Trial(msgspec.Struct):
    """A source that is to replace the present one.

    Attributes:
        is_same: whether it is the present camera under another name; None until that is known.
        began_us: None before the first tick.
    """

    running: _Running
    is_same: bool | None = None
    began_us: int | None = None


class LocalVideo:
    """Starts and stops the capture of our own pictures.

    Attributes:
        frames: the pictures, whichever source they come from.
        is_hidden: True while the user has turned the camera off.
        problem: why the source that was chosen last does not replace the present one, or None.
    """

    def __init__(self, spec: CameraSpec, threads: Threads, make_capture: MakeCapture) -> None:
        self.frames: Mailbox[Frame] = Mailbox()
        self.is_hidden = False
        self.problem: DeviceProblem | None = None
        self._spec = spec
        self._threads = threads
        self._make_capture = make_capture
        self._is_started = False
        self._running: _Running | None = None
        self._trial: _Trial | None = None
        self._shared_from: CameraSpec | None = None
        """The source to return to after the screen was shared; None while it is not shared."""
        self._earlier: list[Thread] = []
        """Earlier capture threads, which may still hold the device."""

    @property
    def spec(self) -> CameraSpec:
        """The present source."""
        return self._spec

    @property
    def camera_spec(self) -> CameraSpec:
        """The present source, or the one that follows when the screen is no longer shared."""
        return self._spec if self._shared_from is None else self._shared_from

    @property
    def has_source(self) -> bool:
        """True unless the source is `none`."""
        return not isinstance(self._spec, NoCamera)

    @property
    def is_sharing_screen(self) -> bool:
        """True while the screen is sent in place of the camera."""
        return self._shared_from is not None

    @property
    def is_screen(self) -> bool:
        """True while the source is a screen or a window, shared or chosen as the camera."""
        return isinstance(self._spec, Screen)

    @property
    def changing_to(self) -> CameraSpec | None:
        """The source that is being tried; None if none is."""
        return None if self._trial is None else self._trial.running.spec

    @property
    def state(self) -> str:
        """Our picture state on the wire: `sent`, `none` or `hidden`."""
        if not self.has_source:
            return "none"
        return "hidden" if self.is_off else "sent"

    @property
    def is_off(self) -> bool:
        """True while nothing is sent because the camera is off; a shared screen is sent."""
        return self.is_hidden and not self.is_sharing_screen

    @property
    def device_state(self) -> DeviceState | None:
        """The camera's state; None while it is closed or not tried yet."""
        return None if self._running is None else self._running.capture.device_state

    @property
    def device_problem(self) -> DeviceProblem | None:
        """Why the present source delivers no pictures; None while it does."""
        running = self._running
        failure = None if running is None else running.capture.failure
        if running is None or failure is None:
            return None
        unavailable = DeviceProblemKind.UNAVAILABLE
        return _problem(unavailable, running.spec, failure.sentence, failure.next_step)

    @property
    def problems(self) -> tuple[DeviceProblem, ...]:
        """Why the camera is missing; empty while it is open, closed or off."""
        problem = None if self._running is None else self._running.capture.problem
        return () if problem is None else (problem,)

    @property
    def started_us(self) -> int | None:
        """The time of the open source's first picture; None before it."""
        return None if self._running is None else self._running.capture.started_us

    def start(self) -> None:
        """Open the source, if it is not open yet."""
        if self._is_started:
            return
        self._is_started = True
        self.frames = Mailbox()
        if self.has_source:
            self._running = self._run(self._spec, is_on_trial=False)

    def _run(self, spec: CameraSpec, *, is_on_trial: bool) -> _Running:
        capture, stop = self._make_capture(spec, self.frames, is_on_trial), Event()
        earlier = self._earlier = [thread for thread in self._earlier if thread.is_alive()]
        if self.is_off and not is_on_trial:
            capture.pause()

        def run() -> None:
            try:
                while any(thread.is_alive() for thread in earlier) and not stop.wait(
                    RELEASE_CHECK_S
                ):
                    pass
                while not stop.is_set():
                    capture.step()
            finally:
                capture.close()

        return _Running(spec, capture, self._threads.start("capture", run, self._on_end), stop)

    def _on_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("The camera has stopped: %s", error, extra={"key": "camera_stopped"})

    def set_hidden(self, is_hidden: bool) -> None:
        """Close the source while the camera is off, and open it again."""
        self.is_hidden = is_hidden
        if self._running is not None and not self.is_sharing_screen:
            self._follow_hidden(self._running.capture)

    def _follow_hidden(self, capture: Capture) -> None:
        if self.is_off:
            capture.pause()
        else:
            capture.resume()

    # Another source.

    def change(self, spec: CameraSpec) -> None:
        """Replace the camera, once it has delivered a picture; until then `changing_to` names it.

        While the camera is off or closed, or the screen is shared, it is only noted.
        """
        self.problem = None
        if self.is_sharing_screen:
            self._shared_from = spec
        else:
            self._change(spec)

    def share_screen(self, spec: Screen | None) -> None:
        """Send a screen in place of the camera, once it has delivered a picture; None ends that."""
        self.problem = None
        if spec is not None:
            self._try(spec)
        elif self.is_sharing_screen:
            spec_before, self._shared_from = self.camera_spec, None
            self._drop_trial()
            # At once: nobody wants the screen to be seen until a slow camera has opened.
            self._replace(spec_before)
        else:
            self._drop_trial()

    def _change(self, spec: CameraSpec) -> None:
        self._drop_trial()
        if spec == self._spec:
            return
        if not self._is_started or self.is_off or isinstance(spec, NoCamera):
            self._replace(spec)
        else:
            self._try(spec)

    def _replace(self, spec: CameraSpec) -> None:
        """Use a source from now on, without a trial."""
        self._spec = spec
        self._close_running()
        if self._is_started and self.has_source:
            self._running = self._run(spec, is_on_trial=False)

    def _try(self, spec: CameraSpec) -> None:
        self._drop_trial()
        if not self._is_started:
            return
        trial = _Trial(self._run(spec, is_on_trial=True))
        self._trial = trial
        present = self._spec

        def compare() -> None:
            trial.is_same = are_same_camera(present, spec)

        # Beside the trial, which fails if it is the same: some systems take long to list cameras.
        self._threads.start("compare cameras", compare)

    def on_tick(self, now_us: int) -> bool:
        """Follow a trial, and a shared window that may be closed; return whether one has ended."""
        if (failure := self._find_closed_window()) is not None:
            spec = self._spec
            self.share_screen(None)
            self._report_problem(spec, failure.sentence, failure.next_step)
            return True
        trial = self._trial
        if trial is None:
            return False
        if trial.began_us is None:
            trial.began_us = now_us
        running = trial.running
        state, failure = running.capture.device_state, running.capture.failure
        if trial.is_same:
            self._drop_trial()
            self._spec = running.spec
        elif state is not None and state.is_open:
            self._begin(running)
        elif failure is not None and trial.is_same is not None:
            self._fail(running.spec, failure.sentence, failure.next_step)
        elif now_us - trial.began_us > TRIAL_US:
            self._fail(running.spec, f"{running.spec.label} delivers no pictures", "")
        else:
            return False
        return True

    def _begin(self, running: _Running) -> None:
        """Let the source that was tried take over."""
        self._trial = None
        if isinstance(running.spec, Screen) and not isinstance(self._spec, Screen):
            self._shared_from = self._spec
        self._close_running()
        self._spec, self._running = running.spec, running
        running.capture.begin()

    def _find_closed_window(self) -> SourceError | None:
        """Return why a shared window delivers no more pictures; a screen may come back."""
        is_window = isinstance(self._spec, Screen) and self._spec.window != 0
        if self._running is None or not (self.is_sharing_screen and is_window):
            return None
        return self._running.capture.failure

    def _fail(self, spec: CameraSpec, sentence: str, next_step: str) -> None:
        self._drop_trial()
        self._report_problem(spec, sentence, next_step)

    def _report_problem(self, spec: CameraSpec, sentence: str, next_step: str) -> None:
        is_screen = isinstance(spec, Screen)
        kind = DeviceProblemKind.NOT_SHARED if is_screen else DeviceProblemKind.NOT_CHANGED
        self.problem = _problem(kind, spec, sentence, next_step)
        key = "screen_not_shared" if is_screen else "device_not_changed"
        _log.warning("%s", word_device_problem(self.problem), extra={"key": key})

    def _drop_trial(self) -> None:
        trial, self._trial = self._trial, None
        if trial is not None:
            trial.running.close()
            self._earlier.append(trial.running.thread)

    def _close_running(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.close()
            self._earlier.append(running.thread)

    def stop(self) -> None:
        """Close the source, and end screen sharing. Does not wait for a slow device."""
        if not self._is_started:
            return
        self._is_started = False
        self._drop_trial()
        self._close_running()
        self.frames.close()
        if self._shared_from is not None:
            self._spec, self._shared_from = self._shared_from, None


def _problem(
    kind: DeviceProblemKind, spec: CameraSpec, sentence: str, next_step: str
) -> DeviceProblem:
    return DeviceProblem(
        kind,
        DeviceKind.CAMERA,
        name=spec.label,
        detail=sentence,
        next_step=next_step,
    )
