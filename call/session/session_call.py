"""Session call: the one call of a session, with what the session keeps beside it. Call thread.

The live call moves pictures and sound. Beside it stand the record of the peer, the words that both
users compare, the newest figures, and the events that other programs wait for.
"""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from call.endings import ending_of_duration, ending_of_error
from call.inbox import ControlCame, Established, LinkResumed, StillTaken
from call.live.active_call import ActiveCall
from call.live.call_audio import CallAudio
from call.live.call_files import CallFiles
from call.live.call_threads import CallThreads
from call.live.call_video import CallVideo
from call.live.packet_tap import PacketTap
from call.session.call_notices import Tell
from call.session.call_recording import CallRecording
from call.session.call_sharing import CallSharing
from call.session.device_figures import add_devices
from call.session.peer_recorder import PeerRecorder
from call.session.session_context import SessionContext
from call.session.snapshots import Snapshots
from call.session.still_taker import StillTaker
from core import events
from core.call_history import CallHistory
from core.call_quality import Quality, QualityTally
from core.call_statistics import CallStatistics
from core.clock import local_now
from core.exit_status import ExitStatus
from media.errors import MediaError
from media.files.downloads_folder import downloads_folder
from net.link.link import Link
from net.protocol.chat_messages import Feature, Features
from net.protocol.control import CompareWords, Discovery, RecordingState
from net.protocol.file_messages import FileKind
from net.protocol.reasons import Reason
from net.protocol.states import Role
from ui.view import EndCause, Ending, RemotePicture, WordsTask
from ui.wording import log as wording

_log = logging.getLogger(__name__)

MAX_REDIAL = 8
"""Addresses of the callee that are dialled again; one call may find it at any number."""


class SessionCall:
    """A call that was accepted, until its end.

    Args:
        number: of the call, which its threads put into their events.
        established: its link, which this call owns even if its construction fails.
        on_change: called when the view has to be shown again.
        notify: tells the user of a problem with what is shared.
        tell: tells the user what became of a recording, a snapshot or a photo.
    Attributes:
        live: the call's threads and media.
        recording: the recordings of the call.
        peer: the other peer, as the view shows it.
        role: whether this peer has called or was called.
        sharing: chat with the other peer.
        fingerprint: of the other peer's key.
        redial: where a caller can dial the other peer again.
        words_task: what the user has to do with the words.
        figures: the statistics of the last second; None before the first.
        quality: of the last seconds; None before the first figures.
        history: the figures so far, for the report that a window offers; None without one.
    """

    def __init__(
        self,
        number: int,
        established: Established,
        context: SessionContext,
        on_change: Callable[[], None],
        *,
        notify: Callable[..., None],
        tell: Tell,
    ) -> None:
        self.peer = established.peer.view
        self.words_task = WordsTask.NONE
        self.figures: CallStatistics | None = None
        self.quality: Quality | None = None
        self._tally = QualityTally()
        self.history = CallHistory(local_now()) if context.has_window else None
        self._context = context
        self._on_change = on_change
        self._needs_words = established.peer.needs_words
        self.role = established.role
        self.fingerprint = established.peer.fingerprint
        self.redial = established.redial
        self._has_read = False
        self._lost_us: int | None = None
        self._pictures_before = 0
        self._has_first_picture = False
        self._stills = StillTaker(
            context.threads,
            lambda name, data: context.inbox.post(StillTaken(number, name, data)),
            tell=tell,
            post=context.inbox.post,
        )
        self._snapshots = Snapshots(
            context.threads, context.report, tell=tell, post=context.inbox.post
        )
        tap = PacketTap(established.clock.to_local_us, context.now_us)
        try:
            self.live = self._make_live(number, established, tap)
        except BaseException:
            established.link.hang_up(Reason.PROGRAM_FAULT)
            raise
        self.sharing = CallSharing(
            self.live,
            context.local_name,
            self.peer.display_name,
            report=context.report,
            notify=notify,
            on_change=on_change,
            has_window=context.has_window,
        )
        self._recorder = PeerRecorder(
            established.peer,
            context.known,
            context.threads.start,
            self.live.send,
            context.report,
            own=context.discovery,
        )
        self.recording = CallRecording(
            self.live, tap, context, self.peer.display_name, on_change, tell
        )

    def _make_live(self, number: int, established: Established, tap: PacketTap) -> ActiveCall:
        context = self._context
        hello, clock = established.peer.hello, established.clock
        context.open_devices()
        context.local_audio.stop_monitor()
        context.local_audio.stop_sounds()
        context.display.take_shown_us()

        def make_video(link: Link, former: CallVideo | None) -> CallVideo:
            video = CallVideo(
                context.local_video,
                link,
                hello.can_decode,
                context.now_us,
                settings=context.settings.video,
                display=context.display,
                clock=clock,
                former=former,
            )
            video.tap_into(tap)
            return video

        sound = CallAudio(
            context.local_audio,
            established.link,
            hello.can_hear,
            context.now_us,
            to_local_us=clock.to_local_us,
        )
        sound.tap_into(tap)
        return ActiveCall(
            established,
            make_video=make_video,
            sound=sound,
            files=CallFiles(
                is_caller=established.role is Role.CALLER,
                folder=lambda: downloads_folder(context.settings.files.folder),
                peer_name=established.peer.display_name,
                now_us=context.now_us,
            ),
            threads=CallThreads(number, context.threads, context.inbox),
            settings=context.settings.call,
            on_second=self._on_second,
            now_us=context.now_us,
        )

    def start(self) -> None:
        """Start the call's threads, and store a peer that has proven its identity."""
        self.sharing.begin()
        if self._context.recording is not None:
            self.recording.attach()
        try:
            self.live.start()
        except MemoryError as error:  # no room for one more thread
            self.live.end.ending = ending_of_error(error, after_accept=True)
            raise
        peer = self.peer
        self._context.report(
            events.Accepted(peer=peer.display_name, trust=peer.trust.value, address=peer.address)
        )
        if self._needs_words:
            self.live.send(CompareWords())
        self._recorder.begin()
        self.recording.announce()
        _log.debug("call %d with %s", self.live.number, peer.address)

    def move_to(self, resumed: LinkResumed) -> None:
        """Continue the call on another link, and send again what the former one may have lost.

        The live call repeats the state of picture and sound, and both formats. Pings, feedback and
        keyframe requests belong to a link, and the shares of the call's identity have arrived, or
        it could not have been resumed.
        """
        self.live.move_to(resumed.link, resumed.generation)
        if self.words_task is WordsTask.COMPARE:
            self.live.send(CompareWords())
        self._recorder.introduce_again()
        self.sharing.move()
        self.recording.repeat_state()
        address = resumed.address
        if address is not None:
            others = (other for other in self.redial if other != address)
            self.redial = (address, *others)[:MAX_REDIAL]

    def show_words(self) -> None:
        """Ask the user to compare words with a peer that has not proven its identity."""
        if self._needs_words:
            if self._context.has_window:  # A terminal shows the view, which says the same.
                _log.info("%s", wording.compare_words(self.peer))
            self._set_words_task(WordsTask.COMPARE)

    @property
    def kept_name(self) -> str:
        """The name under which this user knows the peer from now on; "" for a stranger."""
        return self._recorder.kept_name

    def confirm_words(self) -> None:
        """Handle the user's word that the words match, or that the peer has read them."""
        if self.words_task is WordsTask.READ_ALOUD:
            self._set_words_task(WordsTask.NONE)
        elif self._recorder.confirm():
            _log.info("%s", wording.words_match(self.peer))
            self._set_words_task(WordsTask.COMPARED)

    def on_control(self, event: ControlCame) -> None:
        """Handle a control message of this call."""
        live = self.live
        if isinstance(event.control, Discovery):
            self._recorder.update(event.control)
            if self.words_task is WordsTask.READ_ALOUD:  # The other peer has stored us.
                self._set_words_task(WordsTask.NONE)
        elif isinstance(event.control, CompareWords):
            self._read_words()
        elif isinstance(event.control, RecordingState):
            self.recording.on_remote_state(event.control)
        elif isinstance(event.control, Features):
            self.recording.is_shown_there = Feature.RECORDING.value in event.control.names
        before = self._remote_state
        live.on_control(event.control, event.came_us)
        self.sharing.on_control(event.control, event.came_us)
        if self._remote_state != before:
            self._context.report(self._remote_state)
            self._on_change()

    @property
    def _remote_state(self) -> events.RemoteState:
        video, sound = self.live.video, self.live.sound
        return events.RemoteState(
            picture=video.remote.value, sound=sound.remote.value, is_screen=video.is_remote_screen
        )

    def _read_words(self) -> None:
        """Ask the user, once, to read the words aloud, which only the other user has to compare."""
        if self.words_task is WordsTask.NONE and not self._has_read:
            self._has_read = True
            if self._context.has_window:
                _log.info("%s", wording.read_words(self.peer))
            self._set_words_task(WordsTask.READ_ALOUD)

    def _set_words_task(self, task: WordsTask) -> None:
        self.words_task = task
        self._context.report(events.Words(task=task.value, words=self.peer.words))
        self._on_change()

    @property
    def remote_picture(self) -> RemotePicture:
        """The state of the other peer's picture in the view."""
        pictures = self.live.video.received.pictures
        if self.live.video.remote is RemotePicture.PAUSED:
            return RemotePicture.PAUSED
        if self.live.video.remote is not RemotePicture.EXPECTED:
            self._pictures_before = pictures
        elif pictures > self._pictures_before:
            return RemotePicture.SHOWN
        return self.live.video.remote

    def on_tick(self, now_us: int) -> None:
        """Tick the live call, report its changes, and hang up after the set duration."""
        self.live.on_tick(now_us)
        self.sharing.on_tick(now_us)
        self._report_first_picture()
        self._report_link(now_us)
        self.recording.on_tick(now_us)
        duration_s = self._context.settings.call.duration_s
        if duration_s and now_us - self.live.started_us >= duration_s * 1e6:
            self.live.hang_up(ending_of_duration(duration_s), Reason.DURATION_OVER)

    def _report_link(self, now_us: int) -> None:
        """Report that the link was lost, or that the call goes on."""
        lost_us, self._lost_us = self._lost_us, self.live.lost_us
        if self.live.is_ending or (lost_us is None) == (self._lost_us is None):
            return
        name = self.peer.display_name
        if lost_us is None:
            _log.info("%s", wording.reconnecting(name))
            self._context.report(events.LinkLost(peer=name))
        else:
            _log.info("%s", wording.reconnected(name))
            after_ms = round((now_us - lost_us) / 1000, 1)
            resumed = events.Resumed(after_ms=after_ms, reconnects=self.live.reconnects)
            self._context.report(resumed)
        self._on_change()

    def _report_first_picture(self) -> None:
        decoded_us = self.live.video.received.first_decoded_us
        if decoded_us is not None and not self._has_first_picture:
            self._has_first_picture = True
            after_ms = round((decoded_us - self.live.started_us) / 1000, 1)
            self._context.report(events.FirstPicture(after_ms=after_ms))

    def _on_second(self, figures: CallStatistics) -> None:
        own = self._context.local_video, self._context.local_audio
        figures = add_devices(figures, own, (self.live.video, self.live.sound))
        self.figures = figures
        self._tally.add(figures)
        if self.history is not None:
            self.history.add(figures)
        self.quality = self._tally.recent
        if self._context.statistics is not None:
            self._context.statistics.write(figures)
        self._on_change()

    def finish(self) -> Ending:
        """End the threads, save the snapshot, and return how the call ended. Blocks briefly."""
        self.live.finish()
        self.sharing.finish()
        self.recording.finish()
        self._report_first_picture()
        self._context.close_devices()
        self._save_snapshot()
        ending = self.live.end.ending or Ending(
            EndCause.FAULT, ExitStatus.FAULT, fault="the call ended without a reason"
        )
        length_s = (self._context.now_us() - self.live.started_us) / 1e6
        return replace(ending, length_s=length_s, quality=self._tally.overall)

    def take_still(self) -> None:
        """Take a photo of the own camera, and offer it to the other peer."""
        self._stills.take(self._context.local_video)

    def offer_still(self, still: StillTaken) -> None:
        """Offer a photo that was taken for the other peer of this call."""
        self.sharing.send_file((still.name, still.data), FileKind.STILL)

    def take_snapshot(self) -> None:
        """Save the other peer's newest picture, because the user asked for it."""
        _, newest = self.live.video.newest.peek()
        picture = None if newest is None else newest.picture
        self._snapshots.take(picture, self.peer.display_name)

    def _save_snapshot(self) -> None:
        _, newest = self.live.video.newest.peek()
        if self._context.snapshot is None or newest is None:
            return
        # Imported here: OpenCV takes 27 MB, and most calls do without it.
        from media.video.snapshot import save_snapshot

        try:
            save_snapshot(newest.picture, self._context.snapshot)
        except MediaError as error:
            _log.error("%s. %s.", error.sentence, error.next_step)
