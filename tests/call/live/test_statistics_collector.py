"""call/live/statistics_collector.py: the figures of a second, from counters of other threads."""

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from call.live.statistics_collector import StatisticsCollector, percentile
from call.live.video_receiver import VideoReceiveCounters
from call.live.video_sender import VideoSendCounters
from core.call_statistics import CallState, CallStatistics, LimitedBy
from net.link.tcp_info import Segments
from net.protocol.clock_sync import ClockSync

START_US = 1_000_000_000
SECOND_US = 1_000_000
KEYS = """
    t_s state peer rtt_ms clock_error_ms reconnects target_bps queue_delay_ms cpu_percent rss_bytes
    threads
    video_out_fps video_out_width video_out_height video_out_bps video_out_codec video_out_skipped
    encode_ms
    video_in_fps video_in_width video_in_height video_in_bps video_in_codec
    video_in_latency_p50_ms video_in_latency_p95_ms video_in_latency_max_ms video_in_longest_gap_ms
    decode_ms
    video_shown_latency_p50_ms video_shown_latency_p95_ms
    audio_out_bps audio_in_bps audio_in_latency_ms audio_in_concealed_ms audio_in_underruns
    playout_delay_ms lip_sync_ms echo_return_loss_db limited_by
    segments_sent segments_resent camera microphone microphone_dbfs loudspeaker
    remote_picture remote_sound
""".split()  # noqa: SIM905 - a table is easier to read


class Video(msgspec.Struct):
    """The source of the figures of pictures."""

    codec: str | None
    target_bps: int = 2_500_000
    hold_ms: float = 0.0
    queue_delay_ms: float | None = None
    used_bps: float = 0.0
    """The rate for which `limited_by` was asked."""
    shown_us: list[int] = msgspec.field(default_factory=list)
    sent: VideoSendCounters = msgspec.field(default_factory=VideoSendCounters)
    received: VideoReceiveCounters = msgspec.field(default_factory=VideoReceiveCounters)
    received_bytes: int = 0
    segments: Segments | None = None

    def limited_by(self, used_bps: float) -> LimitedBy:
        self.used_bps = used_bps
        return LimitedBy.LINK

    def take_shown_us(self) -> list[int]:
        taken, self.shown_us = self.shown_us, []
        return taken


class Sound(msgspec.Struct):
    """The source of the figures of sound."""

    sent_bytes: int = 0
    received_bytes: int = 0
    concealed_ms: float = 0.0
    underruns: int = 0
    playout_delay_ms: float | None = None
    echo_return_loss_db: float | None = None
    latency_us: list[int] = msgspec.field(default_factory=list)

    def take_latency_us(self) -> list[int]:
        taken, self.latency_us = self.latency_us, []
        return taken


class Call:
    """A call whose counters a test sets."""

    def __init__(self, *, codec: str | None = "h264") -> None:
        self.clock = ClockSync()
        self.video = Video(codec)
        self.sent, self.received = self.video.sent, self.video.received
        self.sound = Sound()
        self.collector = StatisticsCollector(
            "Bob", START_US, clock=self.clock, video=self.video, sound=self.sound
        )

    def decode_at(self, *times_us: int) -> None:
        """Count pictures decoded at times since the start."""
        for time_us in times_us:
            self.received.pictures += 1
            self.received.decoded_at_us.append(START_US + time_us)

    def collect(self, after_s: float) -> CallStatistics:
        """Collect the figures this many seconds after the start."""
        return self.collector.collect(START_US + int(after_s * SECOND_US), CallState.CALL)


def test_fields_keep_their_names_and_order() -> None:
    assert list(Call().collect(1).__struct_fields__) == KEYS


def test_figures_become_flat_json() -> None:
    call = Call()
    call.decode_at(100_000, 200_000)
    call.received.latency_us = [5_000, -3]
    figures = call.collect(1)
    written = json.loads(figures.to_json())
    assert list(written) == KEYS
    assert all(value is None or isinstance(value, int | float | str) for value in written.values())


def test_unknown_figures_are_null() -> None:
    figures = Call(codec=None).collect(1)
    unknown = {key for key in KEYS if getattr(figures, key) is None}
    assert unknown == {
        *(key for key in KEYS if key.startswith(("video_shown", "video_in_latency"))),
        *("audio_in_latency_ms", "playout_delay_ms", "lip_sync_ms", "echo_return_loss_db"),
        *("rtt_ms", "clock_error_ms", "queue_delay_ms", "encode_ms", "decode_ms"),
        *("video_out_width", "video_out_height", "video_out_codec"),
        *("video_in_width", "video_in_height", "video_in_codec", "video_in_longest_gap_ms"),
        *("segments_sent", "segments_resent"),
        *("camera", "microphone", "microphone_dbfs", "loudspeaker"),
        *("remote_picture", "remote_sound"),
    }


def test_segments_are_totals_of_all_links() -> None:
    call = Call()
    call.video.segments = Segments(100, 3)
    call.collect(1)
    call.video.segments = Segments(150, 4)
    call.collect(2)
    another = call.collector.video = Video("h264", segments=Segments(20, 2))
    figures = call.collect(3)
    assert (figures.segments_sent, figures.segments_resent) == (170, 6)
    another.segments = None
    figures = call.collect(4)
    assert (figures.segments_sent, figures.segments_resent) == (170, 6)


def test_rates_are_over_the_time_since_the_last_collection() -> None:
    call = Call()
    call.sent.pictures, call.sent.payload_bytes = 30, 300_000
    call.decode_at(*range(0, SECOND_US, 40_000))
    figures = call.collect(1)
    assert (figures.video_out_fps, figures.video_out_bps) == (30, 2_400_000)
    assert figures.video_in_fps == 25
    call.sent.pictures, call.sent.payload_bytes = 40, 350_000
    figures = call.collect(1.5)
    assert (figures.video_out_fps, figures.video_out_bps) == (20, 800_000)
    assert figures.video_in_fps == 0
    assert figures.t_s == 1.5


def test_sound_has_rates_totals_and_present_values() -> None:
    call = Call()
    call.sound.sent_bytes, call.sound.received_bytes = 4_000, 3_000
    call.sound.concealed_ms, call.sound.underruns = 35.5, 2
    call.sound.playout_delay_ms, call.sound.echo_return_loss_db = 18.25, 41.0
    call.sound.latency_us = [70_000, 60_000, 65_000]
    figures = call.collect(1)
    assert (figures.audio_out_bps, figures.audio_in_bps) == (32_000, 24_000)
    assert (figures.audio_in_concealed_ms, figures.audio_in_underruns) == (35.5, 2)
    assert (figures.playout_delay_ms, figures.echo_return_loss_db) == (18.25, 41.0)
    assert figures.audio_in_latency_ms == 65
    figures = call.collect(2)
    assert (figures.audio_out_bps, figures.audio_in_bps) == (0, 0)
    assert figures.audio_in_concealed_ms == 35.5
    assert figures.audio_in_latency_ms is None


def test_lip_sync_is_measured_against_shown_pictures() -> None:
    call = Call()
    call.sound.latency_us = [70_000]
    call.received.latency_us = [10_000]
    call.video.shown_us = [15_000]
    assert call.collect(1).lip_sync_ms == -55


def test_lip_sync_without_a_window_counts_decoded_pictures_as_shown_after_their_delay() -> None:
    call = Call()
    call.sound.latency_us = [170_000]
    call.received.latency_us = [10_000]
    call.video.hold_ms = 50.0
    assert call.collect(1).lip_sync_ms == -110


def test_collection_right_after_another_covers_both_spans() -> None:
    call = Call()
    call.sent.pictures = 30
    call.collect(1)
    call.sent.pictures = 31
    assert call.collect(1.007).video_out_fps == pytest.approx(30.8, abs=0.1)


def test_totals_are_of_the_whole_call() -> None:
    call = Call()
    call.sent.skipped = 7
    assert [call.collect(n).video_out_skipped for n in (1, 2)] == [7, 7]
    assert call.collect(3).reconnects == 0


def test_each_collection_empties_the_lists() -> None:
    call = Call()
    call.sent.encode_us += [1_000, 3_000]
    call.received.decode_us += [2_000]
    call.received.latency_us += [10_000, 20_000, 90_000]
    figures = call.collect(1)
    assert (figures.encode_ms, figures.decode_ms) == (2, 2)
    assert figures.video_in_latency_p50_ms == 20
    assert figures.video_in_latency_p95_ms == figures.video_in_latency_max_ms == 90
    figures = call.collect(2)
    assert figures.encode_ms is figures.decode_ms is figures.video_in_latency_max_ms is None


def test_queue_delay_and_limit_are_those_of_our_pictures() -> None:
    call = Call()
    call.video.queue_delay_ms = 30.5
    call.sent.payload_bytes = 1_000
    figures = call.collect(1)
    assert (figures.queue_delay_ms, figures.limited_by) == (30.5, LimitedBy.LINK)
    assert call.video.used_bps == figures.video_out_bps == 8_000


def test_round_trip_is_the_newest() -> None:
    call = Call()
    for sent_us, rtt_us in ((START_US, 4_000), (START_US + 100, 34_000)):
        call.clock.add(sent_us, 50, 50, sent_us + rtt_us)
    figures = call.collect(1)
    assert figures.rtt_ms == 34
    assert figures.clock_error_ms == pytest.approx(2.1, abs=0.01)


def test_gap_is_null_before_the_first_picture() -> None:
    assert Call().collect(1).video_in_longest_gap_ms is None


def test_wait_for_the_first_picture_is_not_a_gap() -> None:
    call = Call()
    call.collect(1)
    call.decode_at(1_900_000, 1_933_000)
    assert call.collect(2).video_in_longest_gap_ms == 67


def test_longest_gap_is_between_two_pictures_or_up_to_now() -> None:
    call = Call()
    call.decode_at(100_000, 150_000, 600_000, 950_000)
    assert call.collect(1).video_in_longest_gap_ms == 450
    call.decode_at(1_000_000, 1_100_000)
    assert call.collect(2).video_in_longest_gap_ms == 900


def test_gap_continues_across_collections() -> None:
    call = Call()
    call.decode_at(500_000)
    gaps = [call.collect(n).video_in_longest_gap_ms for n in (1, 2, 3)]
    assert gaps == [500, 1_500, 2_500]
    call.decode_at(3_200_000, 3_990_000)
    assert call.collect(4).video_in_longest_gap_ms == 2_700


def test_gap_is_never_negative() -> None:
    """The decode thread may count a picture after the call thread has read the clock."""
    call = Call()
    call.decode_at(1_000_500)
    gap_ms = call.collect(1).video_in_longest_gap_ms
    assert gap_ms is None or gap_ms >= 0


@pytest.mark.parametrize(
    ("values", "share", "thousandths"),
    [
        ([], 0.5, None),
        ([7], 0.5, 7),
        ([7], 1.0, 7),
        ([1, 2], 0.5, 1),
        ([3, 1, 2], 0.5, 2),
        (range(1, 101), 0.5, 50),
        (range(1, 101), 0.95, 95),
        (range(1, 101), 1.0, 100),
        (range(1, 31), 0.95, 29),
        ([-5, -1], 0.5, -5),
    ],
)
def test_percentile_is_the_nearest_rank(
    values: list[int], share: float, thousandths: int | None
) -> None:
    assert percentile(values, share) == (None if thousandths is None else thousandths / 1000)


@given(st.integers(1, 5_000), st.sampled_from([50, 95, 100]))
def test_percentile_has_its_rank(count: int, percent: int) -> None:
    rank = -(-count * percent // 100)
    assert percentile(range(1, count + 1), percent / 100) == rank / 1000


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=50))
def test_percentiles_are_given_values_and_rise(values: list[int]) -> None:
    found = [percentile(values, share) for share in (0.5, 0.95, 1.0)]
    assert all(value in [v / 1000 for v in values] for value in found)
    assert found == sorted(found, key=lambda value: math.nan if value is None else value)
