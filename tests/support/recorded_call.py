"""Packets of a call for a recorder, from real encoders, and what a recording holds."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import av
import msgspec
import numpy as np
from av import AudioFrame, VideoFrame

from media.recording.recorder import Recorder, RecordingTitle
from media.recording.tracks import RecordedPacket, Track
from media.sound.codec import OpusEncoder
from media.video.h264_encoder import H264Encoder
from tests.support.deadline import DEADLINE_S
from tests.support.manual_clock import ManualClock

START_US = 9_000_000
TITLE = RecordingTitle("Bob", "Ann", datetime(2026, 11, 30, 17, 48, tzinfo=UTC), "visavis 1")
SMALL = (320, 180)


class RecordedCall:
    """A call whose packets a recorder gets; the remote clock runs an hour ahead of ours.

    Attributes:
        sent: the payloads put into each track.
    """

    REMOTE_OFFSET_US = 3_600_000_000

    def __init__(self, path: Path) -> None:
        self.clock = ManualClock(START_US)
        self.recorder = Recorder(path, TITLE, self.clock)
        self.sent: dict[Track, list[bytes]] = {track: [] for track in Track}
        self._sequences: Counter[Track] = Counter()
        self._encoders: dict[tuple[Track, tuple[int, int]], H264Encoder] = {}
        self._voices: dict[int, OpusEncoder] = {}

    def put(
        self,
        track: Track,
        time_us: int,
        payload: bytes,
        *,
        codec: str = "opus",
        is_keyframe: bool = True,
        size_px: tuple[int, int] = SMALL,
    ) -> None:
        """Put one packet that was captured at a time since the start."""
        taken_us = START_US + time_us
        is_remote = track in (Track.REMOTE_PICTURE, Track.REMOTE_VOICE)
        self.recorder.put(
            RecordedPacket(
                track,
                codec,
                self._sequences[track],
                taken_us + (self.REMOTE_OFFSET_US if is_remote else 0),
                taken_us,
                taken_us if is_remote else None,
                is_keyframe,
                payload,
                *size_px,
            )
        )
        self._sequences[track] += 1
        self.sent[track].append(payload)

    def lose(self, track: Track) -> None:
        """Lose a packet of a track."""
        self._sequences[track] += 1

    def picture(
        self,
        track: Track,
        time_us: int,
        size_px: tuple[int, int] = SMALL,
        *,
        is_first: bool = False,
    ) -> None:
        """Put an H.264 picture; the first of each size is a keyframe."""
        if is_first:
            self._encoders.pop((track, size_px), None)
        encoder = self._encoders.setdefault((track, size_px), H264Encoder(size_px, 30, 1_000_000))
        width, height = size_px
        grey = np.full((height * 3 // 2, width), 16 + time_us // 10_000 % 200, np.uint8)
        picture = VideoFrame.from_ndarray(grey, format="yuv420p")
        picture.pts = time_us
        encoded = encoder.encode(picture, 500_000, refines=False, keyframe=False)
        self.put(
            track,
            time_us,
            encoded.payload,
            codec="h264",
            is_keyframe=encoded.is_keyframe,
            size_px=size_px,
        )

    def voice(self, track: Track, time_us: int, blocks: int = 2) -> None:
        """Put an Opus packet of so many blocks of 10 ms."""
        encoder = self._voices.setdefault(blocks, OpusEncoder(24_000, blocks))
        self.put(track, time_us, encoder.encode(np.full(480 * blocks, 1000, np.int16)))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Record in a thread meanwhile; returns when the file is complete."""
        thread = Thread(target=self.recorder.run)
        thread.start()
        try:
            yield
        finally:
            self.recorder.close()
            thread.join(DEADLINE_S)

    def run(self, duration_us: int) -> None:
        """Record to the end, at once."""
        self.clock.us = START_US + duration_us
        self.recorder.close()
        self.recorder.run()


class TrackContent(msgspec.Struct):
    """What one track of a file holds.

    Attributes:
        payloads, times_us: of its packets.
        sizes: the size of each decoded picture.
        decoded_us: the duration of the decoded sound.
    """

    codec: str = ""
    title: str = ""
    payloads: list[bytes] = msgspec.field(default_factory=list)
    times_us: list[int] = msgspec.field(default_factory=list)
    sizes: Counter[tuple[int, int]] = msgspec.field(default_factory=Counter)
    decoded_us: int = 0


def read_recording(path: Path) -> list[TrackContent]:
    """Return the content of each track, decoded to its end."""
    contents = []
    with av.open(str(path)) as container:
        count = len(container.streams)
    for index in range(count):
        with av.open(str(path)) as container:
            stream = container.streams[index]
            content = TrackContent(stream.codec_context.name, stream.metadata.get("title", ""))
            for packet in container.demux(stream):
                if packet.pts is not None and packet.time_base is not None:
                    content.payloads.append(bytes(packet))
                    content.times_us.append(round(packet.pts * packet.time_base * 1_000_000))
                for frame in packet.decode():
                    if isinstance(frame, VideoFrame):
                        content.sizes[frame.width, frame.height] += 1
                    elif isinstance(frame, AudioFrame):
                        content.decoded_us += frame.samples * 1_000_000 // 48_000
            contents.append(content)
    return contents


def read_duration_us(path: Path) -> int | None:
    """Return the duration that a file states."""
    with av.open(str(path)) as container:
        return container.duration
