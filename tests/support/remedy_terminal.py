"""A terminal in which something is broken: the doctor runs there, and its remedies are entered.

It is a shell that goes on from one command to the next, in a folder that is not the program's, so
that a remedy may be `ulimit` or `unset`, and its paths must be whole and quoted.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import join, quote
from types import TracebackType
from typing import Any, Self

import psutil

from tests.support.own_disks import with_entered
from tests.support.peer_process import PEER, ROOT, wait_until
from tests.support.root_for_user import RootForUser

RUN_ONE_CHECK = ROOT / "tests" / "support" / "doctor_run.py"
LIGHT = ("--camera=none", "--mic=none", "--speaker=none", "--set=window.headless=true")
_KINDS = ("DATA", "CONFIG", "CACHE", "STATE")

Finding = dict[str, Any]
"""As `doctor --json` prints it."""


def commands_of(finding: Finding) -> list[str]:
    """Return the commands in a finding's next step, which stand in backticks."""
    return re.findall(r"`([^`]+)`", finding["next_step"])


class RemedyTerminal:
    """A shell, for as long as the `with` lasts. Commands with `sudo` run as root.

    Args:
        prefix: a command that runs the shell, such as one of another host.
        user: the user that owns it, if it is not the test's.
        environment: changes to that of the tests.
    """

    def __init__(
        self,
        *,
        prefix: Sequence[str] = (),
        user: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._prefix = list(prefix)
        self._user = user
        self._changes = dict(environment or {})
        self._count = 0

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(
            prefix="visavis remedy's ", ignore_cleanup_errors=True
        )
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o777)
        self._root = RootForUser(self.folder / "bin", self._user)
        self._root.start()
        prefix = [*self._prefix, *(self._enter_program() if self._user is not None else [])]
        own = os.environ | {"HOME": str(self.folder)}
        own |= {f"XDG_{kind}_HOME": str(self.folder / kind.lower()) for kind in _KINDS}
        own["PATH"] = f"{self.folder / 'bin'}:{own['PATH']}"
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        if self._user is not None:
            guard += ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"]
        self._shell = subprocess.Popen(
            [*prefix, *guard, "sh"],
            cwd=self.folder,
            env=own | self._changes,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._shell.stdin is not None
        left = psutil.Process(self._shell.pid).children(recursive=True)
        self._shell.kill()
        self._shell.wait()
        for process in left:  # Of a test that has failed.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._shell.stdin.close()
        self._root.close()
        self._temporary.cleanup()

    def _enter_program(self) -> list[str]:
        """Return the prefix for which the user may start the program and its Python."""
        aside = self.folder / "aside"
        aside.mkdir()
        places = (Path(sys.base_prefix), Path(sys.prefix), ROOT)
        return with_entered([place.resolve() for place in places], aside)

    def enter(self, command: str, *, status: int | None = 0) -> str:
        """Enter a command, and return its output once it has ended.

        Args:
            status: the exit status that it must have; None for any.
        """
        self._count += 1
        output, ended = (self.folder / f"{self._count}.{end}" for end in ("output", "ended"))
        writes = f"echo $? >{quote(f'{ended}.new')}; mv {quote(f'{ended}.new')} {quote(str(ended))}"
        line = f"{{ {command}\n}} </dev/null >{quote(str(output))} 2>&1\n{writes}\n"
        assert self._shell.stdin is not None
        self._shell.stdin.write(line.encode())
        self._shell.stdin.flush()
        wait_until(lambda: ended.exists() or self._shell.poll() is not None, f"{command} ends")
        said = output.read_text("utf-8", "replace")
        assert ended.exists(), f"the shell has ended at {command}: {said}"
        if status is not None:
            assert int(ended.read_text()) == status, f"{command}: {said}"
        return said

    def examine(self, check: str, *options: str) -> Finding:
        """Return what the doctor finds here about this computer; the last one of a check."""
        words = [sys.executable, str(RUN_ONE_CHECK), check, "--json", *LIGHT, *options]
        return self._read(join(words), check)

    def examine_way(self, host: str, check: str) -> Finding:
        """Return what the doctor finds here about the way to a host."""
        return self._read(join([sys.executable, str(PEER), "doctor", host, "--json"]), check)

    def _read(self, command: str, check: str) -> Finding:
        said = self.enter(command, status=None)
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        found: list[Finding] = [finding for finding in lines if finding["check"] == check]
        assert found, said
        return found[-1]

    def follow(self, finding: Finding, number: int = 0) -> str:
        """Enter a command of a finding's next step word for word; return its output."""
        return self.enter(commands_of(finding)[number])
