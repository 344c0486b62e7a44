"""What a fuzzer found new, and genuine conversations: nothing but the protocol error comes of it.

`tests/fuzz/fuzz.py` finds more.
"""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).resolve().parent / "corpus"
MIN_INPUTS = 5


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_breaks_nothing(name: str) -> None:
    files = sorted((CORPUS / name).iterdir())
    assert len(files) >= MIN_INPUTS
    for file in files:
        TARGETS[name](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_no_part_of_it_does_either(name: str) -> None:
    for file in sorted((CORPUS / name).iterdir())[:20]:
        data = file.read_bytes()[:400]
        for end in range(0, len(data), 7):
            TARGETS[name](data[:end])
