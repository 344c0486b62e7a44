"""The words for pressing a key. Pure: values only."""


def word_press(key: str, *, at_terminal: bool) -> str:
    """Return the request to press a key, which at a terminal takes Enter too."""
    return f"Type {key} and Enter" if at_terminal else f"Press {key}"
