"""The next step for a package that is not installed or cannot be loaded. Pure: words only."""

from core.program import IS_INSTALLED, PACKAGES, SETUP_STEP
from media.errors import MORE_MEMORY

_LACK_OF_MEMORY = ("failed to map segment", "cannot allocate memory")
"""Words of the C library's messages about a package for which no memory is left."""


def is_ours(error: ImportError) -> bool:
    """Return whether a module of the program itself is missing, which is a fault of ours."""
    return (error.name or "").partition(".")[0] in PACKAGES


def lacks_memory(error: ImportError) -> bool:
    """Return whether a package cannot be loaded because no memory is left for it."""
    return any(words in _cause_of(error).lower() for words in _LACK_OF_MEMORY)


def explain_missing_package(error: ImportError) -> str:
    """Return the sentence and the next step for a package that is not part of the program."""
    if lacks_memory(error):
        return f"The program needs more memory than it may use. {MORE_MEMORY}."
    if isinstance(error, ModuleNotFoundError):
        what = f"The package {error.name} is not installed"
    else:
        what = f"A package cannot be used: {_cause_of(error)}"
    if IS_INSTALLED:
        return f"{what}. {SETUP_STEP}"
    return (
        f"{what}. Run `make setup`, then start with ./visavis; where there is no"
        " make: python -m pip install -r requirements.txt"
    )


def _cause_of(error: BaseException) -> str:
    """Return the message of the first cause; numpy wraps it in a page of advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip()
