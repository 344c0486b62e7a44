"""Claims about call/live/call_files.py and call_chat.py: no messages from a peer do harm."""

from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from call.live.call_chat import CallChat
from call.live.call_files import CallFiles
from call.live.transfer_list import MAX_OPEN
from net.errors import ProtocolError
from net.link.link import Link
from net.link.outbox import Outbox
from net.protocol.chat_messages import Chat, ChatReceived
from net.protocol.control import Control, encode_control
from net.protocol.file_messages import (
    FileAccept,
    FileCancel,
    FileEnd,
    FileOffer,
    FilePart,
    FileProgress,
    FileStored,
    encode_part,
)
from net.protocol.framing import HEADER
from ui.sharing import LASTING_STATES

NUMBERS = st.integers(1, 8) | st.integers(1, 2**32 - 1)
SIZES = st.integers(0, 8) | st.integers(0, 2**63 - 1)
MESSAGES = st.one_of(
    st.builds(FileOffer, NUMBERS, st.text(max_size=256), SIZES, st.sampled_from(["file", "x"])),
    st.builds(FileAccept, NUMBERS, SIZES),
    st.builds(FileProgress, NUMBERS, SIZES, SIZES, SIZES),
    st.builds(FileEnd, NUMBERS, st.just(bytes(32))),
    st.builds(FileStored, NUMBERS),
    st.builds(FileCancel, NUMBERS, st.text(max_size=64)),
    st.builds(FilePart, NUMBERS, SIZES, st.binary(min_size=1, max_size=8)),
    st.sampled_from(["accept", "decline", "cancel", "new link", "tick"]),
)


@given(st.lists(MESSAGES, max_size=40))
def test_any_messages_about_files_are_handled_or_break_the_protocol(
    messages: list[Control | FilePart | str],
) -> None:
    outbox = Outbox()
    link = cast(Link, SimpleNamespace(outbox=outbox))
    files = CallFiles(is_caller=False, folder=Path, peer_name="Peer", now_us=lambda: 0)
    files.send = lambda control: outbox.put_control(encode_control(control))
    files.move_to(link, lambda now_us: 0)
    files.offer(("ours", b"data"))
    with suppress(ProtocolError):
        for message in messages:
            _handle(files, message, outbox, link)
    lasting = [view for view in files.views if view.state in LASTING_STATES]
    assert len(lasting) <= 2 * MAX_OPEN
    assert all(0 <= view.moved_bytes <= view.size_bytes for view in files.views)
    files.close()


def _handle(
    files: CallFiles, message: Control | FilePart | str, outbox: Outbox, link: Link
) -> None:
    match message:
        case FilePart():
            files.add_part(encode_part(message)[HEADER.size :], outbox)
        case FileProgress():
            files.on_progress(message, 0)
        case "accept" | "decline":
            files.answer(None, accepts=message == "accept")
        case "cancel":
            files.cancel(None)
        case "new link":
            files.move_to(link, lambda now_us: 0)
            files.offer_again()
        case "tick":
            files.on_tick(0)
        case str():
            raise AssertionError(message)
        case _:
            assert files.on_control(message)


@given(
    st.lists(
        st.builds(Chat, st.integers(1, 6), st.text(max_size=50), st.integers(0, 9))
        | st.builds(ChatReceived, st.integers(1, 6))
        | st.text(max_size=50),
        max_size=40,
    )
)
def test_any_chat_is_handled_or_breaks_the_protocol(
    messages: list[Chat | ChatReceived | str],
) -> None:
    chat = CallChat(lambda control: None, lambda: 0)
    chat.offer(is_offered=True)
    with suppress(ProtocolError):
        for message in messages:
            if isinstance(message, Chat):
                chat.on_chat(message, 0)
            elif isinstance(message, ChatReceived):
                chat.on_received(message)
            else:
                chat.write(message)
    written = sum(message.is_own for message in chat.messages)
    delivered = sum(message.is_own and message.is_delivered for message in chat.messages)
    assert written - delivered == chat.undelivered_count
    assert all(message.text.strip() for message in chat.messages)
