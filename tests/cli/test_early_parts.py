"""cli/early_parts.py: what a caller dials with."""

from cli.early_parts import CAN_HEAR
from media.sound.codec import SOUND_CODECS


def test_offered_codecs_of_sound_are_those_that_can_be_decoded() -> None:
    assert tuple(CAN_HEAR) == SOUND_CODECS
