"""The base class of every error that a user may read. Pure: values only."""


class ReportedError(Exception):
    """An error that says what happened and what to do next.

    Args:
        sentence: what happened, without a full stop at its end.
        next_step: what the user can do about it; may be empty.
    """

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step

    @property
    def name(self) -> str:
        """The name of the error's class in snake case, such as `link_lost`."""
        letters = ("_" + c.lower() if c.isupper() else c for c in type(self).__name__)
        return "".join(letters).lstrip("_")
