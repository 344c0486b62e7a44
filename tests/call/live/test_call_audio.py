"""call/live/call_audio.py: the threads of a call's sound, and the sound that they send."""

import pytest

from media.packet import AudioPacket
from media.sound.pcm import BLOCK_SAMPLES
from media.sound.settings import AudioSettings
from net.link.outbox import MAX_AUDIO_AGE_US
from net.protocol.control import AudioFormat, SoundState
from tests.support.call_sound import LARGE_BPS, START_US, SoundEnd


def test_each_direction_has_a_thread_and_close_ends_both() -> None:
    end = SoundEnd()
    assert list(end.bodies) == ["microphone", "speaker"]
    end.sound.close()
    for body in end.bodies.values():
        body()


def test_recorded_blocks_are_sent_and_counted() -> None:
    end = SoundEnd()
    sent = end.speak(10)
    assert sent[:2] == [SoundState("sent"), AudioFormat("opus", 0)]
    packets = [each for each in sent if isinstance(each, AudioPacket)]
    assert len(packets) == 10
    assert end.sound.sent_bytes == sum(len(packet.payload) for packet in packets)


def test_muted_user_sends_nothing() -> None:
    end = SoundEnd()
    end.own.is_muted = True
    assert end.speak(10) == [SoundState("muted")]
    assert end.sound.sent_bytes == 0


@pytest.mark.parametrize(
    ("wanted", "can_hear", "used"),
    [
        ("opus", ("opus", "pcm"), "opus"),
        ("pcm", ("opus", "pcm"), "pcm"),
        ("opus", ("later", "pcm"), "pcm"),
    ],
)
def test_codec_is_the_setting_if_the_other_peer_decodes_it(
    wanted: str, can_hear: tuple[str, ...], used: str
) -> None:
    settings = AudioSettings(codec="pcm" if wanted == "pcm" else "opus", noise_suppression=False)
    assert SoundEnd(settings, can_hear).speak(2)[1] == AudioFormat(used, 0)


def test_nothing_is_sent_without_a_common_codec() -> None:
    assert SoundEnd(can_hear=("later",)).speak(5) == [SoundState("none")]


def test_bitrate_follows_the_setting() -> None:
    sent_bytes = []
    for bitrate_bps in (8_000, 128_000):
        end = SoundEnd(AudioSettings(bitrate_bps=bitrate_bps, noise_suppression=False))
        end.speak(50)
        sent_bytes.append(end.sound.sent_bytes)
    assert sent_bytes[1] > 2 * sent_bytes[0]


def test_packets_stay_short_on_a_large_link() -> None:
    end = SoundEnd()
    for tick in range(5):
        end.sound.on_tick(START_US + tick, LARGE_BPS)
    assert end.sent_packet_samples() == BLOCK_SAMPLES


def test_packets_become_longer_on_a_small_link() -> None:
    end = SoundEnd()
    end.sound.on_tick(START_US, 500_000)
    assert end.sent_packet_samples() == 2 * BLOCK_SAMPLES


def test_packets_become_longer_after_sound_was_dropped() -> None:
    end = SoundEnd()
    end.sound.on_tick(START_US, LARGE_BPS)
    end.link.outbox.put_audio(b"old", START_US)
    end.link.outbox.put_audio(b"new", START_US + MAX_AUDIO_AGE_US + 1)
    end.link.outbox.clear_audio()
    end.sound.on_tick(START_US + 100_000, LARGE_BPS)
    assert end.sent_packet_samples() == 2 * BLOCK_SAMPLES


def test_echo_return_loss_is_unknown_without_a_canceller() -> None:
    end = SoundEnd()
    end.speak(5)
    assert end.sound.echo_return_loss_db is None
