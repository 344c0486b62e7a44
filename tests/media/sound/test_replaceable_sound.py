"""media/sound/replaceable_sound.py: a device is replaced while another thread uses it."""

import threading

import numpy as np

from media.sound.microphone import PacedMicrophone, SilentMicrophone
from media.sound.pcm import Samples, silence
from media.sound.replaceable_sound import ReplaceableMicrophone, ReplaceableSpeaker
from media.sound.speaker import PacedSpeaker
from media.sound.tone import tone_block
from tests.support.deadline import DEADLINE_S
from tests.support.manual_clock import ManualClock


def test_read_that_waits_ends_and_the_next_one_is_of_the_new_microphone() -> None:
    clock = ManualClock()
    microphone = ReplaceableMicrophone(SilentMicrophone())
    waiting = threading.Thread(target=lambda: microphone.read(DEADLINE_S))
    waiting.start()
    assert not microphone.is_live
    started_us = clock()
    microphone.replace(PacedMicrophone(tone_block, clock, lambda: started_us))
    waiting.join(DEADLINE_S)
    assert not waiting.is_alive()
    clock.us += 10_000
    recorded = microphone.read(0)
    assert recorded is not None
    assert np.array_equal(recorded.samples, tone_block(0))
    assert microphone.is_live


def test_microphone_that_replaces_a_closed_one_is_closed() -> None:
    microphone = ReplaceableMicrophone(SilentMicrophone())
    microphone.close()
    tone = PacedMicrophone(tone_block, ManualClock())
    microphone.replace(tone)
    assert not tone.is_live


def test_speaker_counts_on_and_passes_sound_to_the_new_one() -> None:
    clock = ManualClock()
    first: list[Samples] = []
    second: list[Samples] = []
    former, following = PacedSpeaker(clock, first.append), PacedSpeaker(clock, second.append)
    speaker = ReplaceableSpeaker(former)
    speaker.write(silence())
    former.counters.missed_samples = 480
    speaker.replace(following)
    assert not former.wait_room(0)
    assert speaker.wait_room(0)
    speaker.write(silence())
    following.counters.missed_samples = 20
    assert (len(first), len(second)) == (1, 1)
    assert speaker.counters.missed_samples == 500


def test_speaker_that_replaces_a_closed_one_is_closed() -> None:
    speaker = ReplaceableSpeaker(PacedSpeaker(ManualClock(), lambda samples: None))
    speaker.close()
    other = PacedSpeaker(ManualClock(), lambda samples: None)
    speaker.replace(other)
    assert not other.wait_room(0)
