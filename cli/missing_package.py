"""The next step for a package that is not installed or cannot be loaded. Pure: words only."""

from core.program import IS_INSTALLED, PACKAGES, SETUP_STEP


def is_ours(error: ImportError) -> bool:
    """Return whether a module of the program itself is missing, which is a fault of ours."""
    return (error.name or "").partition(".")[0] in PACKAGES


def explain_missing_package(error: ImportError) -> str:
    """Return the sentence and the next step for a package that is not part of the program."""
    if isinstance(error, ModuleNotFoundError):
        what = f"The package {error.name} is not installed"
    else:
        what = f"A package cannot be used: {error}"
    if IS_INSTALLED:
        return f"{what}. {SETUP_STEP}"
    return (
        f"{what}. Run `make setup`, then start with ./visavis; where there is no"
        " make: python -m pip install -r requirements.txt"
    )
