"""call/session/call_recording.py: what both users and the other program learn of recordings."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from call.live.active_call import ActiveCall
from call.live.packet_tap import PacketTap
from call.session.call_recording import FEATURES_LIMIT_US, REMOTE_PAUSE_US, CallRecording
from call.session.session_context import SessionContext
from core.events import Event, RecordingBegun, RecordingEnded, RemoteRecording
from core.threads import Threads
from media.packet import AudioPacket
from media.recording.tracks import Track
from net.protocol.control import Control, KeyframeRequest, RecordingState
from tests.support.deadline import DEADLINE_S
from tests.support.manual_clock import ManualClock
from ui.call_notice import CallNoticeKind

START_US = 9_000_000
ON, OFF = RecordingState(is_recording=True), RecordingState(is_recording=False)


class RecordedEnd:
    """One end of a call without a link, whose recordings go into a folder."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(START_US)
        self.sent: list[Control] = []
        self.reported: list[Event] = []
        self.threads = Threads()
        live = MagicMock(spec=ActiveCall, started_us=START_US, is_ending=False)
        live.is_reconnecting = False
        live.send = self.sent.append
        context = MagicMock(
            spec=SessionContext,
            recording=folder / "call.mkv",
            local_name="Ann",
            now_us=self.clock,
            threads=self.threads,
            report=self.reported.append,
        )
        self.tap = PacketTap(lambda remote_us, now_us: remote_us, self.clock)
        self.told: list[CallNoticeKind] = []
        self.recording = CallRecording(
            live,
            self.tap,
            context,
            "Bob",
            lambda: None,
            lambda kind, **_: self.told.append(kind),
        )

    def tick(self, after_us: int) -> None:
        self.clock.us += after_us
        self.recording.on_tick(self.clock.us)

    def states(self) -> list[Control]:
        return [control for control in self.sent if isinstance(control, RecordingState)]


@pytest.fixture
def end(tmp_path: Path) -> Iterator[RecordedEnd]:
    end = RecordedEnd(tmp_path)
    yield end
    end.recording.finish()
    assert end.threads.join(DEADLINE_S) == []


def test_other_program_is_told_of_the_recording_and_asked_for_a_keyframe(end: RecordedEnd) -> None:
    end.recording.toggle()
    was_on = end.recording.is_on
    assert (KeyframeRequest() in end.sent, end.states()) == (True, [ON])
    end.recording.toggle()
    assert (was_on, end.recording.is_on) == (True, False)
    assert end.states() == [ON, OFF]


def test_state_is_told_again_on_another_link_once_it_was_told(end: RecordedEnd) -> None:
    end.recording.repeat_state()
    assert end.states() == []
    end.recording.start()
    end.recording.stop()
    end.recording.repeat_state()
    assert end.states() == [ON, OFF, OFF]


def test_finished_recording_is_reported_with_its_file(end: RecordedEnd, tmp_path: Path) -> None:
    end.recording.start()
    end.tap.put_voice(Track.OWN_VOICE, AudioPacket(0, START_US, b"\xf8voice"), "opus")
    end.tick(20_000)
    end.recording.finish()
    file = str(tmp_path / "call.mkv")
    assert end.reported == [
        RecordingBegun(file=file),
        RecordingEnded(file=file, duration_s=0.0, is_complete=True),
    ]
    assert end.told == [CallNoticeKind.RECORDING_BEGUN, CallNoticeKind.RECORDING_SAVED]


@pytest.mark.parametrize("is_shown_there", [False, True])
def test_user_is_warned_once_if_the_other_program_shows_no_recording(
    end: RecordedEnd, is_shown_there: bool
) -> None:
    end.recording.is_shown_there = is_shown_there
    end.recording.start()
    for _ in range(3):
        end.tick(FEATURES_LIMIT_US)
    count = end.told.count(CallNoticeKind.NOT_SHOWN_THERE)
    assert count == (0 if is_shown_there else 1)


def test_other_peers_recording_is_reported_once_a_second_at_most(end: RecordedEnd) -> None:
    for _ in range(100):
        for state in (OFF, ON):
            end.recording.on_remote_state(state)
            end.tick(REMOTE_PAUSE_US // 50)
    assert end.recording.is_remote_on
    assert 2 <= len(end.reported) <= 4
    end.tick(REMOTE_PAUSE_US)
    assert end.reported[-1] == RemoteRecording(is_on=True)
