"""Call recording: begins and ends the recordings of one call, and tells both users. Call thread.

A recording runs in a thread that waits for the disk. What goes wrong there ends the recording, and
the call goes on.
"""

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue

from call.live.active_call import ActiveCall
from call.live.packet_tap import PacketTap
from call.session.call_notices import Tell
from call.session.output_paths import recording_path
from call.session.session_context import SessionContext
from core import events
from core.clock import local_now
from core.errors import ReportedError
from core.program import NAME, VERSION
from media.recording.recorder import Recorder, RecordingTitle
from media.recording.tracks import PICTURES, Track
from net.protocol.control import KeyframeRequest, RecordingState
from ui.call_notice import CallNoticeKind
from ui.wording import recording as wording

_log = logging.getLogger(__name__)

KEYFRAME_PAUSE_US = 1_000_000
"""Between two requests for a keyframe. The sender has its own limit."""
REMOTE_PAUSE_US = 1_000_000
"""Between two reports on the other peer's recordings, which it can switch as often as it likes."""
FEATURES_LIMIT_US = 2_000_000
"""A peer says at the start of a call what it understands, long before this."""
_MISSING = {
    Track.OWN_PICTURE: CallNoticeKind.OWN_PICTURE_MISSING,
    Track.OWN_VOICE: CallNoticeKind.OWN_VOICE_MISSING,
    Track.REMOTE_PICTURE: CallNoticeKind.REMOTE_PICTURE_MISSING,
    Track.REMOTE_VOICE: CallNoticeKind.REMOTE_VOICE_MISSING,
}
"""The notice for each track that a recording has no room for."""
END_LIMIT_S = 0.5
"""How long the end of a call waits for the end of the file."""


class CallRecording:
    """The recordings of one call, one after another, and what the other peer says of its own.

    Args:
        peer_name: how this user knows the other peer.
        on_change: called when the view has to be shown again.
        tell: tells the user what became of a recording.

    Attributes:
        is_remote_on: True while the other peer records the call.
        is_shown_there: True if the other peer's program shows its user that we record.
    """

    def __init__(
        self,
        live: ActiveCall,
        tap: PacketTap,
        context: SessionContext,
        peer_name: str,
        on_change: Callable[[], None],
        tell: Tell,
    ) -> None:
        self.is_remote_on = False
        self.is_shown_there = False
        self._live = live
        self._tap = tap
        self._context = context
        self._peer_name = peer_name
        self._on_change = on_change
        self._tell_user = tell
        self._recorder: Recorder | None = None
        self._ended: SimpleQueue[BaseException | None] = SimpleQueue()
        self._is_stopping = False
        self._keyframe_us = 0
        self._has_dropped = False
        self._refused: frozenset[Track] = frozenset()
        self._has_told = False
        self._has_warned_of_older_peer = False
        self._is_remote_told = False
        self._remote_told_us = context.now_us() - REMOTE_PAUSE_US

    @property
    def is_on(self) -> bool:
        """True while the call is recorded here."""
        return self._recorder is not None and not self._is_stopping

    def toggle(self) -> None:
        """Begin to record, or end the recording."""
        if self.is_on:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Begin a recording, unless there is one."""
        if self._live.is_ending or self.is_on:
            return
        if self._recorder is not None:
            self._handle_end(END_LIMIT_S)
        if self._recorder is not None:
            self._tell_user(CallNoticeKind.STILL_WRITING, path=str(self._recorder.path))
            return
        self.attach()
        self._request_keyframes(PICTURES)
        self.announce()

    def attach(self) -> None:
        """Begin to store what comes; before the call's threads start, its first pictures too."""
        context, begun_at = self._context, local_now()
        recorder = Recorder(
            recording_path(context.recording, self._peer_name, begun_at),
            RecordingTitle(self._peer_name, context.local_name, begun_at, f"{NAME} {VERSION}"),
            context.now_us,
        )
        self._recorder, self._is_stopping = recorder, False
        self._has_dropped, self._refused = False, frozenset()
        self._tap.recorder = recorder
        context.threads.start("recording", recorder.run, self._ended.put)

    def announce(self) -> None:
        """Tell both users of the recording that has begun, if there is one."""
        if self._recorder is not None:
            self._tell_user(CallNoticeKind.RECORDING_BEGUN, path=str(self._recorder.path))
            self._tell()

    def stop(self) -> None:
        """End the recording, if there is one."""
        if self._recorder is not None and not self._is_stopping:
            self._is_stopping = True
            self._tap.recorder = None
            self._recorder.close()
            self._tell()

    def on_remote_state(self, state: RecordingState) -> None:
        """Handle the other peer's word that it records, or no longer does."""
        if state.is_recording is not self.is_remote_on:
            self.is_remote_on = state.is_recording
            self._on_change()

    def repeat_state(self) -> None:
        """Tell the other peer again, on another link."""
        if self._has_told:
            self._live.send(RecordingState(is_recording=self.is_on))

    def on_tick(self, now_us: int) -> None:
        """Request keyframes, and handle the end of a recording and what went wrong."""
        self._report_remote(now_us)
        recorder = self._recorder
        if recorder is None:
            return
        if self._live.is_ending:
            self.stop()
        self._warn_of_older_peer(now_us)
        self._warn(recorder)
        self._handle_end(0)
        if self.is_on and now_us - self._keyframe_us >= KEYFRAME_PAUSE_US:
            self._request_keyframes(tuple(t for t in PICTURES if recorder.needs_keyframe(t)))

    def finish(self) -> None:
        """End the recording with the call, and wait for its file for half a second."""
        self.stop()
        self._handle_end(END_LIMIT_S)

    def _report_remote(self, now_us: int) -> None:
        """Report that the other peer records or no longer does, at most once a second."""
        is_on = self.is_remote_on
        if is_on is not self._is_remote_told and now_us >= self._remote_told_us + REMOTE_PAUSE_US:
            self._is_remote_told, self._remote_told_us = is_on, now_us
            _log.info("%s", wording.remote_recording(self._peer_name, is_on=is_on))
            self._context.report(events.RemoteRecording(is_on=is_on))

    def _request_keyframes(self, tracks: tuple[Track, ...]) -> None:
        if tracks:
            self._keyframe_us = self._context.now_us()
        if Track.REMOTE_PICTURE in tracks and not self._live.is_reconnecting:
            self._live.send(KeyframeRequest())
        if Track.OWN_PICTURE in tracks:
            self._live.video.on_keyframe_request()

    def _warn_of_older_peer(self, now_us: int) -> None:
        """Warn once that the other user is not told by their program."""
        is_due = now_us - self._live.started_us >= FEATURES_LIMIT_US
        if self.is_on and is_due and not (self.is_shown_there or self._has_warned_of_older_peer):
            self._has_warned_of_older_peer = True
            self._tell_user(CallNoticeKind.NOT_SHOWN_THERE)

    def _warn(self, recorder: Recorder) -> None:
        if recorder.dropped and not self._has_dropped:
            self._has_dropped = True
            self._tell_user(CallNoticeKind.DISK_TOO_SLOW)
        for track in sorted(recorder.refused - self._refused):
            self._tell_user(_MISSING[track])
        self._refused = recorder.refused

    def _handle_end(self, limit_s: float) -> None:
        """Handle the end of the recording thread, if it comes within a time."""
        recorder = self._recorder
        if recorder is None:
            return
        try:
            error = self._ended.get(timeout=limit_s) if limit_s else self._ended.get_nowait()
        except Empty:
            return
        was_on = self.is_on
        self._tap.recorder = None
        self._recorder = None
        self._is_stopping = False
        path = str(recorder.path)
        if isinstance(error, ReportedError):
            detail = f"{error.sentence}. {error.next_step}."
            self._tell_user(CallNoticeKind.RECORDING_STOPPED, path=path, detail=detail)
        elif error is not None:
            self._tell_user(CallNoticeKind.RECORDING_BROKEN, path=path, detail=str(error))
        elif recorder.is_empty:
            self._tell_user(CallNoticeKind.RECORDING_EMPTY)
        else:
            duration_s = recorder.duration_us / 1e6
            self._tell_user(CallNoticeKind.RECORDING_SAVED, path=path, duration_s=duration_s)
        self._context.report(
            events.RecordingEnded(
                file="" if recorder.is_empty else str(recorder.path),
                duration_s=round(recorder.duration_us / 1e6, 1),
                is_complete=error is None,
            )
        )
        if was_on:
            self._tell()

    def _tell(self) -> None:
        """Tell the other peer and the user whether the call is recorded."""
        if not self._live.is_ending:
            self._has_told = True
            self._live.send(RecordingState(is_recording=self.is_on))
        if self.is_on and self._recorder is not None:
            self._context.report(events.RecordingBegun(file=str(self._recorder.path)))
        self._on_change()
