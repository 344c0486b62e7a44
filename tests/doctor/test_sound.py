"""doctor/sound.py on a real sound server: muted, silent, deaf, missing and hanging devices."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bench.sound_daemons import why_no_server
from bench.sound_server import SoundServer
from core.threads import Threads
from doctor import sound
from doctor.checkup import run_checks
from doctor.finding import Finding, Mark
from doctor.sound import check_loudspeaker, check_microphone, check_tone
from media.sound.portaudio import PortAudio
from media.sound.sound_spec import DefaultDevice, DeviceName, NoSound, Tone
from media.sound.tone import TONE_DBFS, tone_block
from tests.support.remedy import commands_of, follow

# The reason of a skip is the program that is missing.
pytestmark = pytest.mark.skipif(why_no_server() is not None, reason=str(why_no_server()))

DEFAULT = DefaultDevice()


def use(monkeypatch: pytest.MonkeyPatch, server: SoundServer, speaker: str, mic: str) -> None:
    """Make two devices of a server the defaults of this process, and of the commands it runs."""
    for name, value in server.environment(speaker=speaker, microphone=mic).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A server with a device whose microphone hears its loudspeaker, and another one."""
    with SoundServer(["loop", "other"]) as server:
        use(monkeypatch, server, "loop", "loop")
        yield server


@contextmanager
def tone_playing() -> Iterator[None]:
    """Play the test tone on the default loudspeaker meanwhile."""
    audio = PortAudio()
    position = 0

    def play(samples: int) -> bytes:
        nonlocal position
        position += samples
        return tone_block(position)[:samples].tobytes()

    stream = audio.open_speaker(None, play, 480)
    try:
        yield
    finally:
        stream.close()
        audio.close()


def only(findings: list[Finding]) -> Finding:
    [finding] = findings
    return finding


def test_recorded_second_has_the_level_of_the_sound(server: SoundServer) -> None:
    with tone_playing():
        finding = only(check_microphone(DEFAULT))
    assert finding.mark is Mark.OK, finding
    level = finding.figures["level_dbfs"]
    assert isinstance(level, float)
    assert abs(level - TONE_DBFS) < 3


def test_silent_microphone_is_wrong(server: SoundServer) -> None:
    finding = only(check_microphone(DEFAULT))
    assert finding.mark is Mark.WRONG
    assert finding.sentence == "The microphone records only silence"


def test_muted_microphone_is_named_until_the_remedy_is_followed(server: SoundServer) -> None:
    server.control("set-source-mute", "loop.monitor", "1")
    with tone_playing():
        finding = only(check_microphone(DEFAULT))
        assert finding.mark is Mark.WRONG
        assert finding.sentence == "The microphone is muted"
        follow(finding)
        assert only(check_microphone(DEFAULT)).mark is Mark.OK


def test_microphone_at_low_volume_is_named_until_the_remedy_is_followed(
    server: SoundServer,
) -> None:
    server.control("set-source-volume", "loop.monitor", "3%")
    with tone_playing():
        finding = only(check_microphone(DEFAULT))
        assert finding.mark is Mark.WRONG
        assert "3 %" in finding.sentence
        follow(finding)
        assert only(check_microphone(DEFAULT)).mark is Mark.OK


def test_muted_loudspeaker_is_named_until_the_remedy_is_followed(server: SoundServer) -> None:
    server.control("set-sink-mute", "loop", "1")
    finding = only(check_loudspeaker(DEFAULT))
    assert finding.mark is Mark.WRONG
    assert finding.sentence == "The loudspeaker is muted"
    follow(finding)
    assert only(check_loudspeaker(DEFAULT)).mark is Mark.OK


def test_tone_of_the_loudspeaker_is_heard(server: SoundServer) -> None:
    finding = only(check_tone(DEFAULT, DEFAULT))
    assert finding.mark is Mark.OK, finding


def test_tone_on_another_device_is_not_heard(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, server, "other", "loop")
    finding = only(check_tone(DEFAULT, DEFAULT))
    assert finding.mark is Mark.WARNING
    assert "headphones" in finding.next_step


def test_missing_device_is_a_warning_because_a_call_does_without(server: SoundServer) -> None:
    for finding in (
        *check_microphone(DeviceName("Studio")),
        *check_loudspeaker(DeviceName("Studio")),
    ):
        assert finding.mark is Mark.WARNING
        assert "Studio" in finding.sentence
        assert "devices" in commands_of(finding)[0]
    assert check_tone(DeviceName("Studio"), DEFAULT) == []


def test_files_and_no_sound_are_not_checked() -> None:
    assert only(check_microphone(Tone())).mark is Mark.OK
    assert only(check_loudspeaker(NoSound())).mark is Mark.OK
    assert check_tone(Tone(), NoSound()) == []


def test_missing_pyaudio_is_a_warning_that_names_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pyaudio" else find(name)
    )
    finding = only(check_microphone(DEFAULT))
    assert finding.mark is Mark.WARNING
    assert "PyAudio" in finding.sentence
    assert finding.next_step


def test_hanging_sound_server_is_named(server: SoundServer) -> None:
    threads = Threads()
    checks: list[tuple[str, Callable[[], list[Finding]]]] = [
        ("microphone", lambda: check_microphone(DEFAULT))
    ]
    server.freeze()
    try:
        finding = only(list(run_checks(checks, threads, 2.0)))
    finally:
        server.thaw()
    assert finding.mark is Mark.WRONG
    assert "hangs" in finding.sentence
    assert threads.join(30.0) == []


def test_microphone_that_delivers_nothing_is_wrong(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "WAIT_S", 0.5)
    monkeypatch.setattr(sound, "RECORD_S", 1.5)
    server.control("suspend-sink", "loop", "1")
    finding = only(check_microphone(DEFAULT))
    assert finding.mark is Mark.WRONG
