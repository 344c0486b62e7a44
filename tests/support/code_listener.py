"""A listener that accepts codes, and its callers."""

from pathlib import Path

from tests.support.peer_process import Peer, StartPeer
from tests.support.raw_peer import RawPeer, dial

EVIL = "127.0.0.66"


class CodeListener:
    """A listener that accepts codes, and callers with separate user data."""

    def __init__(self, start: StartPeer, folder: Path) -> None:
        self._start = start
        self._folder = folder
        self.listener = self.listen()
        self.port = self.listener.port
        self.code = self.code_of(self.listener)

    def data(self, who: str) -> dict[str, str]:
        return {"XDG_DATA_HOME": str(self._folder / who)}

    def listen(self, *options: str) -> Peer:
        return self._start(
            *("listen", "--set=listen.open=false", "--accept", "--name=Bob", *options),
            environment=self.data("bob"),
        )

    @staticmethod
    def code_of(listener: Peer) -> str:
        return str(listener.wait_event("listening")["code"])

    @property
    def secret(self) -> bytes:
        return self.code.partition("-")[2].encode()

    def connect(self, *words: str, who: str = "alice", name: str = "Alice") -> Peer:
        return self._start(
            "connect", *words, "--duration=1", f"--name={name}", environment=self.data(who)
        )

    def connect_here(self, *options: str, who: str = "alice") -> Peer:
        return self.connect(f"127.0.0.1:{self.port}", *options, who=who)

    def check_honest(self) -> None:
        """Make an honest call, from another address than EVIL, to its end."""
        caller = self.connect_here(f"--code={self.code}")
        caller.wait_call()
        assert caller.wait() == 0

    def raw(self, source: str = EVIL) -> RawPeer:
        return dial(self.port, self._folder / f"raw {source}", source)
