"""call/live/video_sender.py: which pictures are sent, how large, and at what bitrate."""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from av import VideoFrame

from call.live.send_budget import SendBudget
from call.live.video_sender import VideoSender
from core.mailbox import Mailbox
from media.frame import Content, Frame
from media.packet import EncodedPicture
from media.video.encoder import VideoEncoder
from net.protocol.control import VideoFormat, decode_control
from net.protocol.fragments import PacketAssembler
from net.protocol.framing import MessageParser, MessageType
from net.protocol.pacing import pause_us
from net.protocol.picture_pause import LOWEST_TARGET_BPS, STUCK_US
from net.protocol.video_ladder import VideoLadder
from tests.support.call_sound import UnsentLink

START_US = 9_000_000
PICTURE_US = 33_333
PICTURE = VideoFrame.from_ndarray(np.full((60, 32), 126, np.uint8), "yuv420p")
PAYLOAD = bytes(500)
FOREVER = 1_000_000
HEADERS_BYTES = 4 + 16
"""Of a message, and of a packet's first fragment."""


class FixedBudget(SendBudget):
    """A budget with room for every picture at a bitrate that stays."""

    def __init__(self, target_bps: int) -> None:
        super().__init__(target_bps, lambda: START_US)
        self.fixed_bps = target_bps
        self.is_stuck = False
        """True while the other peer acknowledges no picture."""
        self.pauses_s: list[float] = []
        self.on_pause: Callable[[float], None] = lambda pause_s: None

    @property
    def target_bps(self) -> int:
        return self.fixed_bps

    def has_room(self) -> bool:
        return True

    def wait_pause(self, pause_s: float) -> None:
        self.pauses_s.append(pause_s)
        self.on_pause(pause_s)

    @property
    def in_flight_packets(self) -> int:
        return super().in_flight_packets if self.is_stuck else 0


class Encoded(NamedTuple):
    """What the encoder was asked for."""

    captured_us: int
    target_bps: int
    within_px: tuple[int, int]


class ScriptedEncoder(VideoEncoder):
    """An encoder that stores what it is asked for."""

    def __init__(self) -> None:
        super().__init__("h264", 30, 2_500_000)
        self.asked: list[Encoded] = []
        self.full_range_from = FOREVER
        """The number of the first picture of full range."""

    def encode(
        self,
        frame: Frame,
        target_bps: int,
        within_px: tuple[int, int],
        *,
        refines: bool,
        allows_large: bool = False,
        keyframe: bool,
    ) -> EncodedPicture:
        self.is_full_range = len(self.asked) >= self.full_range_from
        is_new_size = within_px != self.size_px
        self.size_px = within_px
        self.asked.append(Encoded(frame.captured_us, target_bps, within_px))
        return EncodedPicture(PAYLOAD, is_new_size)


class ScriptedFrames(Mailbox[Frame]):
    """A camera whose pictures come when the sender waits for one; then the call ends."""

    def __init__(
        self, budget: FixedBudget, targets_bps: list[int], every_us: int, content: Content
    ) -> None:
        super().__init__()
        self.content = content
        self.now_us = START_US
        self._budget = budget
        self._targets_bps = targets_bps
        self._every_us = every_us

    def wait_newer(self, seen: int, timeout_s: float) -> tuple[int, Frame | None]:
        if not self._targets_bps:
            self._budget.close()
            return seen, None
        self.now_us += self._every_us
        self._budget.fixed_bps = self._targets_bps.pop(0)
        self.put(Frame(PICTURE, self.now_us, content=self.content))
        return super().wait_newer(seen, timeout_s)


class Sending:
    """A sender that has sent the pictures of a camera, one for each given target."""

    def __init__(
        self,
        targets_bps: list[int],
        *,
        every_us: int = PICTURE_US,
        content: Content = Content.MOTION,
        is_stuck: bool = False,
        full_range_from: int = FOREVER,
        pause_takes_time: bool = False,
    ) -> None:
        self.budget = budget = FixedBudget(targets_bps[0])
        budget.is_stuck = is_stuck
        frames = ScriptedFrames(budget, list(targets_bps), every_us, content)

        def pass_time(pause_s: float) -> None:
            frames.now_us += int(pause_s * 1e6)

        if pause_takes_time:
            budget.on_pause = pass_time
        self.link = UnsentLink()
        self.encoder = ScriptedEncoder()
        self.encoder.full_range_from = full_range_from
        self.sender = VideoSender(
            frames,
            self.link,
            budget,
            lambda: frames.now_us,
            codec="h264",
            encoder=self.encoder,
            ladder=VideoLadder((1280, 720), 30),
        )
        self.sender.run()


@pytest.mark.parametrize(
    ("target_bps", "within_px", "sent"),
    [
        (2_500_000, (1280, 720), 60),
        (500_000, (960, 540), 60),
        (250_000, (640, 360), 60),
        (150_000, (320, 180), 60),
        (80_000, (320, 180), 30),
        (40_000, (320, 180), 16),
        (20_000, (320, 180), 4),
    ],
)
def test_size_and_number_of_pictures_follow_the_target(
    target_bps: int, within_px: tuple[int, int], sent: int
) -> None:
    sending = Sending([target_bps] * 60)
    assert {each.within_px for each in sending.encoder.asked} == {within_px}
    assert len(sending.encoder.asked) == pytest.approx(sent, abs=1)
    counters = sending.sender.counters
    assert counters.pictures == len(sending.encoder.asked)
    assert counters.pictures + counters.skipped == 60


@pytest.mark.parametrize(
    ("target_bps", "sent"), [(2_500_000, 60), (500_000, 30), (200_000, 16), (100_000, 8)]
)
def test_text_keeps_its_size_and_comes_less_often(target_bps: int, sent: int) -> None:
    asked = Sending([target_bps] * 60, content=Content.DETAIL).encoder.asked
    assert {each.within_px for each in asked} == {(1280, 720)}
    assert len(asked) == pytest.approx(sent, abs=1)


def test_pictures_pause_while_none_arrives() -> None:
    stuck = Sending([150_000] * 300, is_stuck=True)
    assert stuck.sender.pause.is_on
    assert stuck.sender.target_bps == LOWEST_TARGET_BPS
    assert len(stuck.encoder.asked) == pytest.approx(STUCK_US / PICTURE_US, abs=2)
    assert stuck.sender.counters.skipped == 300 - len(stuck.encoder.asked)


def test_fewer_pictures_come_at_equal_intervals() -> None:
    times_us = [each.captured_us for each in Sending([80_000] * 60).encoder.asked]
    # The first two may follow each other as the camera's do.
    gaps_us = {later - earlier for earlier, later in pairwise(times_us[1:])}
    assert gaps_us == {2 * PICTURE_US}


def test_fewer_pictures_share_the_same_bitrate() -> None:
    """The encoder divides its target by the frame rate of the setting."""
    for target_bps, share in ((2_500_000, 1), (80_000, 2), (20_000, 15)):
        [asked, *_] = Sending([target_bps] * 3).encoder.asked
        assert asked.target_bps == target_bps * share


def test_fragments_leave_one_by_one_only_on_the_smallest_links() -> None:
    assert not Sending([150_000] * 9).budget.pauses_s
    paced = Sending([40_000] * 9)
    assert paced.budget.pauses_s == [pause_us(len(PAYLOAD) + HEADERS_BYTES, 40_000) / 1e6] * 3


def test_pauses_between_fragments_are_no_work_of_the_processor() -> None:
    paced = Sending([40_000] * 300, pause_takes_time=True)
    assert paced.budget.pauses_s
    assert paced.sender.processor.steps == 0


@pytest.mark.parametrize("every_us", [66_667, 200_000])
def test_slow_camera_loses_no_picture(every_us: int) -> None:
    sending = Sending([150_000] * 30, every_us=every_us)
    assert sending.sender.counters.skipped == 0


def test_each_new_size_is_announced_with_its_first_picture() -> None:
    sending = Sending([2_500_000] * 3 + [250_000] * 3)
    formats, packets = parse_sent(sending.link)
    assert formats == [
        VideoFormat("h264", 1280, 720, 0),
        VideoFormat("h264", 640, 360, 3),
    ]
    assert packets == 6
    assert sending.sender.counters.width_px == 640


def test_another_range_is_announced_so_that_another_decoder_is_opened() -> None:
    formats, packets = parse_sent(Sending([2_500_000] * 6, full_range_from=4).link)
    assert formats == [VideoFormat("h264", 1280, 720, 0), VideoFormat("h264", 1280, 720, 4)]
    assert packets == 6


def parse_sent(link: UnsentLink) -> tuple[list[VideoFormat], int]:
    """Return the announced formats and the number of complete packets in the outbox."""
    parser, assembler = MessageParser(), PacketAssembler()
    formats = []
    while (data := link.outbox.take(0)) is not None:
        parser.feed(data)
        message = parser.next_message()
        assert message is not None
        if message.type == MessageType.VIDEO:
            assembler.add(message.flags, message.payload)
        elif isinstance(control := decode_control(message.payload), VideoFormat):
            formats.append(control)
    return formats, assembler.packets
