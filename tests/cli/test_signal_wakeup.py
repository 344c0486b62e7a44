"""Signals as bytes in a socket, and signals ignored at the end of the program."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SIGNALS_AT_EACH_MOMENT = """
import subprocess, sys
from cli.signal_wakeup import SignalWakeup

INTERRUPT = '''
import os, signal, sys
while sys.stdin.buffer.read1(1):
    os.kill(os.getppid(), signal.SIGINT)
'''
SignalWakeup().catch()
child = subprocess.Popen([sys.executable, "-c", INTERRUPT], stdin=subprocess.PIPE, bufsize=0)
for _ in range(20_000):
    wakeup = SignalWakeup()
    wakeup.catch()
    child.stdin.write(b".")
    wakeup.close()
child.stdin.close()
child.wait()
print("left")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot interrupt itself so")
def test_signals_while_the_program_leaves_print_nothing() -> None:
    command = [sys.executable, "-c", SIGNALS_AT_EACH_MOMENT]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout, run.stderr) == (0, "left\n", "")


def test_signals_arrive_in_the_socket() -> None:
    program = (
        "import signal; from cli.signal_wakeup import SignalWakeup; w = SignalWakeup(); w.catch();"
        "signal.raise_signal(signal.SIGINT); print(w.socket.recv(10)); w.close()"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert run.stdout == f"{bytes([signal.SIGINT])!r}\n"
