"""media/sound/sound_devices.py on sound servers that die, hang, or answer some calls never."""

import threading
from typing import Any

import numpy as np
import pytest
from pyaudio import PyAudio

from bench.sound_server import SoundServer
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind, DeviceState
from media.sound import portaudio, sound_devices
from media.sound.sound_spec import (
    DefaultDevice,
    DeviceName,
    NoSound,
)
from tests.support.running_devices import DEADLINE_S, Running, wait_for
from tests.support.sound_servers import sound_servers

STUCK = {
    "pipewire-alsa": "PortAudio up to 19.7 loops for ever when PipeWire's ALSA plugin loses its"
    " server: the loudspeaker cannot be closed (PortAudio's pull request 1038 repairs it). A call"
    " goes on: tests/calls/test_sound.py",
}


@pytest.mark.parametrize("daemons", sound_servers(failing=STUCK), indirect=True)
def test_dead_server_is_a_problem_until_it_returns(server: SoundServer) -> None:
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.stop()
        wait_for(lambda: len(running.devices.problems) == 2)
        running.play(np.zeros(4_800, np.int16))
        server.start()
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)


@pytest.mark.parametrize("daemons", sound_servers(["pulseaudio", "pipewire-pulse"]), indirect=True)
def test_sound_returns_though_no_stream_of_the_dead_server_closes(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "CLOSE_LIMIT_S", 0.1)
    may_close = threading.Event()
    close = portaudio._close_stream

    def close_late(stream: Any) -> None:
        may_close.wait()
        close(stream)

    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        monkeypatch.setattr(portaudio, "_close_stream", close_late)
        try:
            server.stop()
            wait_for(lambda: len(running.devices.problems) == 2)
            server.start()
            wait_for(lambda: running.devices.problems == ())
            running.hear(5)
        finally:
            may_close.set()
        # Once they have closed, PortAudio starts anew, and finds what has been plugged in since.
        server.add_sink("later")
        server.announce(["loop", "later"])
        later = DeviceName("later")
        running.devices.change(DeviceKind.LOUDSPEAKER, later, lambda problem: None)
        opened = DeviceState(DeviceKind.LOUDSPEAKER, is_open=True, name="later")
        wait_for(lambda: opened in running.devices.states)


def test_stream_that_does_not_open_is_tried_again(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "OPEN_LIMIT_S", 0.1)
    monkeypatch.setattr(sound_devices, "RETRY_US", 100_000)
    may_open = threading.Event()
    open_stream = PyAudio.open

    def open_late(audio: PyAudio, **options: Any) -> Any:
        may_open.wait()
        return open_stream(audio, **options)

    monkeypatch.setattr(PyAudio, "open", open_late)
    with Running(DefaultDevice(), NoSound()) as running:
        try:
            wait_for(lambda: running.devices.problems)
            assert running.devices.problems[0].kind is DeviceProblemKind.NOT_OPENED
        finally:
            monkeypatch.setattr(portaudio, "OPEN_LIMIT_S", DEADLINE_S)
            may_open.set()
        wait_for(lambda: running.devices.problems == ())
        running.hear(5)


def test_hanging_server_is_a_problem_that_blocks_nobody(
    server: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_devices, "STUCK_US", 100_000)
    with Running(DefaultDevice(), DefaultDevice()) as running:
        running.hear(5)
        server.freeze()
        try:
            stuck = DeviceProblem(DeviceProblemKind.NOT_ANSWERING)
            wait_for(lambda: len(set(running.devices.problems) - {stuck}) == 2)
            # PulseAudio's clients wait for an answer; PipeWire's only get no more buffers.
            if server.daemons.alsa_plugin == "pulse":
                wait_for(lambda: stuck in running.devices.problems)
            # The call goes on at the clock's pace, and can end.
            running.play(np.zeros(4_800, np.int16))
            running.devices.close()
            assert running.devices.microphone.read(DEADLINE_S) is None
        finally:
            server.thaw()
