"""The recorder of one call: packets of four tracks into one file, as they came. Recording thread.

    media threads --> PacketQueue --> times, silence --> a cluster four times a second --> the file

The tracks are described at the file's start, which is written as soon as both pictures have begun,
and after a second at most. What begins later has the usual codecs.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from media.errors import MediaError
from media.recording.matroska import (
    Block,
    FileStart,
    PictureTrack,
    VoiceTrack,
    encode_cluster,
    encode_cues,
    encode_duration,
    encode_seek_head,
    encode_segment_size,
    encode_start,
)
from media.recording.packet_queue import PacketQueue
from media.recording.picture_blocks import PictureBlocks
from media.recording.recording_file import RecordingFile
from media.recording.sender_clock import SenderClock
from media.recording.tracks import PICTURES, VOICES, RecordedPacket, Track
from media.recording.voice_blocks import VoiceBlocks

_log = logging.getLogger(__name__)

CLUSTER_S = 0.25
"""The most that a crash of the program loses, where the computer is not busy."""
START_LIMIT_US = 1_000_000
"""How long the file's start waits for the first pictures."""
FILL_AFTER_US = 2_000_000
"""Sound that has not come after this time is silence in the file."""
MAX_CLUSTER_US = 5_000_000
CUE_INTERVAL_US = 2_000_000
"""The least time between entries of the index."""
USUAL_CODECS = {
    Track.REMOTE_PICTURE: "h264",
    Track.REMOTE_VOICE: "opus",
    Track.OWN_PICTURE: "h264",
    Track.OWN_VOICE: "opus",
}
USUAL_SIZE_PX = (1280, 720)


class RecordingTitle(msgspec.Struct, frozen=True):
    """The state of a recording.

    Attributes:
        remote_name, local_name: of the two users.
        begun_at: when the recording began.
        program: name and version.
    """

    remote_name: str
    local_name: str
    begun_at: datetime
    program: str


class Recorder:
    """Records one call, or a part of it.

    Args:
        path: the file; see `RecordingFile` for the name that it takes.
        now_us: this machine's monotonic clock. The recording begins now.

    Attributes:
        path: the file's path; as given before `run` has opened it.
        duration_us: the length of the recording so far.
        refused: the tracks whose packets came in another codec than the file's start says; they are
            left out.
    """

    def __init__(self, path: Path, title: RecordingTitle, now_us: Callable[[], int]) -> None:
        self.path = path
        self.duration_us = 0
        self.refused: frozenset[Track] = frozenset()
        self._title = title
        self._now_us = now_us
        self._started_us = now_us()
        self._queue = PacketQueue()
        self._remote_clock = SenderClock()
        self._waiting: list[RecordedPacket] = []
        """Packets from before the file's start is written."""
        self._codecs = dict(USUAL_CODECS)
        self._pictures: dict[Track, PictureBlocks] = {}
        self._voices: dict[Track, VoiceBlocks] = {}
        self._start: FileStart | None = None
        self._has_cluster = False
        self._cues: list[tuple[int, int, int]] = []

    # Any thread.

    def put(self, packet: RecordedPacket) -> None:
        """Record a packet. Never blocks."""
        self._queue.put(packet)

    def close(self) -> None:
        """End the recording; `run` writes what is left and returns."""
        self._queue.close()

    @property
    def dropped(self) -> int:
        """The number of packets that were dropped, because the disk is too slow."""
        return self._queue.dropped

    @property
    def is_empty(self) -> bool:
        """True while nothing is written; a recording that ends like that leaves no file."""
        return not self._has_cluster

    def needs_keyframe(self, track: Track) -> bool:
        """Return whether a track of pictures needs a keyframe."""
        pictures = self._pictures.get(track)
        return pictures is not None and pictures.needs_keyframe

    # Recording thread.

    def run(self) -> None:
        """Write until the recording is closed. The body of the recording thread.

        Raises:
            MediaError: the file cannot be opened or written; what is written plays.
        """
        file = RecordingFile(self.path)
        self.path = file.path
        try:
            is_open = True
            while is_open:
                packets = self._queue.take_all(CLUSTER_S)
                is_open = not self._queue.is_closed
                self._write(file, packets, is_last=not is_open)
            self._write_index(file)
        except MediaError:
            self._queue.close()
            raise
        finally:
            if self.is_empty:
                file.clear()
            else:
                self._write_sizes(file)
            file.close()

    def _write(self, file: RecordingFile, packets: list[RecordedPacket], *, is_last: bool) -> None:
        now_us = self._now_us() - self._started_us
        if self._start is None:
            self._waiting += packets
            if not (is_last or now_us >= START_LIMIT_US or self._has_both_pictures()):
                return
            packets, self._waiting = self._waiting, []
            if is_last and not packets:
                return
            self._begin(file, packets)
        blocks = [block for packet in packets for block in self._add(packet)]
        # A packet holds up to 120 ms, so one track may end later than now; all end with it.
        ends = (voice.end_us for voice in self._voices.values())
        fill_to_us = max(now_us, *ends) if is_last else now_us - FILL_AFTER_US
        for voice in self._voices.values():
            blocks += voice.fill_to(fill_to_us)
        blocks.sort(key=lambda block: block.time_us)
        for cluster in _split(blocks):
            self._append(file, cluster)
        if is_last:
            self.duration_us = max(self.duration_us, fill_to_us)

    def _has_both_pictures(self) -> bool:
        begun = {packet.track for packet in self._waiting if packet.is_keyframe}
        return begun.issuperset(PICTURES)

    def _begin(self, file: RecordingFile, packets: list[RecordedPacket]) -> None:
        """Write the start of the file, which describes the tracks by their first packets."""
        first: dict[Track, RecordedPacket] = {}
        for packet in packets:
            if packet.is_keyframe:
                first.setdefault(packet.track, packet)
        for track, packet in first.items():
            self._codecs[track] = packet.codec
        self._pictures = {track: PictureBlocks(track, self._codecs[track]) for track in PICTURES}
        self._voices = {track: VoiceBlocks(track, self._codecs[track]) for track in VOICES}
        title = self._title
        self._start = encode_start(
            f"{title.local_name} and {title.remote_name}",
            title.program,
            title.begun_at,
            [self._describe(track, first.get(track)) for track in Track],
        )
        file.append(self._start.data)

    def _describe(self, track: Track, first: RecordedPacket | None) -> PictureTrack | VoiceTrack:
        is_remote = track in (Track.REMOTE_PICTURE, Track.REMOTE_VOICE)
        who = self._title.remote_name if is_remote else self._title.local_name
        codec = self._codecs[track]
        if track in VOICES:
            return VoiceTrack(f"{who}, voice", codec, is_default=is_remote)
        size = USUAL_SIZE_PX if first is None else (first.width_px, first.height_px)
        return PictureTrack(
            f"{who}, picture",
            codec,
            *size,
            first_packet=b"" if first is None else bytes(first.payload),
            is_default=is_remote,
        )

    def _add(self, packet: RecordedPacket) -> Iterator[Block]:
        """Yield the blocks of a packet."""
        track = packet.track
        local_us = packet.taken_us
        if track in (Track.REMOTE_PICTURE, Track.REMOTE_VOICE):
            local_us = self._remote_clock.to_local_us(
                packet.taken_us, packet.arrived_us, packet.estimate_us
            )
        time_us = local_us - self._started_us
        if packet.codec != self._codecs[track]:
            self.refused |= {track}
        elif track in PICTURES:
            yield from self._pictures[track].add(max(0, time_us), packet)
        elif time_us >= 0:
            yield from self._voices[track].add(time_us, bytes(packet.payload))

    def _append(self, file: RecordingFile, blocks: list[Block]) -> None:
        assert self._start is not None
        position = file.size_bytes - self._start.content_at
        file.append(encode_cluster(blocks))
        self._has_cluster = True
        self.duration_us = max(self.duration_us, blocks[-1].time_us)
        file.overwrite(self._start.duration_at, encode_duration(self.duration_us))
        for block in blocks:
            is_due = not self._cues or block.time_us - self._cues[-1][0] >= CUE_INTERVAL_US
            if is_due and block.is_keyframe and block.track in PICTURES:
                self._cues.append((block.time_us, block.track, position))

    def _write_index(self, file: RecordingFile) -> None:
        if self._start is None or not self._cues:
            return
        cues_at = file.size_bytes
        file.append(encode_cues(self._cues))
        file.overwrite(self._start.content_at, encode_seek_head(self._start, cues_at))

    def _write_sizes(self, file: RecordingFile) -> None:
        """Write the duration and the size, which need no more room on the disk."""
        start = self._start
        assert start is not None
        file.overwrite(start.duration_at, encode_duration(self.duration_us))
        size_bytes = file.size_bytes - start.content_at
        file.overwrite(start.segment_at, encode_segment_size(size_bytes))


def _split(blocks: list[Block]) -> Iterator[list[Block]]:
    """Yield the blocks of each cluster; usually there is one."""
    cluster: list[Block] = []
    for block in blocks:
        if cluster and block.time_us - cluster[0].time_us >= MAX_CLUSTER_US:
            yield cluster
            cluster = []
        cluster.append(block)
    if cluster:
        yield cluster
