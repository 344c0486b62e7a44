"""media/sound/echo_return_loss.py: the sound that counts for the loss."""

import pytest

from media.sound.echo_return_loss import MAX_AGE_SEGMENTS, SEGMENT_BLOCKS, EchoReturnLoss


def hear(
    meter: EchoReturnLoss,
    seconds: float,
    *,
    near_dbfs: float = -20.0,
    cleaned_dbfs: float = -55.0,
    far_dbfs: float = -25.0,
    is_double_talk: bool = False,
) -> None:
    for _ in range(round(seconds * 100)):
        meter.add(
            near_dbfs=near_dbfs,
            cleaned_dbfs=cleaned_dbfs,
            far_dbfs=far_dbfs,
            is_double_talk=is_double_talk,
        )


def in_a_room() -> EchoReturnLoss:
    meter = EchoReturnLoss()
    hear(meter, 1.0, near_dbfs=-70.0, cleaned_dbfs=-75.0, far_dbfs=-96.0)
    return meter


def test_loss_is_unknown_before_the_far_end_speaks() -> None:
    assert in_a_room().db is None


def test_loss_is_the_difference_while_the_far_end_speaks() -> None:
    meter = in_a_room()
    hear(meter, 2.0)
    assert meter.db == pytest.approx(35.0, abs=0.1)


def test_double_talk_does_not_count() -> None:
    meter = in_a_room()
    hear(meter, 2.0)
    hear(meter, 10.0, near_dbfs=-10.0, cleaned_dbfs=-10.0, is_double_talk=True)
    assert meter.db == pytest.approx(35.0, abs=0.1)


def test_undetected_word_changes_little() -> None:
    meter = in_a_room()
    hear(meter, 3.0)
    hear(meter, 1.0, near_dbfs=-10.0, cleaned_dbfs=-10.0)
    assert meter.db == pytest.approx(35.0, abs=0.1)


def test_inaudible_echo_has_no_loss() -> None:
    meter = in_a_room()
    hear(meter, 10.0, near_dbfs=-68.0, cleaned_dbfs=-75.0)
    assert meter.db is None


def test_loss_follows_the_last_seconds() -> None:
    meter = in_a_room()
    hear(meter, 5.0, cleaned_dbfs=-30.0)
    assert meter.db == pytest.approx(10.0, abs=0.1)
    hear(meter, 3.0)
    assert meter.db == pytest.approx(35.0, abs=0.1)


def test_old_loss_is_forgotten() -> None:
    meter = in_a_room()
    hear(meter, 2.0)
    silent_s = MAX_AGE_SEGMENTS * SEGMENT_BLOCKS / 100
    hear(meter, silent_s - 1, near_dbfs=-70.0, cleaned_dbfs=-75.0, far_dbfs=-96.0)
    assert meter.db == pytest.approx(35.0, abs=0.1)
    hear(meter, 1.0, near_dbfs=-70.0, cleaned_dbfs=-75.0, far_dbfs=-96.0)
    assert meter.db is None


def test_another_device_starts_without_a_loss() -> None:
    meter = in_a_room()
    hear(meter, 2.0)
    meter.forget()
    assert meter.db is None
