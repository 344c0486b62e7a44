"""The tap on a call's packets, for a recording. Media threads put; the call thread opens it.

It passes on what the call sends and receives, as it is: nothing is copied, and nothing waits.
"""

from collections.abc import Callable

from media.packet import AudioPacket, VideoPacket
from media.recording.recorder import Recorder
from media.recording.tracks import RecordedPacket, Track


class PacketTap:
    """Passes the packets of one call to its recorder, if there is one.

    Args:
        to_local_us: converts a time of the other peer's clock to ours; None while unknown.

    Attributes:
        recorder: receives the packets; None while nothing is recorded. Set by the call thread.
    """

    def __init__(
        self, to_local_us: Callable[[int, int], int | None], now_us: Callable[[], int]
    ) -> None:
        self.recorder: Recorder | None = None
        self._to_local_us = to_local_us
        self._now_us = now_us

    def put_picture(
        self, track: Track, packet: VideoPacket, codec: str, size_px: tuple[int, int]
    ) -> None:
        """Pass on an encoded picture. Encode or receive thread."""
        self._put(
            track,
            codec,
            packet.sequence,
            packet.captured_us,
            is_keyframe=packet.is_keyframe,
            payload=packet.payload,
            size_px=size_px,
        )

    def put_voice(self, track: Track, packet: AudioPacket, codec: str) -> None:
        """Pass on a packet of sound. Microphone or receive thread."""
        self._put(
            track, codec, packet.sequence, packet.pts_us, is_keyframe=True, payload=packet.payload
        )

    def _put(
        self,
        track: Track,
        codec: str,
        sequence: int,
        taken_us: int,
        *,
        is_keyframe: bool,
        payload: bytes | bytearray | memoryview,
        size_px: tuple[int, int] = (0, 0),
    ) -> None:
        recorder = self.recorder
        if recorder is None:
            return
        now_us = self._now_us()
        is_own = track in (Track.OWN_PICTURE, Track.OWN_VOICE)
        recorder.put(
            RecordedPacket(
                track,
                codec,
                sequence,
                taken_us,
                now_us,
                None if is_own else self._to_local_us(taken_us, now_us),
                is_keyframe,
                payload,
                *size_px,
            )
        )
