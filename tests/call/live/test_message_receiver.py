"""call/live/message_receiver.py: each message goes to the part of the call that handles it."""

from collections.abc import Callable
from unittest.mock import MagicMock, create_autospec

import pytest

from call.live.call_audio import CallAudio
from call.live.call_files import CallFiles
from call.live.call_video import CallVideo
from call.live.message_receiver import MessageReceiver
from net.errors import ProtocolError
from net.protocol.control import (
    AudioFormat,
    Control,
    Feedback,
    KeyframeRequest,
    PictureState,
    Ping,
    Pong,
    Ringing,
    VideoFormat,
    encode_control,
)
from net.protocol.file_messages import FileProgress
from net.protocol.framing import Message, MessageType
from net.protocol.states import Role
from tests.support.call_sound import UnsentLink
from tests.support.sent_messages import take_sent

NOW_US = 9_000_000


class ScriptedLink(UnsentLink):
    """A link that receives the given messages."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__()
        self._messages = messages

    def receive(self, on_message: Callable[[Message], None]) -> bool:
        if not self._messages:
            return False
        on_message(self._messages.pop(0))
        return True


class ReceivingEnd:
    """A message receiver whose video and audio are mocks."""

    def __init__(self, *messages: Message, has_room: bool = True) -> None:
        self.link = ScriptedLink(list(messages))
        self.video: MagicMock = create_autospec(CallVideo, instance=True)
        self.sound: MagicMock = create_autospec(CallAudio, instance=True)
        self.files: MagicMock = create_autospec(CallFiles, instance=True)
        self.posted: list[tuple[Control, int]] = []
        self._has_room = has_room
        self.receiver = MessageReceiver(
            self.link,
            Role.CALLER,
            lambda: NOW_US,
            video=self.video,
            sound=self.sound,
            files=self.files,
            post_control=self._post_control,
        )

    def _post_control(self, control: Control, came_us: int) -> bool:
        self.posted.append((control, came_us))
        return self._has_room


def control_message(control: Control) -> Message:
    return Message(MessageType.CONTROL, 0, encode_control(control))


def test_media_goes_to_video_and_audio() -> None:
    end = ReceivingEnd(Message(MessageType.VIDEO, 7, b"v"), Message(MessageType.AUDIO, 0, b"a"))
    end.receiver.run()
    end.video.add_fragment.assert_called_once_with(7, b"v", NOW_US)
    end.sound.add_packet.assert_called_once_with(b"a", NOW_US)


def test_parts_and_progress_of_files_go_to_files() -> None:
    progress = FileProgress(1, 2, 3, 1)
    end = ReceivingEnd(Message(MessageType.FILE, 0, b"part"), control_message(progress))
    end.receiver.run()
    end.files.add_part.assert_called_once_with(b"part", end.link.outbox)
    end.files.on_progress.assert_called_once_with(progress, NOW_US)
    assert not end.posted


def test_control_of_media_goes_to_video_and_audio() -> None:
    feedback, picture, sound = (
        Feedback(0, 0, 0, 0),
        VideoFormat("h264", 640, 480, 0),
        AudioFormat("opus", 0),
    )
    end = ReceivingEnd(
        *(control_message(each) for each in (feedback, picture, sound, KeyframeRequest()))
    )
    end.receiver.run()
    end.video.on_feedback.assert_called_once_with(feedback, NOW_US)
    end.video.add_format.assert_called_once_with(picture)
    end.video.on_keyframe_request.assert_called_once_with()
    end.sound.add_format.assert_called_once_with(sound)
    assert end.posted == []


def test_ping_is_answered_at_once() -> None:
    end = ReceivingEnd(control_message(Ping(5)))
    end.receiver.run()
    assert take_sent(end.link.outbox) == [Pong(5, NOW_US, NOW_US)]
    assert end.posted == []


def test_other_control_is_posted_for_the_call_thread() -> None:
    end = ReceivingEnd(control_message(PictureState("hidden")))
    end.receiver.run()
    assert end.posted == [(PictureState("hidden"), NOW_US)]


def test_flood_of_control_is_a_protocol_error() -> None:
    end = ReceivingEnd(control_message(PictureState("hidden")), has_room=False)
    with pytest.raises(ProtocolError):
        end.receiver.run()


def test_control_message_in_the_wrong_state_is_a_protocol_error() -> None:
    end = ReceivingEnd(control_message(Ringing()))
    with pytest.raises(ProtocolError):
        end.receiver.run()


def test_unknown_messages_and_tags_are_counted_and_skipped() -> None:
    end = ReceivingEnd(
        Message(9, 0, b"later"), Message(MessageType.CONTROL, 0, b"\x81\xa4type\xa5later")
    )
    end.receiver.run()
    assert end.receiver.counters.unknown == 2
    assert end.posted == []
