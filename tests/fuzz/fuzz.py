"""The coverage-guided fuzzer of the targets in `targets.py`.

    .venv/bin/python -m pip install atheris==3.0.0        Linux and macOS, for some Pythons
    .venv/bin/python tests/fuzz/fuzz.py control -runs=1000000

Options after the target are libFuzzer's. Inputs that reach new code go to the target's folder under
`tests/fuzz/corpus`; an input that breaks a target goes to `crash-...` in the current folder.
"""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

import atheris

with atheris.instrument_imports(include=["net", "call", "media.packet", "tests.fuzz"]):
    from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).resolve().parent / "corpus"


def main(words: list[str]) -> None:
    """Fuzz the named target until libFuzzer's options end it."""
    if not words or words[0] not in TARGETS:
        sys.exit(f"usage: fuzz.py {'|'.join(TARGETS)} [libFuzzer's options and folders]")
    name, *options = words
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    has_folder = any(not option.startswith("-") for option in options)
    arguments = [sys.argv[0], *options, *(() if has_folder else (str(folder),))]
    atheris.Setup(arguments, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
