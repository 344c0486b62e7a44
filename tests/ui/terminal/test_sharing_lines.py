"""Claims about ui/terminal/sharing_lines.py: each thing is printed once."""

from msgspec.structs import replace

from ui.sharing import (
    ChatMessage,
    SharingNotice,
    SharingProblem,
    SharingView,
    TransferState,
    TransferView,
)
from ui.terminal.sharing_lines import BURST_LINES, LINE_INTERVAL_US, MAX_LINES, SharingLines
from ui.view import PeerView, Stage, View

CALL = View(Stage.CALL, "Ann", peer=PeerView("Bob"))
HI = ChatMessage("Hi\nAnn", 0, is_own=False)
OWN = ChatMessage("Hello", 0, is_own=True, is_delivered=False)


def lines_of(printed: SharingLines, sharing: SharingView, now_us: int = 0) -> list[str]:
    """Return the new lines of a view, without the time of day."""
    lines = printed.take_new(replace(CALL, sharing=sharing), now_us)
    return [line.partition("] ")[2] if line.startswith("[") else line for line in lines]


def test_message_of_the_other_peer_is_printed_once_and_ours_never() -> None:
    printed = SharingLines()
    assert lines_of(printed, SharingView(chat=(HI, OWN))) == ["Bob: Hi", "    Ann"]
    assert not lines_of(printed, SharingView(chat=(HI, replace(OWN, is_delivered=True))))
    again = ChatMessage("Hi\nAnn", 0, is_own=False)
    assert lines_of(printed, SharingView(chat=(HI, OWN, again))) == ["Bob: Hi", "    Ann"]


def test_messages_are_printed_after_the_oldest_were_dropped() -> None:
    printed = SharingLines()
    chat = [ChatMessage(str(number), 0, is_own=False) for number in range(4)]
    lines_of(printed, SharingView(chat=tuple(chat[:3])))
    assert lines_of(printed, SharingView(chat=tuple(chat[1:]))) == ["Bob: 3"]


def test_chat_of_the_next_call_is_printed_from_its_start() -> None:
    printed = SharingLines()
    lines_of(printed, SharingView(chat=(HI,)))
    assert not lines_of(printed, SharingView())
    assert lines_of(printed, SharingView(chat=(HI,))) == ["Bob: Hi", "    Ann"]


def test_long_message_does_not_fill_the_screen() -> None:
    message = ChatMessage("\n".join("x" * 2_000), 0, is_own=False)
    lines = lines_of(SharingLines(), SharingView(chat=(message,)))
    assert len(lines) == MAX_LINES + 1
    assert "1960 more lines" in lines[-1]


def test_flood_of_messages_is_counted_instead_of_printed() -> None:
    printed = SharingLines()
    chat = tuple(ChatMessage(str(number), 0, is_own=False) for number in range(BURST_LINES + 30))
    assert len(lines_of(printed, SharingView(chat=chat))) == BURST_LINES
    later = (*chat, ChatMessage("later", 0, is_own=False))
    assert lines_of(printed, SharingView(chat=later), 100 * LINE_INTERVAL_US) == [
        "30 messages were left out; /save FILE saves them",
        "Bob: later",
    ]


def test_offer_says_how_to_answer_it_and_its_end_is_told() -> None:
    printed = SharingLines()
    offer = TransferView(2, "a.txt", 2_500, is_outgoing=False, state=TransferState.OFFERED)
    (line,) = lines_of(printed, SharingView(transfers=(offer,)))
    assert "a.txt (2.5 kB)" in line
    assert "/accept 2" in line
    moving = replace(offer, state=TransferState.MOVING)
    assert not lines_of(printed, SharingView(transfers=(moving,)))
    stored = replace(offer, state=TransferState.STORED, path="/home/ann/a.txt")
    assert lines_of(printed, SharingView(transfers=(stored,))) == [
        "a.txt is stored: /home/ann/a.txt"
    ]
    assert not lines_of(printed, SharingView(transfers=(stored,)))


def test_notice_is_printed_once_and_again_when_it_comes_again() -> None:
    printed = SharingLines()
    notice = SharingNotice(1, SharingProblem.NO_CHAT)
    assert lines_of(printed, SharingView(notice=notice))
    assert not lines_of(printed, SharingView(notice=notice))
    assert lines_of(printed, SharingView(notice=replace(notice, serial=2)))
