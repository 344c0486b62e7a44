"""What a user can do: keys and buttons as `UserEvent`, and actions with a value. Pure: values only.

Window and terminal post them; only the call thread decides what they mean in the present stage.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from media.device_state import DeviceKind
from ui.view import UserEvent


@dataclass(frozen=True, slots=True)
class SendChat:
    """Send a chat message to the other peer."""

    text: str


@dataclass(frozen=True, slots=True)
class SendFile:
    """Offer a file to the other peer."""

    path: Path


@dataclass(frozen=True, slots=True)
class SendImage:
    """Offer a picture that is in no file, such as a pasted one.

    Attributes:
        name: of the file that the other peer will store.
        data: the encoded picture.
    """

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """Accept or decline a file that the other peer offers.

    Attributes:
        transfer: its number in the view; None for the one that has waited longest.
    """

    transfer: int | None
    accepts: bool


@dataclass(frozen=True, slots=True)
class CancelFile:
    """Cancel a transfer in either direction.

    Attributes:
        transfer: its number in the view; None for the newest that has not ended.
    """

    transfer: int | None


@dataclass(frozen=True, slots=True)
class Dial:
    """Call somebody from the lobby.

    Attributes:
        text: a code, a known name, HOST or HOST:PORT; or an address, a blank, and a code.
    """

    text: str


@dataclass(frozen=True, slots=True)
class ChooseDevice:
    """Use another camera, microphone or loudspeaker from now on.

    Attributes:
        value: as a `DeviceOption` of the view has it, or any other value of the setting.
    """

    kind: DeviceKind
    value: str


@dataclass(frozen=True, slots=True)
class ShareScreen:
    """Send a screen or a window in place of the camera; only in a call.

    Attributes:
        value: as a `ScreenOption` of the view has it.
    """

    value: str


@dataclass(frozen=True, slots=True)
class ChooseName:
    """Be seen under another name in the next call."""

    name: str


@dataclass(frozen=True, slots=True)
class SaveChat:
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
