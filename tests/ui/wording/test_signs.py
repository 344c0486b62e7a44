"""The signs of a call in words."""

import pytest
from msgspec.structs import replace

from core.call_quality import Quality, QualityLevel, QualityReason
from ui.view import PeerView, Stage, View
from ui.wording.signs import word_link_sign, word_message_sign, word_recording_sign

CALL = View(Stage.CALL, "Me", peer=PeerView("Bob"))
POOR_LINK = Quality(QualityLevel.POOR, QualityReason.LINK)


@pytest.mark.parametrize(
    ("own", "remote", "sign"),
    [
        (False, False, ""),
        (True, False, "You record this call"),
        (False, True, "Bob records this call"),
        (True, True, "Both of you record"),
    ],
)
def test_sign_names_who_records(own: bool, remote: bool, sign: str) -> None:
    assert word_recording_sign(replace(CALL, is_recording=own, is_remote_recording=remote)) == sign


def test_poor_link_is_weak() -> None:
    assert word_link_sign(replace(CALL, quality=POOR_LINK)) == "Weak link"


@pytest.mark.parametrize(
    "view",
    [
        CALL,
        replace(CALL, quality=Quality(QualityLevel.POOR, QualityReason.PROCESSOR)),
        replace(CALL, quality=Quality(QualityLevel.FAIR, QualityReason.LINK)),
        replace(CALL, quality=POOR_LINK, is_reconnecting=True),
        replace(CALL, quality=POOR_LINK, stage=Stage.ENDED),
    ],
)
def test_link_is_not_called_weak_without_reason(view: View) -> None:
    assert word_link_sign(view) == ""


@pytest.mark.parametrize(
    ("stage", "unread", "sign"),
    [
        (Stage.CALL, 0, ""),
        (Stage.CALL, 1, "1 new message"),
        (Stage.CALL, 12, "12 new messages"),
        (Stage.ENDED, 3, ""),
    ],
)
def test_messages_that_nobody_read_have_a_sign(stage: Stage, unread: int, sign: str) -> None:
    assert word_message_sign(replace(CALL, stage=stage), unread) == sign
