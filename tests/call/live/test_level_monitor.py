"""call/live/level_monitor.py: the level of a microphone that no call reads."""

from call.live.level_monitor import LevelMonitor
from core.clock import now_us
from core.threads import Threads
from media.sound.microphone import PacedMicrophone, SilentMicrophone
from media.sound.pcm import SILENCE_DBFS
from media.sound.tone import tone_block
from media.sound.voice_level import VoiceLevel
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until


def test_level_follows_the_microphone_until_a_call_reads_it() -> None:
    threads, level = Threads(), VoiceLevel()
    started_us = now_us()
    microphone = PacedMicrophone(tone_block, now_us, lambda: started_us)
    monitor = LevelMonitor(threads, now_us)
    monitor.start(microphone, level)
    monitor.start(microphone, level)
    wait_until(lambda: abs(level.level_dbfs + 26) < 1, "the tone is measured")
    monitor.stop()
    assert threads.join(DEADLINE_S) == []
    monitor.start(microphone, level)
    monitor.stop()
    assert threads.join(DEADLINE_S) == []


def test_missing_microphone_has_no_level() -> None:
    threads, level = Threads(), VoiceLevel()
    level.add(-20, -20, 0)
    microphone = SilentMicrophone()
    monitor = LevelMonitor(threads, now_us)
    monitor.start(microphone, level)
    wait_until(lambda: level.level_dbfs == SILENCE_DBFS, "the level is forgotten")
    monitor.stop()
    microphone.close()
    assert threads.join(DEADLINE_S) == []
