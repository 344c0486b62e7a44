"""bench/outcome.py: what ends a benchmark, its sentence and its exit status."""

import io

import pytest
from rich.console import Console

from bench.children import BenchError
from bench.outcome import INTERRUPTED, Outcome


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (None, 0, ""),
        (KeyboardInterrupt(), INTERRUPTED, "interrupted\n"),
        (BenchError("there is no film"), 2, "there is no film\n"),
    ],
)
def test_expected_end_is_said_and_becomes_the_status(
    error: BaseException | None, status: int, said: str
) -> None:
    output = io.StringIO()
    with Outcome(Console(file=output)) as outcome:
        if error is not None:
            raise error
    assert (outcome.status, output.getvalue()) == (status, said)


def test_fault_of_the_benchmark_is_raised() -> None:
    with pytest.raises(ZeroDivisionError), Outcome(Console(file=io.StringIO())):
        raise ZeroDivisionError
