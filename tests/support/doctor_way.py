"""`doctor HOST` as a child process, and its findings."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from net.trust.known_peers import KnownPeers, PeerDetails
from net.trust.known_peers_file import KNOWN_PEERS_FILE
from tests.support.deadline import DEADLINE_S
from tests.support.peer_process import PEER

NAMES = ["name", "route", "port", "tls", "version", "mtu", "round_trip", "goodput"]
"""The checks of a way that has nothing wrong."""

Findings = dict[str, dict[str, Any]]


def examine(
    host: str,
    folder: Path,
    *,
    prefix: Sequence[str] = (),
    status: int,
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Findings:
    """Run `doctor HOST --json`, check its exit status, and return its findings by their check."""
    done = subprocess.run(
        [*prefix, sys.executable, str(PEER), "doctor", host, "--json", *options],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env=os.environ | {"XDG_DATA_HOME": str(folder)} | dict(environment or {}),
    )
    assert done.returncode == status, done.stdout + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {finding["check"]: finding for finding in found}


def marks(findings: Findings) -> dict[str, str]:
    """Return the mark of each finding."""
    return {name: finding["mark"] for name, finding in findings.items()}


def remember(folder: Path, fingerprint: bytes, name: str, port: int) -> None:
    """Make the user with this data folder know a peer."""
    known = KnownPeers(folder / "vis-a-vis" / KNOWN_PEERS_FILE)
    known.remember(fingerprint, PeerDetails(name, "127.0.0.1", port, b"", was_reached=True))
