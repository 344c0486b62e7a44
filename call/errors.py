"""What can go wrong before a call is tried.

    CallError
     +-- SettingsError       a setting is not what it may be, or the file of settings cannot be read
     +-- OutputFileError     a file that is to be written cannot be

Each carries a sentence for the person and the next step.
"""


class CallError(Exception):
    """Anything of this package that failed.

    Args:
        sentence: what happened, one sentence without a full stop at its end.
        next_step: what the person may do about it, or nothing.
    """

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step


class SettingsError(CallError):
    """A setting, or the file of settings, cannot be used; the sentence names it."""


class OutputFileError(CallError):
    """A file that is to be written cannot be written."""
