"""`sudo` for the shell of a test: its words run as root, without a question.

root's shell           a script that runs its words
a user's shell         a script that hands its words to the test, over a socket of that user
"""

import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from threading import Thread

from tests.support.deadline import DEADLINE_S
from tests.support.fake_command import put_command

_ASK = (
    "import json, socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
    " s.sendall(json.dumps(sys.argv[2:]).encode()); s.shutdown(socket.SHUT_WR);"
    " sys.exit(int(s.recv(9)))"
)


class RootForUser:
    """The command `sudo` in a folder.

    Args:
        user: who may use it; None for the test's own user.
    """

    def __init__(self, folder: Path, user: int | None) -> None:
        self._folder = folder
        self._user = user
        self._listening: socket.socket | None = None

    def start(self) -> None:
        """Write the command, and answer it."""
        self._folder.mkdir(mode=0o755)
        if self._user is None:
            put_command(self._folder, "sudo", 'exec "$@"')
            return
        path = self._folder / "root"
        python = f"'{sys.executable}' -I -c \"{_ASK}\""
        put_command(self._folder, "sudo", f'exec {python} "$(dirname "$0")/root" "$@"')
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        path.chmod(0o777)
        self._listening.listen()
        self._thread = Thread(target=self._serve, args=(self._listening,))
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        if self._listening is not None:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._thread.join(DEADLINE_S)
            self._listening.close()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                if struct.unpack("3i", credentials)[1] != self._user:
                    continue
                data = b""
                while piece := connection.recv(4096):
                    data += piece
                done = subprocess.run(json.loads(data), env=dict(os.environ), timeout=DEADLINE_S)
                connection.sendall(str(done.returncode).encode())
