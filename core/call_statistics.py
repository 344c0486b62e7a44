"""The statistics of one second of a call, for `--stats` and the overlay. Pure: values only.

docs/statistics.md defines the fields, their units and their order. An unknown figure is None.
"""

import json
from enum import StrEnum

import msgspec


class CallState(StrEnum):
    """The state of the call during the measured second."""

    CALL = "call"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class LimitedBy(StrEnum):
    """The cause that holds the rate of our own pictures down."""

    NONE = "none"
    LINK = "link"
    PROCESSOR = "processor"
    SETTING = "setting"
    REMOTE = "remote"


class DeviceUse(StrEnum):
    """The use of one of our own devices."""

    OPEN = "open"
    MISSING = "missing"
    OFF = "off"
    """The user turned the camera off, or is muted."""
    NONE = "none"
    """None is wanted."""


class CallStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the second that ends `t_s` seconds after accept."""

    t_s: float
    state: CallState
    peer: str
    rtt_ms: float | None = None
    clock_error_ms: float | None = None
    reconnects: int = 0
    target_bps: int = 0
    queue_delay_ms: float | None = None
    cpu_percent: float = 0.0
    rss_bytes: int = 0
    threads: int = 0
    video_out_fps: float = 0.0
    video_out_width: int | None = None
    video_out_height: int | None = None
    video_out_bps: float = 0.0
    video_out_codec: str | None = None
    video_out_skipped: int = 0
    encode_ms: float | None = None
    video_in_fps: float = 0.0
    video_in_width: int | None = None
    video_in_height: int | None = None
    video_in_bps: float = 0.0
    video_in_codec: str | None = None
    video_in_latency_p50_ms: float | None = None
    video_in_latency_p95_ms: float | None = None
    video_in_latency_max_ms: float | None = None
    video_in_longest_gap_ms: float | None = None
    decode_ms: float | None = None
    video_shown_latency_p50_ms: float | None = None
    video_shown_latency_p95_ms: float | None = None
    audio_out_bps: float = 0.0
    audio_in_bps: float = 0.0
    audio_in_latency_ms: float | None = None
    audio_in_concealed_ms: float = 0.0
    audio_in_underruns: int = 0
    playout_delay_ms: float | None = None
    lip_sync_ms: float | None = None
    echo_return_loss_db: float | None = None
    limited_by: LimitedBy = LimitedBy.NONE
    segments_sent: int | None = None
    segments_resent: int | None = None
    camera: DeviceUse | None = None
    microphone: DeviceUse | None = None
    microphone_dbfs: float | None = None
    loudspeaker: DeviceUse | None = None
    remote_picture: str | None = None
    remote_sound: str | None = None

    def to_json(self) -> str:
        """Return one JSON object without a line end; its numbers have at most three decimals."""
        rounded = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in msgspec.structs.asdict(self).items()
        }
        return json.dumps(rounded, ensure_ascii=False)
