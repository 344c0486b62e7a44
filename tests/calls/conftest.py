"""Fixtures for whole calls: peers as child processes with user folders, screens and hosts."""

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.hosts import TwoHosts, two_hosts, why_no_hosts
from bench.lab_network import network_lab, why_no_lab
from bench.link_profiles import delay_profile
from tests.support.own_screen import own_screen
from tests.support.peer_process import LIGHT, LISTENS, PEER, Input, Peer, StartPeer
from tests.support.shared_listener import ListenerKeeper, SharedListener


class _Peers:
    """Starts peers, and ends them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._peers: list[Peer] = []

    def start(
        self,
        *arguments: str,
        stdin: Input = Input.PIPE,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        program: Path = PEER,
    ) -> Peer:
        """Start a peer with a small picture and, where no screen is given, without a window."""
        environment = {"XDG_DATA_HOME": str(self._folder / "data"), **(environment or {})}
        command, *options = arguments
        words = [command, *options]
        if command != "demo":
            listens = command in ("listen", "lobby")
            places = 1 if listens else 2
            defaults = [*LIGHT, *(LISTENS if listens else ())]
            has_screen = {"DISPLAY", "QT_QPA_PLATFORM", "NO_SCREEN"} & set(environment)
            defaults += [] if has_screen else ["--headless"]
            words = [*words[:places], *defaults, *words[places:]]
        peer = Peer(
            words,
            self._folder,
            next(self._numbers),
            stdin=stdin,
            prefix=prefix,
            environment=environment,
            program=program,
        )
        self._peers.append(peer)
        return peer

    def end(self) -> None:
        """Kill the peers that still run, and fail if any peer had a fault."""
        for peer in self._peers:
            peer.kill()
        faults = [fault for peer in self._peers if (fault := peer.faults())]
        assert not faults, "\n".join(faults)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartPeer]:
    """Return a function that starts a peer, which ends with the test."""
    peers = _Peers(tmp_path)
    try:
        yield peers.start
    finally:
        peers.end()


@pytest.fixture(scope="module")
def start_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPeer]:
    """Return a function that starts a peer, which ends with the last test of the file."""
    peers = _Peers(tmp_path_factory.mktemp("shared"))
    try:
        yield peers.start
    finally:
        peers.end()


@pytest.fixture(scope="module")
def keeper(start_shared: StartPeer, tmp_path_factory: pytest.TempPathFactory) -> ListenerKeeper:
    """Return the keeper of the listener that the tests of a file share."""
    return ListenerKeeper(start_shared, tmp_path_factory.mktemp("keeper"))


@pytest.fixture
def shared_listener(keeper: ListenerKeeper) -> SharedListener:
    """Return the listener that the tests of a file share; it waits for a call."""
    return keeper.listener()


@pytest.fixture
def call(start: StartPeer) -> Callable[..., tuple[Peer, Peer]]:
    """Return a function that starts a listener and a caller and waits until the call is up."""

    def begin(listen: Sequence[str] = (), connect: Sequence[str] = ()) -> tuple[Peer, Peer]:
        listener = start("listen", "--accept", *listen)
        caller = start("connect", f"127.0.0.1:{listener.port}", *connect)
        caller.wait_call()
        listener.wait_call()
        return listener, caller

    return begin


@pytest.fixture
def hosts() -> Iterator[TwoHosts]:
    """Yield two hosts with a link between them."""
    why = why_no_hosts()
    if why is not None:
        pytest.skip(why)
    with two_hosts() as both:
        yield both


@pytest.fixture
def distant_hosts() -> Iterator[TwoHosts]:
    """Make two hosts with 100 ms for the way there and back."""
    why = why_no_lab()
    if why is not None:
        pytest.skip(why)
    with network_lab(delay_profile(50)) as lab:
        yield lab.hosts


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """Start an X server on a free display, and yield its name."""
    with _open_screen() as name:
        yield name


@pytest.fixture
def second_screen() -> Iterator[str]:
    """Start another one, for another person."""
    with _open_screen() as name:
        yield name


@contextmanager
def _open_screen() -> Iterator[str]:
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}: apt install xvfb xdotool")
    with own_screen() as screen:
        yield screen.display
