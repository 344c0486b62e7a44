"""`peer.py doctor` with one of the checks of this computer: python doctor_run.py CHECK WORDS...

Python, packages and settings are always checked. The other checks are left out: a test would wait
for them in vain.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from doctor import checkup  # noqa: E402 - found by the line above
from peer import run  # noqa: E402


def _leave_one(wanted: str) -> None:
    list_all = checkup.checks_of_this_computer
    checkup.checks_of_this_computer = lambda patient: [
        (name, check) for name, check in list_all(patient) if name == wanted
    ]


if __name__ == "__main__":
    _leave_one(sys.argv[1])
    sys.argv[:2] = [str(ROOT / "peer.py"), "doctor"]
    run()
