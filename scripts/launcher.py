"""The installed program: `visavis` runs this, which runs peer.py in the same folder.

In the wheel this file is `visavis/__init__.py`, beside peer.py, config.yaml and the packages.
"""

import sys
from pathlib import Path


def main() -> None:
    """Run the program and leave with its exit status."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import peer

    peer.run()
