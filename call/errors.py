"""What can go wrong before a call is tried.

    CallError
     +-- SettingsError       a setting is not what it may be, or the file of settings cannot be read
     +-- OutputFileError     a file that is to be written cannot be

Each carries a sentence for the person and the next step.
"""

from core.errors import ReportedError


class CallError(ReportedError):
    """Any failure in this package."""


class SettingsError(CallError):
    """A setting, or the file of settings, cannot be used; the sentence names it."""


class OutputFileError(CallError):
    """A file that is to be written cannot be written."""
