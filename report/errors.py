"""Errors of reports. Each carries a sentence for the user and the next step.

ReportError
 +-- UnreadableSource    the file cannot be read, or holds nothing to report on
 +-- UnwritablePage      the page cannot be written
 +-- MissingExtra        a package of the extra `report` is missing
"""

from core.errors import ReportedError


class ReportError(ReportedError):
    """The base of this package's errors."""


class UnreadableSource(ReportError):
    """The file cannot be read, or holds nothing to report on; the sentence names it."""


class UnwritablePage(ReportError):
    """The page cannot be written; the sentence names it."""


class MissingExtra(ReportError):
    """A package of the extra `report` is missing; the sentence names it."""
