"""call/live/call_video.py: states, threads and the messages of a call's pictures."""

import gc
import weakref
from threading import Thread
from unittest.mock import MagicMock

import pytest
from av import VideoFrame

from call.live.call_video import CallVideo
from call.live.local_video import LocalVideo
from call.live.video_display import VideoDisplay
from core.call_statistics import LimitedBy
from core.threads import Threads
from media.frame import Frame
from media.video.camera_spec import CameraSpec, NoCamera, Screen, TestPattern
from media.video.display_sizes import DisplaySizes
from media.video.settings import VideoSettings
from net.errors import ProtocolError
from net.protocol.clock_sync import ClockSync
from net.protocol.control import Decodable, Feedback, PictureState, VideoFormat
from net.protocol.fragments import FIRST, KEYFRAME, LAST, OPENING
from net.protocol.picture_pause import LOWEST_TARGET_BPS, STUCK_US
from net.protocol.rate_control import START_BPS
from tests.support.call_sound import UnsentLink
from tests.support.deadline import DEADLINE_S
from tests.support.manual_clock import ManualClock
from tests.support.peer_process import wait_until
from tests.support.sent_messages import take_sent
from ui.view import RemotePicture

START_US = 9_000_000
BOTH = (Decodable("h264", 1280, 720), Decodable("mjpeg", 1280, 720))


class PictureEnd:
    """One end of a call's pictures, without threads. Its clock stands still until it is set."""

    def __init__(
        self, spec: CameraSpec | None = None, can_decode: tuple[Decodable, ...] = BOTH
    ) -> None:
        self.own = LocalVideo(TestPattern() if spec is None else spec, Threads(), MagicMock())
        self.link = UnsentLink()
        self.clock = ManualClock(START_US)
        self._can_decode = can_decode
        self.video = self._make_video(None)

    def _make_video(self, former: CallVideo | None) -> CallVideo:
        return CallVideo(
            self.own,
            self.link,
            list(self._can_decode),
            self.clock,
            settings=VideoSettings(),
            display=VideoDisplay(DisplaySizes(), lambda: None, lambda: START_US),
            clock=ClockSync(),
            former=former,
        )

    def on_another_link(self) -> CallVideo:
        """Return the pictures on another link, whose messages `link` holds from now on."""
        self.link = UnsentLink()
        return self._make_video(self.video)

    def pause(self) -> None:
        """Send a picture that never arrives, until pictures pause."""
        sending = Thread(target=dict(self.video.threads())["encode"])
        sending.start()
        self.own.frames.put(Frame(VideoFrame(64, 64, "yuv420p"), START_US))
        wait_until(lambda: self.video.sent.pictures == 1, "a picture is sent")
        self.clock.us += STUCK_US + 1
        wait_until(lambda: self.video.is_paused, "pictures pause")
        self.video.leave_link()
        sending.join(DEADLINE_S)

    def thread_names(self) -> list[str]:
        return [name for name, _ in self.video.threads()]


def test_pictures_are_encoded_and_decoded() -> None:
    end = PictureEnd()
    assert end.thread_names() == ["encode", "decode"]
    assert (end.video.state, end.video.codec) == ("sent", "h264")


def test_nothing_is_encoded_without_a_common_codec() -> None:
    end = PictureEnd(can_decode=())
    assert end.thread_names() == ["decode"]
    assert (end.video.state, end.video.codec) == ("none", None)


def test_camera_that_is_chosen_in_a_call_without_one_is_sent() -> None:
    end = PictureEnd(NoCamera())
    assert (end.video.state, end.video.codec) == ("none", None)
    end.own.change(TestPattern())
    end.video.on_tick(START_US)
    assert (end.video.state, end.video.codec) == ("sent", "h264")
    sending = Thread(target=dict(end.video.threads())["encode"])
    sending.start()
    end.own.frames.put(Frame(VideoFrame(64, 64, "yuv420p"), START_US))
    wait_until(lambda: end.video.sent.pictures == 1, "a picture is sent")
    end.video.close()
    sending.join(DEADLINE_S)


def test_hidden_camera_is_announced_as_hidden() -> None:
    end = PictureEnd()
    end.own.set_hidden(True)
    end.video.set_hidden(True)
    assert end.video.state == "hidden"


def test_other_peer_is_told_that_pictures_show_a_screen() -> None:
    assert PictureEnd().video.picture_state == PictureState("sent")
    end = PictureEnd(Screen())
    assert end.video.picture_state == PictureState("sent", is_screen=True)
    end.own.set_hidden(True)
    assert end.video.picture_state == PictureState("hidden")


def test_other_peers_screen_is_known_until_it_sends_its_camera_again() -> None:
    end = PictureEnd()
    end.video.on_state(PictureState("sent", is_screen=True))
    assert end.video.is_remote_screen
    end.video.on_state(PictureState("sent"))
    assert not end.video.is_remote_screen


@pytest.mark.parametrize(
    ("state", "remote"),
    [
        ("sent", RemotePicture.EXPECTED),
        ("hidden", RemotePicture.HIDDEN),
        ("none", RemotePicture.NONE),
        ("a later one", RemotePicture.NONE),
    ],
)
def test_other_peers_picture_state_is_kept(state: str, remote: RemotePicture) -> None:
    end = PictureEnd()
    assert end.video.remote == RemotePicture.EXPECTED
    end.video.on_state(PictureState(state))
    assert end.video.remote == remote


def test_pause_of_the_other_peers_pictures_is_kept_unless_there_are_none_anyway() -> None:
    end = PictureEnd()
    for state, remote in (("sent", RemotePicture.PAUSED), ("hidden", RemotePicture.HIDDEN)):
        end.video.on_state(PictureState(state, is_paused=True))
        assert end.video.remote == remote
    end.video.on_state(PictureState("sent"))
    assert end.video.remote == RemotePicture.EXPECTED


def test_arriving_bytes_count_before_their_packet_is_complete() -> None:
    end = PictureEnd()
    end.video.add_fragment(FIRST | KEYFRAME, OPENING.pack(0, 0, 1_000) + bytes(500), START_US)
    assert end.video.received_bytes == 500
    end.video.add_fragment(LAST, bytes(500), START_US)
    assert end.video.received_bytes == 1_000


def test_complete_packet_is_reported() -> None:
    end = PictureEnd()
    opening = OPENING.pack(0, 0, 100)
    end.video.add_fragment(FIRST | LAST | KEYFRAME, opening + bytes(100), START_US)
    assert take_sent(end.link.outbox) == [Feedback(100, 1, 0, START_US, START_US, START_US)]


def test_impossible_messages_are_protocol_errors() -> None:
    end = PictureEnd()
    with pytest.raises(ProtocolError):
        end.video.add_format(VideoFormat("av1", 640, 480, 0))
    with pytest.raises(ProtocolError):
        end.video.on_feedback(Feedback(100, 1, 1, 0), START_US)
    with pytest.raises(ProtocolError):
        end.video.add_fragment(0, b"no beginning", START_US)


def test_hold_is_kept_for_the_statistics() -> None:
    end = PictureEnd()
    assert end.video.hold_ms == 0
    end.video.set_hold(130.5)
    assert end.video.hold_ms == 130.5


def test_close_ends_both_threads() -> None:
    end = PictureEnd()
    end.video.close()
    for _, body in end.video.threads():
        body()


def test_pictures_of_a_call_are_freed_without_garbage_collection() -> None:
    """A circle of references would keep the codecs' memory after the call."""
    end = PictureEnd()
    video = weakref.ref(end.video)
    gc.disable()
    try:
        del end
        assert video() is None
    finally:
        gc.enable()


def test_pause_lowers_the_target_names_the_link_and_goes_on_with_another_one() -> None:
    end = PictureEnd()
    assert (end.video.is_paused, end.video.target_bps) == (False, START_BPS)
    end.pause()
    assert (end.video.is_paused, end.video.target_bps) == (True, LOWEST_TARGET_BPS)
    assert end.video.limited_by(0) is LimitedBy.LINK
    assert end.on_another_link().is_paused


def test_pictures_on_another_link_count_from_its_start_and_the_figures_go_on() -> None:
    end = PictureEnd()
    opening = OPENING.pack(7, 0, 100)
    end.video.on_state(PictureState("hidden", is_screen=True))
    end.video.set_hold(80.0)
    end.video.add_format(VideoFormat("h264", 640, 480, 0))
    end.video.add_fragment(FIRST | LAST | KEYFRAME, opening + bytes(100), START_US)
    end.video.received.taken = 1
    end.video.received.pictures = 1
    end.video.leave_link()
    again = end.on_another_link()
    assert (again.remote, again.hold_ms) == (RemotePicture.HIDDEN, 80.0)
    assert again.is_remote_screen
    assert (again.received_bytes, again.received.pictures) == (100, 1)
    assert again.newest is end.video.newest
    # The same sequence again: the other peer continues its own, and this end checks none of before.
    again.add_fragment(FIRST | LAST | KEYFRAME, opening + bytes(100), START_US)
    assert take_sent(end.link.outbox) == [Feedback(100, 1, 0, *[START_US] * 3)]
    assert again.received_bytes == 200
