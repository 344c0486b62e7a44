"""What `cli/lobby.py` takes as a person to call: as people type it, or paste it."""

import pytest

from call.errors import SettingsError
from cli.lobby import split_dialled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("63-glide-lamp", ("63-glide-lamp", None)),
        ("63 glide lamp", ("63-glide-lamp", None)),
        ("  Bob ", ("Bob", None)),
        ("Bob of the shop", ("Bob of the shop", None)),
        ("10.0.0.2:5001", ("10.0.0.2:5001", None)),
        ("10.0.0.2 63-Glide-Lamp", ("10.0.0.2", "63-glide-lamp")),
        ("10.0.0.2:5001 --code 63-glide-lamp", ("10.0.0.2:5001", "63-glide-lamp")),
        ("./visavis connect 63-glide-lamp", ("63-glide-lamp", None)),
        ("python peer.py connect 10.0.0.2 --code 63-glide-lamp", ("10.0.0.2", "63-glide-lamp")),
        ("connect Bob", ("Bob", None)),
        ("connect", ("connect", None)),
    ],
)
def test_code_name_address_and_shown_command_are_understood(
    text: str, expected: tuple[str, str | None]
) -> None:
    assert split_dialled(text) == expected


@pytest.mark.parametrize("text", ["", "  ", "--code"])
def test_nobody_is_not_called(text: str) -> None:
    with pytest.raises(SettingsError, match="Nobody to call"):
        split_dialled(text)
