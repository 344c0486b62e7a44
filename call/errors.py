"""Errors before a call is attempted.

    CallError
     +-- SettingsError       a setting has a wrong value, or its file cannot be read
     +-- OutputFileError     an output file cannot be written
     +-- SourceFileError     a file that the user named cannot be read, or used

Each carries a sentence for the user and the next step.
"""

from core.errors import ReportedError


class CallError(ReportedError):
    """The base of this package's errors."""


class SettingsError(CallError):
    """A setting or its file cannot be used; the sentence names it."""


class OutputFileError(CallError):
    """An output file cannot be written; the sentence names it."""


class SourceFileError(CallError):
    """A file that the user named cannot be read or used; the sentence names it."""
