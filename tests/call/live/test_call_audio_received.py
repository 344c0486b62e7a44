"""call/live/call_audio.py: the sound that arrives, its figures and the other peer's sound state."""

import pytest

from media.sound.pcm import BLOCK_SAMPLES
from net.errors import ProtocolError
from net.protocol.control import AudioFormat
from tests.support.call_sound import START_US, SoundEnd, UnsentLink, payload_of
from ui.view import RemoteSound


@pytest.mark.parametrize(
    ("state", "remote"),
    [
        ("sent", RemoteSound.EXPECTED),
        ("muted", RemoteSound.MUTED),
        ("none", RemoteSound.NONE),
        ("a later one", RemoteSound.NONE),
    ],
)
def test_other_peers_sound_state_is_kept(state: str, remote: RemoteSound) -> None:
    end = SoundEnd()
    assert end.sound.remote == RemoteSound.EXPECTED
    end.sound.on_state(state)
    assert end.sound.remote == remote
    end.sound.on_state("sent")
    assert end.sound.remote == RemoteSound.EXPECTED


def test_arriving_sound_is_counted_and_played() -> None:
    end = SoundEnd()
    end.then_blocks(30)
    end.play()
    assert end.sound.received_bytes == 30 * BLOCK_SAMPLES * 2
    assert (end.sound.underruns, end.sound.concealed_ms) == (0, 0)
    assert end.sound.playout_delay_ms is not None
    latency_us = end.sound.take_latency_us()
    assert 20 < len(latency_us) <= 30
    assert all(0 < each < 100_000 for each in latency_us)
    assert end.sound.take_latency_us() == []


def test_delay_and_latency_are_unknown_before_sound_arrives() -> None:
    end = SoundEnd()
    end.then_blocks(10, arrive=False)
    end.play()
    assert end.sound.playout_delay_ms is None
    assert end.sound.take_latency_us() == []


def test_malformed_sound_is_a_protocol_error() -> None:
    end = SoundEnd()
    with pytest.raises(ProtocolError):
        end.sound.add_packet(b"short", START_US)
    end.sound.add_packet(payload_of(5), START_US)
    with pytest.raises(ProtocolError):
        end.sound.add_packet(payload_of(5), START_US)
    with pytest.raises(ProtocolError):
        end.sound.add_format(AudioFormat("mp3", 0))


def test_missing_sound_is_an_underrun() -> None:
    end = SoundEnd()
    end.sound.on_state("sent")
    end.then_blocks(20)
    end.then_blocks(20, arrive=False)
    end.play()
    assert end.sound.underruns == 1
    assert end.sound.concealed_ms > 100
    assert end.sound.playout_delay_ms is None


@pytest.mark.parametrize("state", ["muted", "none", "a later one"])
def test_sound_that_ended_on_purpose_is_not_an_underrun(state: str) -> None:
    end = SoundEnd()
    end.then_blocks(20)
    end.then(lambda: end.sound.on_state(state))
    end.then_blocks(20, arrive=False)
    end.play()
    assert (end.sound.underruns, end.sound.concealed_ms) == (0, 0)


def test_samples_that_the_loudspeaker_missed_count_as_concealed() -> None:
    end = SoundEnd()
    end.then_blocks(20)
    end.then_blocks(20, arrive=False)
    end.play()
    by_playout_ms = end.sound.concealed_ms
    assert by_playout_ms > 0
    end.own.speaker.counters.missed_samples = 720
    assert end.sound.concealed_ms == pytest.approx(by_playout_ms + 15)


def test_playout_floor_delays_sound_in_the_jitter_buffer() -> None:
    delays_ms = []
    for floor_ms in (0.0, 80.0):
        end = SoundEnd()
        end.sound.set_playout_floor(floor_ms)
        end.then_blocks(300)
        end.play()
        assert end.sound.playout_delay_ms is not None
        delays_ms.append(end.sound.playout_delay_ms)
    assert delays_ms[0] < 40
    assert delays_ms[1] == pytest.approx(80, abs=3)


def test_sound_begins_afresh_on_another_link_and_its_totals_go_on() -> None:
    end = SoundEnd()
    end.then_blocks(20)
    end.then_blocks(20, arrive=False)
    end.then(lambda: end.sound.move_to(UnsentLink()))
    end.then_blocks(1, arrive=False)
    end.play()
    assert end.sound.playout_delay_ms is None
    assert end.sound.underruns == 1
    assert end.sound.received_bytes == 20 * BLOCK_SAMPLES * 2
