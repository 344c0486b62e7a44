"""call/live/own_sounds.py: the ring tone and the test sound reach the loudspeaker, and end."""

import pytest

from call.live.own_sounds import OwnSounds
from core.clock import now_us
from core.threads import Threads
from media.sound.pcm import Samples, level_dbfs
from media.sound.speaker import PacedSpeaker
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until


class Bench:
    """Sounds, and what the loudspeaker was given."""

    def __init__(self) -> None:
        self.played: list[Samples] = []
        self.threads = Threads()
        self.speaker = PacedSpeaker(now_us, self.played.append)
        self.sounds = OwnSounds(self.threads)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_ring_tone_sounds_until_it_is_stopped(bench: Bench) -> None:
    bench.sounds.ring(bench.speaker)
    wait_until(lambda: any(level_dbfs(block) > -30 for block in bench.played), "it sounds")
    bench.sounds.stop()
    assert bench.threads.join(DEADLINE_S) == []


def test_test_sound_ends_by_itself(bench: Bench) -> None:
    bench.sounds.play_test(bench.speaker)
    assert bench.threads.join(DEADLINE_S) == []
    assert 100 < len(bench.played) < 300


def test_ring_ends_the_test_sound(bench: Bench) -> None:
    bench.sounds.play_test(bench.speaker)
    bench.sounds.ring(bench.speaker)
    wait_until(lambda: len(bench.played) > 20, "the ring sounds")
    assert bench.threads.join(0.5) == ["own sounds"]
    bench.sounds.stop()
    assert bench.threads.join(DEADLINE_S) == []
