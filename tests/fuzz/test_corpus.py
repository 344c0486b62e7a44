"""Claims about the fuzz corpus: inputs that the fuzzer found, and genuine conversations.

`tests/fuzz/fuzz.py` finds more inputs.
"""

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).resolve().parent / "corpus"
MIN_INPUTS = 5


@pytest.mark.parametrize("name", TARGETS)
def test_corpus_breaks_no_target(name: str) -> None:
    files = sorted((CORPUS / name).iterdir())
    assert len(files) >= MIN_INPUTS
    for file in files:
        TARGETS[name](file.read_bytes())


# A caller computes a code exchange each time, in pure Python.
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name == "caller")) for name in TARGETS],
)
def test_truncated_corpus_breaks_no_target(name: str) -> None:
    for file in sorted((CORPUS / name).iterdir())[:20]:
        data = file.read_bytes()[:400]
        for end in range(0, len(data), 7):
            TARGETS[name](data[:end])
