"""Checks that every pinned package has a wheel for each system and Python; a table on stdout.

    make wheels                                           all systems and Pythons, in some minutes
    make wheels ARGS="--python 3.13 --system windows"

Reads the pins and their conditions from requirements.txt, and asks the package index through uv;
nothing is downloaded or installed. A user would have to compile what has no wheel. Run by hand:
part of no test.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {
    "windows": "x86_64-pc-windows-msvc",
    "windows-arm": "aarch64-pc-windows-msvc",
    "mac": "aarch64-apple-darwin",
    "mac-intel": "x86_64-apple-darwin",
}
OLDEST_MACOS = "14.0"
"""The one that README asks for."""
PIN = re.compile(r"^([A-Za-z0-9._-]+==[^ ;\\]+(?:\s*;[^\\\n]*)?)\s*\\?$", re.MULTILINE)


def read_pins(text: str) -> list[str]:
    """Return each pin with its condition, without hashes."""
    return [pin.strip() for pin in PIN.findall(text)]


def resolve(pins: list[str], system: str, python: str) -> list[str] | None:
    """Return the pins that a system and a Python need; None if one of them has no wheel."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-deps", "--no-header"),
            *("--no-annotate", "--only-binary", ":all:", "--python-platform", SYSTEMS[system]),
            *("--python-version", python, "-"),
        ],
        input="\n".join(pins),
        capture_output=True,
        text=True,
        env=os.environ | {"MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS},
    )
    return done.stdout.split() if done.returncode == 0 else None


def check(pins: list[str], system: str, python: str) -> tuple[int, list[str]]:
    """Return how many packages have a wheel, and those that have none."""
    together = resolve(pins, system, python)
    if together is not None:
        return len(together), []
    count, without = 0, []
    for pin in pins:
        alone = resolve([pin], system, python)
        if alone is None:
            without.append(pin.partition("==")[0])
        else:
            count += len(alone)
    return count, without


def main(words: list[str]) -> int:
    """Print the table; return 1 if a wheel is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", nargs="+", choices=PYTHONS, default=PYTHONS)
    parser.add_argument("--system", nargs="+", choices=SYSTEMS, default=tuple(SYSTEMS))
    options = parser.parse_args(words)
    pins = read_pins(REQUIREMENTS.read_text(encoding="utf-8"))
    print("| system | Python | wheels | without a wheel |\n|---|---|---|---|")
    is_complete = True
    for system in options.system:
        for python in options.python:
            count, without = check(pins, system, python)
            is_complete &= not without
            print(f"| {system} | {python} | {count} | {', '.join(without) or '–'} |", flush=True)
    return 0 if is_complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
