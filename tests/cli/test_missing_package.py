"""cli/missing_package.py: a package that is missing, broken, or for which there is no memory."""

import pytest

from cli.missing_package import explain_missing_package, lacks_memory


def test_missing_package_is_named_with_the_command_that_installs_it() -> None:
    error = ModuleNotFoundError("No module named 'av'", name="av")
    assert not lacks_memory(error)
    said = explain_missing_package(error)
    assert said.startswith("The package av is not installed. Run `make setup`")


@pytest.mark.parametrize(
    "message",
    [
        "libx265.so.216: failed to map segment from shared object",
        "libblas.so: cannot allocate memory in static TLS block",
    ],
)
def test_lack_of_memory_is_not_blamed_on_the_package(message: str) -> None:
    advice = ImportError("\n\nIMPORTANT: PLEASE READ THIS\n\na page of advice")
    advice.__cause__ = ImportError(message)
    for error in (ImportError(message), advice):
        assert lacks_memory(error)
        said = explain_missing_package(error)
        assert said.startswith("The program needs more memory than it may use. Close other")
        assert "\n" not in said


def test_broken_package_is_told_with_its_first_cause() -> None:
    error = ImportError("a page\nof advice")
    error.__cause__ = ImportError("libx264.so: undefined symbol: x264_encoder_open")
    assert not lacks_memory(error)
    assert "cannot be used: libx264.so: undefined symbol" in explain_missing_package(error)
