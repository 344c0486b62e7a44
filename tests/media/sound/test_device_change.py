"""Changes of a device during a call, on a real sound server: media/sound/sound_devices.py."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import numpy as np
import pytest

from bench.sound_daemons import Daemons
from bench.sound_server import SoundServer
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.sound.pcm import level_dbfs
from media.sound.sound_spec import (
    DefaultDevice,
    DeviceName,
    MicrophoneSpec,
    NoSound,
    SpeakerSpec,
    Tone,
)
from tests.support.deadline import DEADLINE_S
from tests.support.running_devices import Running, wait_for
from tests.support.sound_servers import sound_servers


@pytest.fixture(params=sound_servers())
def server(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[SoundServer]:
    """A server for this process, with two devices that are loudspeaker and microphone each."""
    daemons: Daemons = request.param
    with SoundServer(["one", "two"], daemons) as server:
        for name, value in server.environment(speaker="one", microphone="one").items():
            monkeypatch.setenv(name, value)
        yield server


def change(
    running: Running, kind: DeviceKind, spec: MicrophoneSpec | SpeakerSpec
) -> DeviceProblem | None:
    """Change a device, and return the reason if the present one stays."""
    results: SimpleQueue[DeviceProblem | None] = SimpleQueue()
    running.devices.change(kind, spec, results.put)
    return results.get(timeout=DEADLINE_S)


def play_on(running: Running, is_over: threading.Event) -> None:
    while not is_over.is_set():
        running.play(np.full(4_800, 5_000, np.int16))


def test_another_microphone_is_heard_and_the_loudspeaker_plays_on(server: SoundServer) -> None:
    with Running(DeviceName("one_mon"), DeviceName("two")) as running:
        running.hear(5)
        wait_for(lambda: running.devices.speaker.delay_us > 0)
        is_over = threading.Event()
        player = threading.Thread(target=play_on, args=(running, is_over))
        player.start()
        try:
            assert level_dbfs(running.hear(30)) < -80
            wait_for(lambda: len(running.played) > 20)
            before = running.devices.speaker.counters
            assert change(running, DeviceKind.MICROPHONE, DeviceName("two_mon")) is None
            wait_for(lambda: level_dbfs(running.hear(5)) > -20)
            # Another buffer may stall on a busy machine; a restart would lose a tenth of a second.
            missed = running.devices.speaker.counters.missed_samples - before.missed_samples
            assert missed < 2_400
        finally:
            is_over.set()
            player.join(DEADLINE_S)
        assert running.devices.problems == ()


def test_another_loudspeaker_plays_and_the_microphone_goes_on(server: SoundServer) -> None:
    with Running(DeviceName("two_mon"), DeviceName("one")) as running:
        running.hear(5)
        is_over = threading.Event()
        player = threading.Thread(target=play_on, args=(running, is_over))
        player.start()
        try:
            assert level_dbfs(running.hear(30)) < -80
            assert change(running, DeviceKind.LOUDSPEAKER, DeviceName("two")) is None
            wait_for(lambda: level_dbfs(running.hear(5)) > -20)
        finally:
            is_over.set()
            player.join(DEADLINE_S)
        assert running.devices.problems == ()


def test_device_that_is_not_there_leaves_the_present_one(server: SoundServer) -> None:
    with Running(DefaultDevice(), NoSound()) as running:
        running.hear(5)
        problem = change(running, DeviceKind.MICROPHONE, DeviceName("nowhere"))
        assert problem == DeviceProblem(
            DeviceProblemKind.UNAVAILABLE, DeviceKind.MICROPHONE, detail='"nowhere" is not there'
        )
        running.hear(20)
        assert running.devices.problems == ()


def test_device_plugged_in_later_can_be_chosen(server: SoundServer) -> None:
    with Running(DeviceName("one_mon"), NoSound()) as running:
        running.hear(5)
        server.add_sink("later")
        server.announce(["one", "two", "later"])
        assert change(running, DeviceKind.MICROPHONE, DeviceName("later_mon")) is None
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)
        assert [state.name for state in running.devices.states] == ["later_mon"]


def test_device_follows_a_replacement_and_the_other_way_round(server: SoundServer) -> None:
    with Running(Tone(), NoSound()) as running:
        assert level_dbfs(running.hear(10)) == pytest.approx(-26, abs=1)
        assert change(running, DeviceKind.MICROPHONE, DeviceName("one_mon")) is None
        wait_for(lambda: running.devices.microphone.is_live)
        assert level_dbfs(running.hear(20)[-4_800:]) < -80
        assert change(running, DeviceKind.MICROPHONE, Tone()) is None
        wait_for(lambda: level_dbfs(running.hear(5)) == pytest.approx(-26, abs=1))
        assert running.devices.states == ()
