"""The actions of a user: keys and buttons as `UserEvent`, and others with a value. Pure: values.

Window and terminal post them; only the call thread decides what they mean in the present stage.
"""

from pathlib import Path
from typing import TypeAlias

import msgspec

from media.device_state import DeviceKind
from ui.view import UserEvent


class SendChat(msgspec.Struct, frozen=True):
    """Send a chat message to the other peer."""

    text: str


class SendFile(msgspec.Struct, frozen=True):
    """Offer a file to the other peer."""

    path: Path


class SendImage(msgspec.Struct, frozen=True):
    """Offer a picture that is in no file, such as a pasted one.

    Attributes:
        name: of the file that the other peer will store.
        data: the encoded picture.
    """

    name: str
    data: bytes


class AnswerFile(msgspec.Struct, frozen=True):
    """Accept or decline a file that the other peer offers.

    Attributes:
        transfer: its number in the view; None for the one that has waited longest.
    """

    transfer: int | None
    accepts: bool


class CancelFile(msgspec.Struct, frozen=True):
    """Cancel a transfer in either direction.

    Attributes:
        transfer: its number in the view; None for the newest that has not ended.
    """

    transfer: int | None


class Dial(msgspec.Struct, frozen=True):
    """Call somebody from the lobby.

    Attributes:
        text: a code, a known name, HOST or HOST:PORT; or an address, a blank, and a code.
    """

    text: str


class ChooseDevice(msgspec.Struct, frozen=True):
    """Use another camera, microphone or loudspeaker from now on.

    Attributes:
        value: as a `DeviceOption` of the view has it, or any other value of the setting.
    """

    kind: DeviceKind
    value: str


class ShareScreen(msgspec.Struct, frozen=True):
    """Send a screen or a window in place of the camera; only in a call.

    Attributes:
        value: as a `ScreenOption` of the view has it.
    """

    value: str


class ChooseName(msgspec.Struct, frozen=True):
    """Be seen under another name in the next call."""

    name: str


class SaveChat(msgspec.Struct, frozen=True):
    """Save the chat of the present call, or of the last one.

    Attributes:
        path: of the file; with the suffix `.txt` it is for people, else for programs.
        replaces: whether the user has agreed that a file there is replaced.
    """

    path: Path
    replaces: bool = False


UserAction: TypeAlias = (
    UserEvent
    | SendChat
    | SendFile
    | SendImage
    | AnswerFile
    | CancelFile
    | SaveChat
    | Dial
    | ChooseDevice
    | ShareScreen
    | ChooseName
)
