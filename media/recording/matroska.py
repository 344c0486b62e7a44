"""Matroska: the parts of a file that grows while it can be played. Pure: bytes only.

    EBML header
    Segment, its size unknown until the recording ends
        space for the SeekHead, which the end fills in
        Info: the duration, written again with each cluster
        Tracks
        Cluster: all packets of a quarter second, complete, with its size      <- a crash ends here
        ...
        Cues: where the clusters with keyframes begin; written at the end

A file without its end plays as well; a player then finds a position by reading.

FFmpeg's muxer was tried through PyAV. It writes nothing before each picture track has had a packet,
so a call in which one camera is off would stay in memory; unless its options are changed it holds
ten seconds back from the file; and it knows the duration only at the end.
Source: RFC 9559, and for the codecs https://www.matroska.org/technical/codec_specs.html
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from media.recording.annex_b import decoder_configuration
from media.recording.ebml import (
    UNKNOWN_SIZE,
    element,
    encode_id,
    encode_size,
    float_8_bytes,
    signed_8_bytes,
    text,
    unsigned,
    void,
)

EBML_HEADER, SEGMENT, SEEK_HEAD, INFO = 0x1A45DFA3, 0x18538067, 0x114D9B74, 0x1549A966
TRACKS, CLUSTER, CUES = 0x1654AE6B, 0x1F43B675, 0x1C53BB6B
DURATION = 0x4489
VIDEO_TYPE, AUDIO_TYPE = 1, 2

TICK_US = 1000
"""The unit of times in a file: a millisecond, which every player expects."""
SEEK_HEAD_BYTES = 96
"""Room for three entries."""
SAMPLE_RATE_HZ = 48_000
OPUS_SEEK_NS = 80_000_000
"""The sound that a decoder needs before a position: RFC 7845, 4.6."""
_FIRST_YEAR = datetime(2001, 1, 1, tzinfo=UTC)
"""Dates count from here."""
_OPUS_HEAD = b"OpusHead\x01\x01\x00\x00" + SAMPLE_RATE_HZ.to_bytes(4, "little") + b"\x00\x00\x00"
"""Version 1, one channel. Nothing is skipped at the start: packets carry the time of the first
sample that they decode to (RFC 7845, 5.1)."""


class PictureTrack(msgspec.Struct, frozen=True):
    """The description of a track of pictures.

    Attributes:
        codec: `h264` or `mjpeg`.
        width_px, height_px: the size of the first picture; later ones may differ.
        first_packet: a keyframe in Annex B form, for its parameter sets.
        is_default: whether a player shows it unless told otherwise.
    """

    name: str
    codec: str
    width_px: int
    height_px: int
    first_packet: bytes
    is_default: bool


class VoiceTrack(msgspec.Struct, frozen=True):
    """The description of a track of sound: mono, 48 kHz.

    Attributes:
        codec: `opus` or `pcm`.
        is_default: whether a player plays it unless told otherwise.
    """

    name: str
    codec: str
    is_default: bool


class Block(msgspec.Struct, frozen=True):
    """One packet in its track.

    Attributes:
        track: the number of its track, from 1.
        time_us: since the start of the recording.
    """

    track: int
    time_us: int
    is_keyframe: bool
    payload: bytes


class FileStart(msgspec.Struct, frozen=True):
    """The bytes before the first cluster, and the positions of what changes in them.

    Attributes:
        segment_at: where the segment's size stands.
        content_at: where the segment's content begins; positions in the index count from here.
        info_at, tracks_at: where these elements begin.
        duration_at: where the element of the duration begins.
    """

    data: bytes
    segment_at: int
    content_at: int
    info_at: int
    tracks_at: int
    duration_at: int


def encode_start(
    title: str, program: str, begun_at: datetime, tracks: Sequence[PictureTrack | VoiceTrack]
) -> FileStart:
    """Return the start of a file."""
    header = element(
        EBML_HEADER,
        unsigned(0x4286, 1)
        + unsigned(0x42F7, 1)
        + unsigned(0x42F2, 4)
        + unsigned(0x42F3, 8)
        + text(0x4282, "matroska")
        + unsigned(0x4287, 4)
        + unsigned(0x4285, 2),
    )
    since_first_year = begun_at.astimezone(UTC) - _FIRST_YEAR
    before_duration = unsigned(0x2AD7B1, TICK_US * 1000)
    info_content = (
        before_duration
        + encode_duration(0)
        + signed_8_bytes(0x4461, round(since_first_year.total_seconds()) * 1_000_000_000)
        + text(0x7BA9, title)
        + text(0x4D80, program)
        + text(0x5741, program)
    )
    segment_at = len(header) + len(encode_id(SEGMENT))
    content_at = segment_at + len(UNKNOWN_SIZE)
    info_at = content_at + SEEK_HEAD_BYTES
    info = element(INFO, info_content)
    entries = b"".join(_encode_track(number, track) for number, track in enumerate(tracks, 1))
    return FileStart(
        data=header
        + encode_id(SEGMENT)
        + UNKNOWN_SIZE
        + void(SEEK_HEAD_BYTES)
        + info
        + element(TRACKS, entries),
        segment_at=segment_at,
        content_at=content_at,
        info_at=info_at,
        tracks_at=info_at + len(info),
        duration_at=info_at + len(info) - len(info_content) + len(before_duration),
    )


def encode_duration(duration_us: int) -> bytes:
    """Return the element of the duration, always of the same size."""
    return float_8_bytes(DURATION, duration_us / TICK_US)


def encode_segment_size(size_bytes: int) -> bytes:
    """Return the size that takes the place of the segment's unknown one."""
    return encode_size(size_bytes, len(UNKNOWN_SIZE))


def _encode_track(number: int, track: PictureTrack | VoiceTrack) -> bytes:
    described = (
        _describe_pictures(track) if isinstance(track, PictureTrack) else _describe_voice(track)
    )
    return element(
        0xAE,
        unsigned(0xD7, number)
        + unsigned(0x73C5, number)
        + unsigned(0x88, int(track.is_default))
        + unsigned(0x9C, 0)
        + text(0x22B59C, "und")
        + text(0x536E, track.name)
        + described,
    )


def _describe_pictures(track: PictureTrack) -> bytes:
    codec = text(0x86, "V_MJPEG")
    if track.codec == "h264":
        private = decoder_configuration(track.first_packet)
        codec = text(0x86, "V_MPEG4/ISO/AVC") + element(0x63A2, private)
    size = unsigned(0xB0, track.width_px) + unsigned(0xBA, track.height_px)
    return unsigned(0x83, VIDEO_TYPE) + codec + element(0xE0, unsigned(0x9A, 2) + size)


def _describe_voice(track: VoiceTrack) -> bytes:
    form = float_8_bytes(0xB5, SAMPLE_RATE_HZ) + unsigned(0x9F, 1)
    if track.codec == "opus":
        codec = text(0x86, "A_OPUS") + element(0x63A2, _OPUS_HEAD) + unsigned(0x56BB, OPUS_SEEK_NS)
    else:
        codec = text(0x86, "A_PCM/INT/LIT")
        form += unsigned(0x6264, 16)
    return unsigned(0x83, AUDIO_TYPE) + codec + element(0xE1, form)


def encode_cluster(blocks: Sequence[Block]) -> bytes:
    """Return a cluster. Its blocks lie within 32 seconds, in the order of their times."""
    base_ms = blocks[0].time_us // TICK_US
    simple_blocks = b"".join(_encode_block(block, base_ms) for block in blocks)
    return element(CLUSTER, unsigned(0xE7, base_ms) + simple_blocks)


def _encode_block(block: Block, base_ms: int) -> bytes:
    time = (block.time_us // TICK_US - base_ms).to_bytes(2, "big", signed=True)
    flags = b"\x80" if block.is_keyframe else b"\x00"
    return element(0xA3, encode_size(block.track) + time + flags + block.payload)


def encode_cues(points: Sequence[tuple[int, int, int]]) -> bytes:
    """Return the index.

    Args:
        points: for each, the time in microseconds, the track, and where its cluster begins in the
            segment's content.
    """
    return element(
        CUES,
        b"".join(
            element(
                0xBB,
                unsigned(0xB3, time_us // TICK_US)
                + element(0xB7, unsigned(0xF7, track) + unsigned(0xF1, position)),
            )
            for time_us, track, position in points
        ),
    )


def encode_seek_head(start: FileStart, cues_at: int) -> bytes:
    """Return the table of the file's parts, in exactly the space reserved for it.

    Args:
        cues_at: where the index begins in the file.
    """
    entries = b"".join(
        element(
            0x4DBB,
            element(0x53AB, encode_id(identity)) + unsigned(0x53AC, position - start.content_at),
        )
        for identity, position in (
            (INFO, start.info_at),
            (TRACKS, start.tracks_at),
            (CUES, cues_at),
        )
    )
    table = element(SEEK_HEAD, entries)
    return table + void(SEEK_HEAD_BYTES - len(table))
