"""ui/desktop/ring_notice.py: the notification of a ring, on a bus that the test plays."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.threads import Threads
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import wait_until
from tests.support.session_bus import NUMBER, FakeBus, bus_text, signal_message
from ui.actions import UserAction
from ui.desktop.bus_message import BusError, Writer
from ui.desktop.ring_notice import PATH, SERVICE, RingNotice
from ui.desktop.session_bus import NoBusError, SessionBus
from ui.view import PeerView, Trust, UserEvent

pytestmark = pytest.mark.skipif(os.name != "posix", reason="D-Bus is for POSIX systems")
BOB = PeerView("Bob <b>", trust=Trust.CODE)


class Bench:
    """A notice on the bus of a test."""

    def __init__(self, folder: Path) -> None:
        self.bus = FakeBus(folder)
        self.threads = Threads()
        self.posted: list[UserAction] = []
        self.notice = RingNotice(self.threads.start, self.posted.append, "linux")

    def show(self) -> None:
        self.notice.show(BOB)
        wait_until(lambda: "Notify" in self.bus.members, "the notification is shown")

    def close(self) -> None:
        self.notice.hide()
        assert self.threads.join(DEADLINE_S) == []
        self.bus.close()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    started = Bench(tmp_path)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path=/nowhere;{started.bus.address}")
    yield started
    started.close()


def test_notification_stands_while_somebody_rings(bench: Bench) -> None:
    bench.show()
    assert "CloseNotification" not in bench.bus.members
    bench.notice.hide()
    wait_until(lambda: "CloseNotification" in bench.bus.members, "it is taken away")
    closed = bench.bus.calls[bench.bus.members.index("CloseNotification")]
    assert closed.values == (NUMBER,)
    assert bench.posted == []


@pytest.mark.parametrize(
    ("action", "answer"), [("accept", UserEvent.ACCEPT), ("decline", UserEvent.DECLINE)]
)
def test_button_of_the_notification_answers(action: str, answer: UserEvent, bench: Bench) -> None:
    bench.show()
    for number, pressed in ((NUMBER + 1, action), (NUMBER, "something"), (NUMBER, action)):
        body = struct.pack("<I", number) + bus_text("<", pressed)
        bench.bus.send(signal_message("ActionInvoked", b"us", body))
    wait_until(lambda: bench.posted == [answer], "the answer is posted, and no other")


def test_closed_notification_answers_nothing(bench: Bench) -> None:
    bench.show()
    bench.bus.send(signal_message("NotificationClosed", b"uu", struct.pack("<II", NUMBER, 2)))
    assert bench.threads.join(DEADLINE_S) == []
    assert bench.posted == []


def test_malformed_signal_ends_the_notice_and_nothing_else(bench: Bench) -> None:
    bench.show()
    bench.bus.send(b"\xff" * 64)
    assert bench.threads.join(DEADLINE_S) == []


def test_desktop_without_a_bus_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nowhere'}")
    threads = Threads()
    notice = RingNotice(threads.start, lambda action: None, "linux")
    notice.show(BOB)
    assert threads.join(DEADLINE_S) == []
    notice.hide()


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="there is no dbus-daemon")
def test_real_bus_takes_the_messages() -> None:
    """It ends the connection of a program that sends a malformed one."""
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert daemon.stdout is not None
        bus = SessionBus({"DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip()})
        bus.listen(f"type='signal',interface='{SERVICE}'")
        body = Writer()
        body.string("Vis-à-vis")
        body.u32(0)
        body.strings(("accept", "Accept"))
        body.hints({"urgency": 2, "category": "call.incoming"})
        body.i32(0)
        for _ in range(2):
            with pytest.raises(BusError, match="Notifications"):
                bus.call(SERVICE, PATH, SERVICE, "Notify", body)
        bus.close()
        daemon.stdout.close()
    finally:
        daemon.terminate()
        daemon.wait(DEADLINE_S)


def test_bus_that_has_ended_is_no_bus(tmp_path: Path) -> None:
    bus = FakeBus(tmp_path)
    bus.close()
    with pytest.raises(NoBusError):
        SessionBus({"DBUS_SESSION_BUS_ADDRESS": bus.address})
