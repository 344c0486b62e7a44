"""Local video: runs the capture thread from ring to end of call. Call thread only.

The device is open only while it may be needed: a listener's camera opens at the ring and closes
after the call.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

from core.mailbox import Mailbox
from core.threads import Threads
from media.device_state import DeviceProblem, DeviceState
from media.frame import Frame
from media.video.camera_spec import CameraSpec, NoCamera
from media.video.capture import Capture

_log = logging.getLogger(__name__)

RELEASE_CHECK_S = 0.05
"""Between two checks whether an earlier capture has released the device."""


class LocalVideo:
    """Starts and stops the capture of our own pictures.

    Args:
        make_capture: returns a new capture that puts its pictures into the given mailbox.
    """

    def __init__(
        self,
        spec: CameraSpec,
        threads: Threads,
        make_capture: Callable[[Mailbox[Frame]], Capture],
    ) -> None:
        self.frames: Mailbox[Frame] = Mailbox()
        self.has_source = not isinstance(spec, NoCamera)
        self.is_hidden = False
        self._threads = threads
        self._make_capture = make_capture
        self._capture: Capture | None = None
        self._stop = Event()
        self._thread: Thread | None = None
        self._earlier: list[Thread] = []
        """Earlier capture threads, which may still hold the device."""

    @property
    def state(self) -> str:
        """Our picture state on the wire: `sent`, `none` or `hidden`."""
        if not self.has_source:
            return "none"
        return "hidden" if self.is_hidden else "sent"

    @property
    def device_state(self) -> DeviceState | None:
        """The camera's state; None while it is closed or not tried yet."""
        return None if self._capture is None else self._capture.device_state

    @property
    def problems(self) -> tuple[DeviceProblem, ...]:
        """Why the camera is missing; empty while it is open, closed or off."""
        problem = None if self._capture is None else self._capture.problem
        return () if problem is None else (problem,)

    @property
    def started_us(self) -> int | None:
        """The time of the open source's first picture; None before it."""
        return None if self._capture is None else self._capture.started_us

    def start(self) -> None:
        """Open the source, if it is not open yet."""
        if self._thread is not None or not self.has_source:
            return
        self.frames = Mailbox()
        capture = self._make_capture(self.frames)
        stop = Event()
        self._capture, self._stop = capture, stop
        earlier = self._earlier = [thread for thread in self._earlier if thread.is_alive()]
        if self.is_hidden:
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

        self._thread = self._threads.start("capture", run, self._on_end)

    def _on_end(self, error: BaseException | None) -> None:
        if error is not None:
            _log.error("The camera has stopped: %s", error, extra={"key": "camera_stopped"})

    def set_hidden(self, is_hidden: bool) -> None:
        """Close the source while the camera is off, and open it again."""
        self.is_hidden = is_hidden
        if self._capture is not None:
            if is_hidden:
                self._capture.pause()
            else:
                self._capture.resume()

    def stop(self) -> None:
        """Close the source. Does not wait for a slow device."""
        if self._thread is None:
            return
        self._stop.set()
        if self._capture is not None:
            self._capture.close()
        self.frames.close()
        self._earlier.append(self._thread)
        self._thread = None
        self._capture = None
