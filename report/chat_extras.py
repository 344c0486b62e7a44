"""The next step for a package of the extra `report` that is missing. Any thread.

The parts of a page that need one import it late, inside `extra_packages`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from types import ModuleType

from core.program import REPORT_STEP
from report.errors import MissingExtra


@contextmanager
def extra_packages() -> Iterator[None]:
    """Name the package that an import inside did not find.

    Raises:
        MissingExtra: a package is not installed, or cannot be loaded.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(f"The package {error.name} is not installed", REPORT_STEP) from error
    except ImportError as error:
        raise MissingExtra(f"A package cannot be loaded ({error})", REPORT_STEP) from error


def import_wordcloud() -> ModuleType:
    """Return wordcloud. It imports matplotlib, which would make folders of its own in the home.

    Raises:
        MissingExtra: it is not installed, or cannot be loaded.
    """
    before = os.environ.get("MPLCONFIGDIR")
    with TemporaryDirectory(prefix="visavis-") as folder:
        os.environ["MPLCONFIGDIR"] = folder
        try:
            with extra_packages():
                import wordcloud
        finally:
            if before is None:
                del os.environ["MPLCONFIGDIR"]
            else:
                os.environ["MPLCONFIGDIR"] = before
    module: ModuleType = wordcloud
    return module
