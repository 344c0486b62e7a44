"""doctor/port.py: who holds the port is named, and both remedies work."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from doctor.finding import Mark
from doctor.port import check_port
from tests.support.remedy import commands_of, follow

HOLD = (
    "import socket, sys; s = socket.create_server(('0.0.0.0', 0)); "
    "print(s.getsockname()[1], flush=True); sys.stdin.read()"
)


@contextmanager
def other_program(*words: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Yield the port that another program listens on, and the program."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            assert program.stdout is not None
            yield int(program.stdout.readline()), program
        finally:
            program.kill()


def free_port() -> int:
    with socket.create_server(("0.0.0.0", 0)) as server:
        return int(server.getsockname()[1])


def test_free_port_is_fine() -> None:
    [finding] = check_port("", free_port(), "peer.py")
    assert finding.mark is Mark.OK


def test_any_free_port_is_fine() -> None:
    [finding] = check_port("", 0, "peer.py")
    assert finding.mark is Mark.OK


def test_taken_port_names_its_holder_and_ending_it_frees_the_port() -> None:
    with other_program() as (port, program):
        [finding] = check_port("", port, "peer.py")
        assert finding.mark is Mark.WRONG
        assert f"(process {program.pid})" in finding.sentence
        follow(finding)
        program.wait(10)
        [finding] = check_port("", port, "peer.py")
        assert finding.mark is Mark.OK


def test_taken_port_suggests_one_that_is_free() -> None:
    with other_program() as (port, _):
        [finding] = check_port("", port, "peer.py")
        words = commands_of(finding)[1].split()
        assert words[:3] == ["peer.py", "listen", "--port"]
        [finding] = check_port("", int(words[3]), "peer.py")
        assert finding.mark is Mark.OK


def test_own_listener_is_nothing_wrong() -> None:
    with other_program("peer.py", "listen") as (port, program):
        [finding] = check_port("", port, "peer.py")
        assert finding.mark is Mark.OK
        assert str(program.pid) in finding.sentence


def test_foreign_address_is_wrong() -> None:
    [finding] = check_port("203.0.113.9", 5000, "peer.py")
    assert finding.mark is Mark.WRONG
    assert "listen.address" in finding.next_step
