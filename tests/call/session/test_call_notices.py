"""call/session/call_notices.py: what the user and other programs are told."""

import logging

import pytest

from call.session.call_notices import CallNotices
from ui.call_notice import CallNoticeKind
from ui.wording.call_notices import word_call_notice


def test_view_has_the_newest_notice_until_the_next_call() -> None:
    shown: list[object] = []
    notices = CallNotices(lambda: shown.append(notices.newest))
    notices.begin("Bob")
    notices.tell(CallNoticeKind.NO_PICTURE)
    notices.tell(CallNoticeKind.SNAPSHOT_SAVED, path="/home/ann/Bob.png")
    assert shown[-1] == notices.newest is not None
    assert word_call_notice(notices.newest) == "The picture is saved in /home/ann/Bob.png"
    notices.begin("Carl")
    assert notices.newest is None


def test_same_notice_twice_is_news_twice() -> None:
    notices = CallNotices(lambda: None)
    notices.tell(CallNoticeKind.CAMERA_OFF)
    first = notices.newest
    notices.tell(CallNoticeKind.CAMERA_OFF)
    assert notices.newest != first


@pytest.mark.parametrize("kind", CallNoticeKind)
def test_each_notice_has_a_sentence_and_each_warning_a_key(
    kind: CallNoticeKind, caplog: pytest.LogCaptureFixture
) -> None:
    notices = CallNotices(lambda: None)
    notices.begin("Bob")
    with caplog.at_level(logging.INFO):
        notices.tell(kind, path="/x", detail="why")
    [record] = caplog.records
    assert record.getMessage()
    assert hasattr(record, "key") is (record.levelno > logging.INFO)
