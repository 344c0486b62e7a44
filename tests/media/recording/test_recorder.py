"""media/recording/recorder.py: a call's packets in a file that plays. Real codecs, real files."""

import random
import shutil
from pathlib import Path

import av
import pytest
from av import VideoFrame

from media.errors import MediaError
from media.recording.annex_b import to_length_prefixed
from media.recording.picture_blocks import KEYFRAME_US
from media.recording.recorder import START_LIMIT_US
from media.recording.tracks import PICTURES, VOICES, RecordedPacket, Track
from media.video.jpeg_encoder import JpegEncoder
from tests.support.peer_process import wait_until
from tests.support.recorded_call import (
    SMALL,
    START_US,
    RecordedCall,
    read_duration_us,
    read_recording,
)

SECOND_US = 1_000_000
FRAME_US, PACKET_US = 40_000, 20_000
LARGE = (640, 360)
TOLERANCE_US = 40_000


@pytest.fixture
def call(tmp_path: Path) -> RecordedCall:
    return RecordedCall(tmp_path / "call.mkv")


def talk(call: RecordedCall, begin_us: int, end_us: int, *tracks: Track) -> None:
    """Put what the given tracks, or all, have between two times."""
    for time_us in range(begin_us, end_us, PACKET_US):
        for track in tracks or tuple(Track):
            if track in VOICES:
                call.voice(track, time_us)
            elif not time_us % FRAME_US:
                call.picture(track, time_us)


def test_all_four_tracks_are_stored_as_they_came(call: RecordedCall) -> None:
    talk(call, 0, SECOND_US)
    call.run(SECOND_US)
    tracks = read_recording(call.recorder.path)
    assert [track.codec for track in tracks] == ["h264", "opus", "h264", "opus"]
    assert [track.title for track in tracks] == [
        "Bob, picture", "Bob, voice", "Ann, picture", "Ann, voice",
    ]  # fmt: skip  # one line for each kind
    for number, content in enumerate(tracks, 1):
        sent = call.sent[Track(number)]
        expected = [to_length_prefixed(p) for p in sent] if Track(number) in PICTURES else sent
        assert content.payloads == expected
    assert [track.sizes[SMALL] for track in tracks] == [25, 0, 25, 0]


def test_every_track_is_as_long_as_the_recording(call: RecordedCall) -> None:
    talk(call, 0, 3 * SECOND_US)
    call.run(3 * SECOND_US)
    assert read_duration_us(call.recorder.path) == pytest.approx(3 * SECOND_US, abs=TOLERANCE_US)
    for content in read_recording(call.recorder.path):
        length_us = content.decoded_us or content.times_us[-1] + FRAME_US - content.times_us[0]
        assert length_us == pytest.approx(3 * SECOND_US, abs=TOLERANCE_US)


def test_picture_and_voice_of_one_peer_stay_in_step(call: RecordedCall) -> None:
    talk(call, 0, SECOND_US)
    call.run(SECOND_US)
    for content in read_recording(call.recorder.path):
        step_us = FRAME_US if content.sizes else PACKET_US
        assert content.times_us == list(range(0, SECOND_US, step_us))


def test_pictures_may_change_their_size(call: RecordedCall) -> None:
    for index in range(20):
        size_px = SMALL if index < 8 else LARGE
        call.picture(Track.REMOTE_PICTURE, index * FRAME_US, size_px)
    call.run(SECOND_US)
    assert read_recording(call.recorder.path)[0].sizes == {SMALL: 8, LARGE: 12}


def test_sound_packets_may_change_their_length(call: RecordedCall) -> None:
    for time_us in range(0, 600_000, 60_000):
        call.voice(Track.OWN_VOICE, time_us, 6)
    for time_us in range(600_000, SECOND_US, 10_000):
        call.voice(Track.OWN_VOICE, time_us, 1)
    call.run(SECOND_US)
    assert read_recording(call.recorder.path)[3].decoded_us == SECOND_US


def test_silence_fills_the_time_in_which_a_voice_is_muted(call: RecordedCall) -> None:
    talk(call, 0, SECOND_US, Track.REMOTE_VOICE)
    talk(call, 2 * SECOND_US, 3 * SECOND_US, Track.REMOTE_VOICE)
    call.run(4 * SECOND_US)
    content = read_recording(call.recorder.path)[1]
    assert content.decoded_us == 4 * SECOND_US
    assert content.times_us == list(range(0, 4 * SECOND_US, PACKET_US))


def test_camera_that_is_turned_on_later_is_recorded(call: RecordedCall) -> None:
    talk(call, 0, 3 * SECOND_US, Track.REMOTE_PICTURE, Track.REMOTE_VOICE, Track.OWN_VOICE)
    talk(call, 2 * SECOND_US, 3 * SECOND_US, Track.OWN_PICTURE)
    call.clock.us += 3 * SECOND_US
    with call.writing():
        wait_until(lambda: call.recorder.duration_us > 0, "a cluster is written")
        talk(call, 3 * SECOND_US, 4 * SECOND_US, Track.OWN_PICTURE)
        call.clock.us += SECOND_US
    content = read_recording(call.recorder.path)[2]
    assert content.sizes[SMALL] == 50
    assert content.times_us[0] == 2 * SECOND_US


def test_picture_that_begins_after_the_files_start_decodes(call: RecordedCall) -> None:
    call.clock.us += START_LIMIT_US
    call.voice(Track.REMOTE_VOICE, PACKET_US)
    with call.writing():
        wait_until(lambda: call.recorder.duration_us > 0, "the file's start is written")
        talk(call, SECOND_US, 2 * SECOND_US, Track.REMOTE_PICTURE)
        call.clock.us += SECOND_US
    assert read_recording(call.recorder.path)[0].sizes == {SMALL: 25}


def test_pictures_whose_predecessors_are_missing_are_left_out(call: RecordedCall) -> None:
    for index in range(20):
        if index == 5:
            call.lose(Track.REMOTE_PICTURE)
        call.picture(Track.REMOTE_PICTURE, index * FRAME_US, is_first=index == 10)
    call.run(SECOND_US)
    content = read_recording(call.recorder.path)[0]
    assert content.sizes[SMALL] == 15
    assert 7 * FRAME_US not in content.times_us


def test_missing_picture_asks_for_a_keyframe_and_so_does_an_old_one(call: RecordedCall) -> None:
    call.picture(Track.OWN_PICTURE, 0)
    call.picture(Track.OWN_PICTURE, FRAME_US)
    call.picture(Track.REMOTE_PICTURE, 0)
    call.picture(Track.REMOTE_PICTURE, KEYFRAME_US)
    call.run(KEYFRAME_US)
    assert [call.recorder.needs_keyframe(track) for track in PICTURES] == [True, False]


def test_jpegs_and_raw_sound_have_tracks_of_their_kind(call: RecordedCall) -> None:
    jpeg = _encode_jpeg()
    for time_us in range(0, SECOND_US, FRAME_US):
        call.put(Track.REMOTE_PICTURE, time_us, jpeg, codec="mjpeg")
        call.put(Track.REMOTE_VOICE, time_us, bytes(2 * 1920), codec="pcm")
    call.run(SECOND_US)
    pictures, voice, *_ = read_recording(call.recorder.path)
    assert (pictures.codec, pictures.sizes[SMALL]) == ("mjpeg", 25)
    assert (voice.codec, voice.decoded_us) == ("pcm_s16le", SECOND_US)


def test_packets_in_another_codec_than_the_first_are_left_out_and_named(
    call: RecordedCall,
) -> None:
    call.picture(Track.REMOTE_PICTURE, 0)
    call.put(Track.REMOTE_PICTURE, FRAME_US, _encode_jpeg(), codec="mjpeg")
    call.run(SECOND_US)
    assert read_recording(call.recorder.path)[0].sizes == {SMALL: 1}
    assert call.recorder.refused == {Track.REMOTE_PICTURE}


def _encode_jpeg() -> bytes:
    picture = VideoFrame(*SMALL, "yuv420p")
    return JpegEncoder(30).encode(picture, 500_000).payload


def test_file_plays_while_it_is_written(call: RecordedCall, tmp_path: Path) -> None:
    talk(call, 0, 2 * SECOND_US)
    call.clock.us += 2 * SECOND_US
    copy = tmp_path / "copy.mkv"
    with call.writing():
        wait_until(lambda: call.recorder.duration_us > 0, "a cluster is written")
        shutil.copy(call.recorder.path, copy)
    assert [content.sizes[SMALL] for content in read_recording(copy)] == [50, 0, 50, 0]
    assert read_duration_us(copy) == pytest.approx(2 * SECOND_US, abs=TOLERANCE_US)


def test_finished_file_has_an_index_for_its_keyframes(call: RecordedCall) -> None:
    for time_us in range(0, 30 * SECOND_US, 500_000):
        call.picture(Track.REMOTE_PICTURE, time_us, is_first=not time_us % (10 * SECOND_US))
    call.run(30 * SECOND_US)
    with av.open(str(call.recorder.path)) as container:
        container.seek(25 * SECOND_US)
        packet = next(container.demux(video=0))
        assert packet.pts == 20_000


def test_recording_without_a_packet_leaves_no_file(call: RecordedCall) -> None:
    call.run(SECOND_US)
    assert not call.recorder.path.exists()


def test_recording_of_packets_that_nobody_can_decode_leaves_no_file(call: RecordedCall) -> None:
    call.put(Track.OWN_PICTURE, 0, b"no keyframe", codec="h264", is_keyframe=False)
    call.run(0)
    assert call.recorder.is_empty
    assert not call.recorder.path.exists()


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    call = RecordedCall(tmp_path / "file" / "call.mkv")
    with pytest.raises(MediaError, match="cannot be written") as caught:
        call.run(SECOND_US)
    assert caught.value.next_step


@pytest.mark.parametrize("seed", range(20))
def test_hostile_packets_spoil_no_other_track(call: RecordedCall, seed: int) -> None:
    chance = random.Random(seed)
    for time_us in range(0, 3 * SECOND_US, PACKET_US):
        call.voice(Track.OWN_VOICE, time_us)
        track = chance.choice((Track.REMOTE_PICTURE, Track.REMOTE_VOICE))
        start_code = b"\x00\x00\x01" * chance.randrange(3)
        call.recorder.put(
            RecordedPacket(
                track,
                chance.choice(("h264", "mjpeg") if track in PICTURES else ("opus", "pcm")),
                chance.randrange(2**32),
                chance.choice((0, 2**63 - 1, chance.randrange(2**63), START_US + time_us)),
                START_US + time_us,
                chance.choice((None, 0, -(2**63), START_US + time_us)),
                is_keyframe=chance.random() < 0.7,
                payload=start_code + chance.randbytes(chance.randrange(200)),
                width_px=chance.randrange(16, 16_385),
                height_px=16,
            )
        )
    call.run(3 * SECOND_US)
    with av.open(str(call.recorder.path)) as container:
        voice = container.streams[3]
        stored = [bytes(packet) for packet in container.demux(voice) if packet.pts is not None]
    assert stored == call.sent[Track.OWN_VOICE]
    assert read_duration_us(call.recorder.path) == pytest.approx(3 * SECOND_US, abs=TOLERANCE_US)
