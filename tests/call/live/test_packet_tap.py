"""call/live/packet_tap.py: what a recorder gets of a call's packets."""

from datetime import UTC, datetime
from pathlib import Path

from call.live.packet_tap import PacketTap
from media.packet import AudioPacket, VideoPacket
from media.recording.recorder import Recorder, RecordingTitle
from media.recording.tracks import RecordedPacket, Track
from tests.support.manual_clock import ManualClock

NOW_US = 9_000_000
PICTURE = VideoPacket(7, 5_000_000, True, b"picture")
VOICE = AudioPacket(8, 6_000_000, b"voice")


class ListingRecorder(Recorder):
    """A recorder that lists what it is given."""

    def __init__(self) -> None:
        title = RecordingTitle("Bob", "Ann", datetime(2026, 11, 30, tzinfo=UTC), "")
        super().__init__(Path("never.mkv"), title, ManualClock(NOW_US))
        self.packets: list[RecordedPacket] = []

    def put(self, packet: RecordedPacket) -> None:
        self.packets.append(packet)


def test_own_packets_have_our_clock_and_those_of_the_other_peer_an_estimate() -> None:
    tap = PacketTap(lambda remote_us, now_us: remote_us + 100, ManualClock(NOW_US))
    tap.recorder = recorder = ListingRecorder()
    tap.put_picture(Track.OWN_PICTURE, PICTURE, "h264", (640, 360))
    tap.put_picture(Track.REMOTE_PICTURE, PICTURE, "mjpeg", (320, 180))
    tap.put_voice(Track.OWN_VOICE, VOICE, "opus")
    tap.put_voice(Track.REMOTE_VOICE, VOICE, "pcm")
    own, remote, at_us = Track.OWN_PICTURE, Track.REMOTE_PICTURE, NOW_US
    assert recorder.packets == [
        RecordedPacket(own, "h264", 7, 5_000_000, at_us, None, True, b"picture", 640, 360),
        RecordedPacket(remote, "mjpeg", 7, 5_000_000, at_us, 5_000_100, True, b"picture", 320, 180),
        RecordedPacket(Track.OWN_VOICE, "opus", 8, 6_000_000, at_us, None, True, b"voice"),
        RecordedPacket(Track.REMOTE_VOICE, "pcm", 8, 6_000_000, at_us, 6_000_100, True, b"voice"),
    ]


def test_nothing_is_passed_on_once_the_recorder_is_gone() -> None:
    tap = PacketTap(lambda remote_us, now_us: None, ManualClock(NOW_US))
    recorder = tap.recorder = ListingRecorder()
    tap.recorder = None
    tap.put_voice(Track.OWN_VOICE, VOICE, "opus")
    assert recorder.packets == []
