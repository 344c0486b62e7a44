"""Sound servers for the tests of devices."""

from collections.abc import Iterator

import pytest

from bench.sound_daemons import Daemons
from bench.sound_server import SoundServer
from tests.support.sound_servers import sound_servers


@pytest.fixture(params=sound_servers())
def daemons(request: pytest.FixtureRequest) -> Daemons:
    """The kind of sound server."""
    chosen: Daemons = request.param
    return chosen


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, daemons: Daemons) -> Iterator[SoundServer]:
    """A server for this process, with one device that is loudspeaker and microphone."""
    with SoundServer(["loop"], daemons) as server:
        for name, value in server.environment(speaker="loop", microphone="loop").items():
            monkeypatch.setenv(name, value)
        yield server
