"""Pacing: how far apart the fragments of a picture are."""

import pytest

from net.protocol.fragments import MIN_FRAGMENT_BYTES
from net.protocol.pacing import PACED_BPS, pause_us


@pytest.mark.parametrize("target_bps", [20_000, 55_000, PACED_BPS - 1])
def test_pictures_at_the_target_do_not_pile_up(target_bps: int) -> None:
    picture_us = 125_000
    assert pause_us(target_bps // 8 // 8, target_bps) < picture_us


def test_sound_gets_a_turn_between_two_fragments_of_the_slowest_link() -> None:
    """A packet of sound of 60 ms comes before the next fragment."""
    assert pause_us(MIN_FRAGMENT_BYTES, PACED_BPS) > 60_000
