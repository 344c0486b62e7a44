"""Claims about ui/wording/sharing.py."""

import pytest
from msgspec.structs import replace

from net.protocol.file_messages import FileReason
from ui.sharing import SharingNotice, SharingProblem, SharingView, TransferState, TransferView
from ui.wording.sharing import (
    word_cut_off,
    word_moving,
    word_sharing_notice,
    word_size,
    word_time,
    word_transfer,
    word_undelivered,
)

MOVING = TransferView(
    1,
    "a.txt",
    2_000_000,
    is_outgoing=True,
    state=TransferState.MOVING,
    moved_bytes=500_000,
    rate_bps=8_000_000.0,
    left_s=1.5,
)


@pytest.mark.parametrize("problem", SharingProblem)
def test_every_problem_has_a_sentence(problem: SharingProblem) -> None:
    sentence = word_sharing_notice(SharingNotice(1, problem, "a.txt", "why", 3), "Bob")
    assert sentence[0].isupper() or sentence.startswith("a.txt")
    assert not sentence.endswith(".")


@pytest.mark.parametrize("is_outgoing", [True, False])
@pytest.mark.parametrize("is_ended_here", [True, False])
@pytest.mark.parametrize("reason", [*FileReason, "moon phase", ""])
def test_every_failure_names_the_file(is_outgoing: bool, is_ended_here: bool, reason: str) -> None:
    failed = replace(
        MOVING,
        state=TransferState.FAILED,
        is_outgoing=is_outgoing,
        is_ended_here=is_ended_here,
        reason=reason,
    )
    sentence = word_transfer(failed, "Bob")
    assert sentence.startswith(f"a.txt was not {'sent' if is_outgoing else 'received'}")
    if reason in (*FileReason, "moon phase"):
        assert ":" in sentence


@pytest.mark.parametrize("state", TransferState)
def test_every_state_names_the_file(state: TransferState) -> None:
    assert "a.txt" in word_transfer(replace(MOVING, state=state), "Bob")


def test_progress_tells_share_rate_and_time_left() -> None:
    assert word_transfer(MOVING, "Bob") == "Sending a.txt: 25 % of 2.0 MB, 1.0 MB/s, 2 s left"


def test_status_tells_of_the_file_that_moves_and_how_many_wait() -> None:
    waiting = replace(MOVING, number=3, name="b", state=TransferState.WAITING)
    stored = replace(MOVING, number=5, name="c", state=TransferState.STORED)
    assert word_moving(SharingView(transfers=(waiting, MOVING, stored))) == (
        "sending a.txt: 25 % of 2.0 MB, 1.0 MB/s, 2 s left (and 1 more)"
    )
    assert not word_moving(SharingView(transfers=(stored,)))


def test_reason_of_a_later_version_is_cleaned() -> None:
    failed = replace(MOVING, state=TransferState.FAILED, reason="\x1b[2Jmoon\u202e")
    assert word_transfer(failed, "Bob") == "a.txt was not sent: [2Jmoon"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (999_499, "999 kB"),
        (999_600, "1.0 MB"),
        (5_368_709_120, "5.4 GB"),
        (2**63 - 1, "9.2 EB"),
    ],
)
def test_size_is_written_as_people_read_it(size_bytes: int, text: str) -> None:
    assert word_size(size_bytes) == text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0.0, "1 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (1_000, "16 min"),
        (7_260, "2 h 1 min"),
        (400_000, "4 days"),
    ],
)
def test_time_is_written_as_people_read_it(time_s: float, text: str) -> None:
    assert word_time(time_s) == text


def test_end_of_a_call_names_what_it_has_cut_off() -> None:
    cut = [
        replace(MOVING, name=name, state=TransferState.FAILED, reason=FileReason.CALL_ENDED)
        for name in ("a", "b", "c")
    ]
    assert word_cut_off(SharingView(transfers=tuple(cut), undelivered=1), "Bob") == (
        "a was not sent: the call ended before",
        "b was not sent: the call ended before",
        "1 more file was not moved either",
        word_undelivered(1, "Bob"),
    )
    assert word_cut_off(SharingView(transfers=(MOVING,)), "Bob") == ()


def test_undelivered_messages_are_counted() -> None:
    assert "last 2 messages" in word_undelivered(2, "Bob")
    assert "last 1 message." in word_undelivered(1, "Bob")
