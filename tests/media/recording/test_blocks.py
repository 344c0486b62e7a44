"""media/recording/voice_blocks.py and sender_clock.py: the times of packets in a recording."""

import itertools

import pytest

from media.recording.sender_clock import MAX_EARLY_US, MAX_LATE_US, SenderClock
from media.recording.tracks import Track
from media.recording.voice_blocks import VoiceBlocks, packet_us

CELT_20_MS = b"\xf8payload"
SECOND_US = 1_000_000


@pytest.mark.parametrize(
    ("payload", "duration_us"),
    [
        (b"\x00", 10_000),  # SILK, 10 ms
        (b"\x18", 60_000),  # SILK, 60 ms
        (b"\x68", 20_000),  # hybrid, 20 ms
        (b"\x80", 2_500),  # CELT, 2.5 ms
        (b"\xf8", 20_000),  # CELT, 20 ms
        (b"\xf9", 40_000),  # two frames
        (b"\xfb\x03", 60_000),  # as many as the second byte says
        (b"\x1b\x03", 0),  # 180 ms is more than a packet may hold
        (b"\xfb", 0),
        (b"", 0),
    ],
)
def test_duration_of_an_opus_packet_is_in_its_first_bytes(payload: bytes, duration_us: int) -> None:
    assert packet_us("opus", payload) == duration_us


def test_duration_of_raw_sound_is_its_length() -> None:
    assert packet_us("pcm", bytes(960)) == 10_000


def add(voice: VoiceBlocks, time_us: int, payload: bytes = CELT_20_MS) -> list[tuple[int, bool]]:
    """Add a packet; return the time of each block, and whether it is the packet."""
    return [(block.time_us, block.payload == payload) for block in voice.add(time_us, payload)]


def test_silence_fills_the_gap_before_a_packet() -> None:
    voice = VoiceBlocks(Track.OWN_VOICE, "opus")
    assert add(voice, 50_000) == [
        *((0, False), (20_000, False), (40_000, False)),
        (50_000, True),
    ]
    assert voice.end_us == 70_000


def test_silence_is_of_the_tracks_codec() -> None:
    voice = VoiceBlocks(Track.OWN_VOICE, "pcm")
    assert [block.payload for block in voice.fill_to(39_000)] == [bytes(1920), bytes(960)]


def test_packet_whose_time_is_taken_is_left_out() -> None:
    voice = VoiceBlocks(Track.OWN_VOICE, "opus")
    list(voice.fill_to(SECOND_US))
    assert add(voice, 980_000) == []
    assert add(voice, 991_000) == [(991_000, True)]


def test_times_of_a_track_grow_even_if_packets_overlap() -> None:
    voice = VoiceBlocks(Track.OWN_VOICE, "opus")
    add(voice, 0)
    assert add(voice, 12_000, b"\x18long") == [(12_000, True)]
    assert add(voice, 50_000) == []
    assert add(voice, 63_000) == [(63_000, True)]


def test_malformed_packet_is_left_out() -> None:
    voice = VoiceBlocks(Track.OWN_VOICE, "opus")
    assert add(voice, SECOND_US, b"") == []


def test_estimate_is_followed_slowly_so_that_sound_has_no_gaps() -> None:
    clock = SenderClock()
    assert clock.to_local_us(0, 1_000, 0) == 0
    moved = [clock.to_local_us(t, 1_000 + t, t - 5_000) - t for t in range(0, SECOND_US, 20_000)]
    steps = {before - after for before, after in itertools.pairwise(moved)}
    assert max(steps) <= 400
    assert moved[-1] == -5_000


def test_sender_that_has_slept_is_followed_at_once() -> None:
    clock = SenderClock()
    clock.to_local_us(0, 0, 0)
    assert clock.to_local_us(20_000, 5_000_000, 4_990_000) == 4_990_000


@pytest.mark.parametrize("early_us", [2**62, MAX_EARLY_US + 1, -MAX_LATE_US - 1])
def test_impossible_time_counts_as_the_arrival(early_us: int) -> None:
    clock = SenderClock()
    clock.to_local_us(0, 0, None)
    assert clock.to_local_us(20_000 + early_us, 20_000, None) == 20_000


def test_time_of_arrival_stands_in_while_the_clocks_are_unknown() -> None:
    clock = SenderClock()
    assert clock.to_local_us(777, 5_000, None) == 5_000
    assert clock.to_local_us(20_777, 26_000, None) == 25_000
