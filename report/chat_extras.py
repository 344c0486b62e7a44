"""The next step for a package of the extra `report` that is missing. Any thread.

The parts of a page that need one import it late, inside `needed_for`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from types import ModuleType

from core.program import REPORT_STEP
from report.errors import MissingExtra

WORD_CLOUD = "word cloud"


@contextmanager
def needed_for(what: str) -> Iterator[None]:
    """Name the package that an import inside did not find, and what is left out without it.

    Args:
        what: the part of the page, such as "word cloud".
    Raises:
        MissingExtra: a package is not installed, or cannot be loaded.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        why = f"the package {error.name} is not installed"
        raise MissingExtra(f"The page has no {what}, since {why}", REPORT_STEP) from error
    except ImportError as error:
        why = f"a package cannot be loaded: {error}"
        raise MissingExtra(f"The page has no {what}, since {why}", REPORT_STEP) from error


def import_wordcloud() -> ModuleType:
    """Return wordcloud. It imports matplotlib, which would make folders of its own in the home.

    Raises:
        MissingExtra: it is not installed, or cannot be loaded.
    """
    before = os.environ.get("MPLCONFIGDIR")
    with TemporaryDirectory(prefix="visavis-") as folder:
        os.environ["MPLCONFIGDIR"] = folder
        try:
            with needed_for(WORD_CLOUD):
                import wordcloud
        finally:
            if before is None:
                del os.environ["MPLCONFIGDIR"]
            else:
                os.environ["MPLCONFIGDIR"] = before
    module: ModuleType = wordcloud
    return module
