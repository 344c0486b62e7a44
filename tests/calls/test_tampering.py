"""Calls through a relay that changes messages: each continues or ends, and nothing breaks.

The calls are without a code, with which the caller would notice the relay. So the program decrypts
the changed messages and has to handle them.
"""

import contextlib
import random
from contextlib import closing
from pathlib import Path

import pytest

from net.protocol.control import Proof, decode_control, encode_control
from net.protocol.framing import Message, MessageType
from net.protocol.transcript import LABEL
from tests.support.peer_process import Peer, StartPeer, wait_until
from tests.support.tampering_relay import TamperingRelay

SEEDS = 8
CALLS = 2
"""Calls of a test, one after the other with one listener. Where only one end notices a change, the
other waits 10 s for a new link."""
CHANGES = 10
"""The changes after which a call is hung up; most calls end by themselves after 1 to 3."""
ONE_IN = 40
"""One in this many messages is changed."""
UNTOUCHED = 12
"""The first messages each way are left unchanged, so that a call begins."""


class Mutation:
    """Changes messages at random, in the same way for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._seen = {True: 0, False: 0}
        self.changed = 0

    def __call__(
        self, between: TamperingRelay, from_caller: bool, message: Message
    ) -> bytes | None:
        self._seen[from_caller] += 1
        data = message.payload
        if self._seen[from_caller] <= UNTOUCHED and message.type == MessageType.CONTROL:
            control = decode_control(data)
            if isinstance(control, Proof):
                own = between.as_own(control.nonce, LABEL)
                return encode_control(Proof(control.nonce, *own))
        if self._seen[from_caller] <= UNTOUCHED or self._dice.randrange(ONE_IN) or not data:
            return data
        self.changed += 1
        match self._dice.randrange(4):
            case 0:
                at = self._dice.randrange(len(data))
                return data[:at] + bytes([data[at] ^ 1 << self._dice.randrange(8)]) + data[at + 1 :]
            case 1:
                return data[: self._dice.randrange(len(data))]
            case 2:
                return self._dice.randbytes(len(data))
            case _:
                return None


@pytest.fixture
def listener(start: StartPeer, tmp_path: Path) -> Peer:
    """Start an open listener."""
    environment = {"XDG_DATA_HOME": str(tmp_path / "bob")}
    return start("listen", "--accept", "--mic=tone", environment=environment)


def hang_up_after(caller: Peer, mutation: Mutation) -> None:
    """Hang up once enough messages have been changed, unless the call has ended before."""
    wait_until(lambda: mutation.changed >= CHANGES or not caller.is_running, "messages change")
    with contextlib.suppress(BrokenPipeError):
        caller.type_line("q")


@pytest.mark.parametrize("first_seed", range(0, SEEDS, CALLS))
def test_tampered_call_continues_or_ends_without_a_fault(
    first_seed: int, start: StartPeer, listener: Peer, tmp_path: Path
) -> None:
    changed, statuses = 0, []
    for calls in range(CALLS):
        mutation = Mutation(first_seed + calls)
        with closing(TamperingRelay(listener.port, tmp_path, mutation)) as between:
            caller = start(
                *("connect", f"127.0.0.1:{between.port}", "--duration=20", "--mic=tone"),
                environment={"XDG_DATA_HOME": str(tmp_path / "alice")},
            )
            hang_up_after(caller, mutation)
            statuses.append(caller.wait())
        changed += mutation.changed
        assert listener.is_running
        listener.wait_event("waiting", times=calls + 2)
    assert changed >= CALLS, statuses
    print(changed, statuses)
    assert set(statuses) <= {0, 5}, statuses
    assert 5 in statuses, "some of it was noticed"
    caller = start("connect", f"127.0.0.1:{listener.port}", "--duration=1")
    assert caller.wait() == 0
