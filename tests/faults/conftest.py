"""Fixtures for faults: those of whole calls."""

from tests.calls.conftest import call as call  # a fixture, as the others
from tests.calls.conftest import hosts as hosts
from tests.calls.conftest import start as start
