"""call/live/local_audio.py: opened once, closed always, and what a person is told of it."""

import logging
import sys
import threading
from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from call.live import local_audio
from call.live.local_audio import FILM_WAIT_US, MUTED_NOTICE, SILENT_NOTICE, LocalAudio
from core.threads import Threads
from media.errors import SourceError
from media.sound.microphone import Recorded
from media.sound.pcm import BLOCK_US, SILENCE_DBFS, Samples, silence
from media.sound.settings import AudioSettings
from media.sound.sound_spec import DefaultDevice, MicrophoneSpec, NoSound, SpeakerSpec, Tone
from media.sound.tone import tone_block
from media.sound.voice_processing import VoiceProcessor

DEADLINE_S = 20.0
START_US = 9_000_000
NO_MICROPHONE = 'No microphone: "nowhere" is not there'
NO_LOUDSPEAKER = "No loudspeaker: it is busy"
RAW = AudioSettings(echo_cancellation=False, noise_suppression=False, gain_control=False)


class FakeMicrophone:
    is_live = True
    is_opening = False
    backlog_samples = 0

    def read(self, timeout_s: float) -> Recorded | None:
        return None

    def forget(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeDevices:
    """The devices of a computer, without the computer."""

    breaks = False

    def __init__(
        self,
        microphone: MicrophoneSpec,
        speaker: SpeakerSpec,
        *,
        now_us: Callable[[], int],
        on_played: Callable[[bytes], None],
        on_stall: Callable[[], None],
        wav_started_us: Callable[[], int | None],
    ) -> None:
        self.wanted = (microphone, speaker)
        self.now_us = now_us
        self.on_played = on_played
        self.on_stall = on_stall
        self.wav_started_us = wav_started_us
        self.microphone = FakeMicrophone()
        self.speaker = object()
        self.problems: tuple[str, ...] = ()
        self.ran_in: list[str] = []
        self.closes = 0
        opened.append(self)

    def run(self) -> None:
        self.ran_in.append(threading.current_thread().name)
        if self.breaks:
            raise SourceError("The card has burnt")

    def close(self) -> None:
        self.closes += 1


opened: list[FakeDevices] = []


class Person:
    """Own sound on fake devices, and a clock that stands still."""

    def __init__(
        self,
        microphone: MicrophoneSpec | None = None,
        settings: AudioSettings = RAW,
        *,
        film_started_us: Callable[[], int | None] | None = None,
    ) -> None:
        self.now_us = START_US
        self.threads = Threads()
        self.own = LocalAudio(
            DefaultDevice() if microphone is None else microphone,
            DefaultDevice(),
            settings,
            self.threads,
            lambda: self.now_us,
            film_started_us,
        )

    def start(self) -> FakeDevices:
        self.own.start()
        return opened[-1]

    def hear(self, dbfs: float, duration_us: int) -> None:
        """Let the microphone have this level for a while."""
        for _ in range(duration_us // BLOCK_US):
            self.now_us += BLOCK_US
            self.own.level.add(dbfs, dbfs, self.now_us)

    def speak(self) -> None:
        self.hear(-65, 1_000_000)
        self.hear(-25, 500_000)

    def notices(self) -> tuple[str, ...]:
        return self.own.notices(self.now_us)


@pytest.fixture(autouse=True)
def _fake_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    opened.clear()
    monkeypatch.setattr(local_audio, "SoundDevices", FakeDevices)


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what a person at the terminal has read until now."""

    def said() -> list[str]:
        return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]

    return said


def test_nothing_is_opened_before_the_start() -> None:
    Person()
    assert not opened


def test_starting_twice_opens_once() -> None:
    person = Person(Tone())
    devices = person.start()
    microphone, speaker = person.own.microphone, person.own.speaker
    person.own.start()
    assert person.threads.join(DEADLINE_S) == []
    assert opened == [devices]
    assert devices.ran_in == ["sound"]
    assert devices.wanted == (Tone(), DefaultDevice())
    assert (person.own.microphone, person.own.speaker) == (microphone, speaker)
    assert microphone is devices.microphone
    assert speaker is devices.speaker


def test_stopping_closes_the_devices_once() -> None:
    person = Person()
    devices = person.start()
    person.own.stop()
    person.own.stop()
    assert devices.closes == 1


def test_stopping_what_was_never_started_is_nothing() -> None:
    Person().own.stop()
    assert not opened


def test_the_next_call_has_devices_and_a_level_of_its_own() -> None:
    person = Person()
    first = person.start()
    person.speak()
    person.own.stop()
    second = person.start()
    assert second is not first
    assert person.own.microphone is second.microphone
    assert person.own.level.level_dbfs == SILENCE_DBFS


def test_a_file_as_a_microphone_begins_with_the_start() -> None:
    person = Person()
    devices = person.start()
    person.now_us += 5_000_000
    assert devices.wav_started_us() == START_US
    assert devices.now_us() == person.now_us


def test_a_file_as_a_microphone_begins_with_the_film() -> None:
    film_us: list[int | None] = [None]
    person = Person(film_started_us=lambda: film_us[0])
    devices = person.start()
    person.now_us += 500_000
    assert devices.wav_started_us() is None
    film_us[0] = person.now_us
    person.now_us += 500_000
    assert devices.wav_started_us() == START_US + 500_000
    # The film is away for a while: the sound goes on as it was.
    film_us[0] = None
    person.now_us += 2 * FILM_WAIT_US
    assert devices.wav_started_us() == START_US + 500_000


def test_a_film_that_does_not_come_is_not_waited_for() -> None:
    film_us: list[int | None] = [None]
    person = Person(film_started_us=lambda: film_us[0])
    devices = person.start()
    person.now_us = START_US + FILM_WAIT_US
    assert devices.wav_started_us() is None
    person.now_us += 1
    assert devices.wav_started_us() == START_US
    film_us[0] = person.now_us
    assert devices.wav_started_us() == person.now_us


def test_each_call_waits_for_its_own_film() -> None:
    film_us: list[int | None] = [START_US]
    person = Person(film_started_us=lambda: film_us[0])
    assert person.start().wav_started_us() == START_US
    person.own.stop()
    film_us[0] = None
    assert person.start().wav_started_us() is None


def test_mute_stays_from_call_to_call() -> None:
    person = Person()
    assert not person.own.is_muted
    person.start()
    person.own.is_muted = True
    person.own.stop()
    person.start()
    assert person.own.is_muted


@pytest.mark.parametrize(
    ("microphone", "has_one"), [(NoSound(), False), (Tone(), True), (DefaultDevice(), True)]
)
def test_only_without_any_microphone_there_is_none(
    microphone: MicrophoneSpec, has_one: bool
) -> None:
    assert Person(microphone).own.has_microphone is has_one


def test_devices_that_stop_by_themselves_are_said(
    monkeypatch: pytest.MonkeyPatch, warnings: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(FakeDevices, "breaks", True)
    person = Person()
    person.start()
    assert person.threads.join(DEADLINE_S) == []
    assert warnings() == ["the sound devices have stopped: The card has burnt"]
    # The call goes on with them as they are.
    assert person.own.microphone is opened[0].microphone


def test_devices_that_end_well_are_not_said(warnings: Callable[[], list[str]]) -> None:
    person = Person()
    person.start()
    person.own.stop()
    assert person.threads.join(DEADLINE_S) == []
    assert warnings() == []


# The clean-up.


@pytest.mark.parametrize("setting", ["echo_cancellation", "noise_suppression", "gain_control"])
def test_a_microphone_is_cleaned_up_if_anything_is_asked_for(setting: str) -> None:
    person = Person(settings=msgspec.structs.replace(RAW, **{setting: True}))
    person.start()
    cleaned = VoiceProcessor(
        echo_cancellation=setting == "echo_cancellation",
        noise_suppression=setting == "noise_suppression",
        gain_control=setting == "gain_control",
    )
    assert person.own.make_voice().delay_us == cleaned.delay_us > 0


def test_with_all_switched_off_the_microphone_is_sent_as_it_is() -> None:
    person = Person(settings=RAW)
    person.start()
    voice = person.own.make_voice()
    block = tone_block(0)
    assert voice.delay_us == 0
    assert voice.take(Recorded(block, START_US), 0) is block


@pytest.mark.parametrize("microphone", [Tone(), NoSound()])
def test_a_tone_of_our_own_is_not_cleaned_up(microphone: MicrophoneSpec) -> None:
    person = Person(microphone, AudioSettings())
    person.start()
    assert person.own.make_voice().delay_us == 0


def test_a_clean_up_that_nobody_asked_for_is_not_missed(
    monkeypatch: pytest.MonkeyPatch, warnings: Callable[[], list[str]]
) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    for person in (Person(settings=RAW), Person(Tone(), AudioSettings())):
        person.start()
        person.own.make_voice()
    assert warnings() == []


def test_a_clean_up_that_is_missing_is_said_once_and_the_call_goes_on(
    monkeypatch: pytest.MonkeyPatch, warnings: Callable[[], list[str]]
) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    person = Person(settings=AudioSettings())
    for _ in range(2):
        person.start()
        block = tone_block(0)
        assert person.own.make_voice().take(Recorded(block, START_US), 0) is block
        person.own.stop()
    assert warnings() == [
        "Echo and noise cannot be removed: pywebrtc-audio is not installed. "
        "Run make setup, or go on with headphones."
    ]


class NotedCleanUp:
    """Notes what it is given of the loudspeaker."""

    delay_us = 0
    is_near_speech = None

    def __init__(self, **settings: bool) -> None:
        self.far: list[Samples] = []
        self.disturbed: list[bool] = []
        made.append(self)

    def process(self, near: Samples, far: Samples, *, is_disturbed: bool) -> Samples:
        self.far.append(far)
        self.disturbed.append(is_disturbed)
        return near


made: list[NotedCleanUp] = []


def test_the_clean_up_is_told_what_the_loudspeaker_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_audio, "VoiceProcessor", NotedCleanUp)
    made.clear()
    person = Person(settings=AudioSettings())
    # Also in the second call, whose devices are others.
    for number in range(2):
        devices = person.start()
        voice = person.own.make_voice()
        devices.on_played(tone_block(0).tobytes())
        voice.take(Recorded(silence(), START_US), 0)
        assert np.array_equal(made[number].far, [tone_block(0)])
        devices.on_stall()
        voice.take(Recorded(silence(), START_US), 0)
        assert made[number].disturbed == [False, True]
        person.own.stop()


# The level.


def test_the_level_is_that_of_the_voice() -> None:
    person = Person()
    person.start()
    person.own.make_voice().take(Recorded(tone_block(0), START_US), 0)
    assert person.own.level_dbfs() == pytest.approx(-26, abs=0.5)


def test_without_devices_there_is_no_level() -> None:
    person = Person()
    assert person.own.level_dbfs() is None
    person.start()
    assert person.own.level_dbfs() is not None
    person.own.stop()
    assert person.own.level_dbfs() is None


def test_a_microphone_that_is_missing_has_no_level() -> None:
    person = Person()
    person.start().microphone.is_live = False
    assert person.own.level_dbfs() is None


# Notices.


def test_without_devices_nothing_is_amiss() -> None:
    person = Person()
    person.own.is_muted = True
    person.speak()
    assert person.notices() == ()


def test_who_speaks_while_muted_is_told() -> None:
    person = Person()
    person.start()
    person.own.is_muted = True
    assert person.notices() == ()
    person.speak()
    assert person.notices() == (MUTED_NOTICE,)
    person.hear(-65, 5_000_000)
    assert person.notices() == ()


def test_who_is_heard_is_not_told_to_unmute() -> None:
    person = Person()
    person.start()
    person.speak()
    assert person.notices() == ()


def test_a_microphone_that_is_switched_off_is_said() -> None:
    person = Person()
    person.start()
    person.hear(SILENCE_DBFS, 9_000_000)
    assert person.notices() == ()
    person.hear(SILENCE_DBFS, 2_000_000)
    assert person.notices() == (SILENT_NOTICE,)
    person.own.is_muted = True
    assert person.notices() == ()


def test_what_is_missing_is_a_notice_only_where_there_is_a_window(
    warnings: Callable[[], list[str]],
) -> None:
    person = Person()
    person.start().problems = (NO_MICROPHONE,)
    assert person.notices() == ()
    person.own.set_window(True)
    assert person.notices() == (NO_MICROPHONE,)
    person.own.set_window(False)
    assert person.notices() == ()
    # The log has it either way.
    assert warnings() == [NO_MICROPHONE]


def test_each_thing_that_is_missing_is_logged_once(warnings: Callable[[], list[str]]) -> None:
    person = Person()
    devices = person.start()
    devices.problems = (NO_MICROPHONE,)
    person.notices()
    person.notices()
    devices.problems = (NO_MICROPHONE, NO_LOUDSPEAKER)
    person.notices()
    person.notices()
    assert warnings() == [NO_MICROPHONE, NO_LOUDSPEAKER]


def test_what_goes_and_comes_is_logged_again(warnings: Callable[[], list[str]]) -> None:
    person = Person()
    devices = person.start()
    for problems in ((NO_LOUDSPEAKER,), (), (NO_LOUDSPEAKER,)):
        devices.problems = problems
        person.notices()
    assert warnings() == [NO_LOUDSPEAKER, NO_LOUDSPEAKER]


def test_the_shortest_notice_comes_first() -> None:
    person = Person()
    person.own.set_window(True)
    devices = person.start()
    person.own.is_muted = True
    person.speak()
    longest = "No sound: " + "x" * 60
    devices.problems = (longest, NO_LOUDSPEAKER)
    assert person.notices() == (NO_LOUDSPEAKER, MUTED_NOTICE, longest)
