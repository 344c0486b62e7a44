"""The identities of two peers: Alice calls, Bob is called."""

import pytest

from net.trust.identity import Identity, load_or_make_identity


@pytest.fixture(scope="session")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """Return the caller's identity."""
    return load_or_make_identity(tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="session")
def bob(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """Return the callee's identity."""
    return load_or_make_identity(tmp_path_factory.mktemp("bob"))
