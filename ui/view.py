"""The view: everything an interface shows except pixels, and the user's actions. Pure: values only.

Window and terminal are given the same frozen `View` and post the same `UserAction`s; neither
decides anything. The view holds enums and values; `ui.wording` makes sentences from them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

import msgspec
from msgspec import field

from core.call_quality import Quality
from core.call_statistics import CallStatistics
from core.exit_status import ExitStatus
from media.device_state import DeviceProblem
from ui.call_notice import CallNotice
from ui.device_view import DevicesView
from ui.lobby_view import LobbyView
from ui.sharing import NOTHING_SHARED, SharingView


class Stage(Enum):
    """The stage of this peer that the user sees."""

    WAITING = "waiting"
    """A listener without a call."""
    DIALLING = "dialling"
    """A caller that has not reached the other peer yet."""
    RINGING = "ringing"
    """A caller whose ring nobody has answered yet."""
    INCOMING = "incoming"
    """Another peer rings here and waits for an answer."""
    CALL = "call"
    """In a call."""
    ENDED = "ended"
    """A caller after the call; `View.ending` says why it ended."""


class Trust(Enum):
    """The proof of the other peer's identity."""

    CODE = "code"
    """It knows the call code."""
    KNOWN = "known"
    """It has the key of a peer that this user knows."""
    NONE = "none"
    """No proof until the users compare the words."""


class RemotePicture(Enum):
    """Which pictures the other peer sends."""

    EXPECTED = "expected"
    """Pictures are to come; none has arrived yet."""
    SHOWN = "shown"
    """Pictures arrive."""
    PAUSED = "paused"
    """The link is too small for pictures, except for one now and then."""
    NONE = "none"
    """The other peer has no camera."""
    HIDDEN = "hidden"
    """The other peer's camera is off on purpose."""


class RemoteSound(Enum):
    """Which sound the other peer sends."""

    EXPECTED = "expected"
    """Sound arrives, or will arrive."""
    NONE = "none"
    """The other peer has no microphone."""
    MUTED = "muted"
    """The other peer is muted on purpose."""


class Availability(Enum):
    """The availability of a listener for calls."""

    AVAILABLE = "available"
    DO_NOT_DISTURB = "do not disturb"
    """Nobody can ring."""
    CODES_BLOCKED = "codes blocked"
    """Too many wrong codes: only known peers can ring."""


class WordsTask(Enum):
    """The user's task with the words that prove both identities."""

    NONE = "none"
    COMPARE = "compare"
    """This user has to compare them, and press a key if they match."""
    READ_ALOUD = "read aloud"
    """Only the other user needs them."""
    COMPARED = "compared"
    """This user has confirmed that they match."""


class VoiceNotice(Enum):
    """Reasons why this user is not heard although the microphone works."""

    MUTED = "muted"
    """The user speaks while muted."""
    SILENT = "silent"
    """The microphone has delivered nothing but silence."""


class TargetKind(Enum):
    """The kind of text that the user typed to make a call."""

    CODE = "code"
    NAME = "name"
    ADDRESS = "address"


class CallTarget(msgspec.Struct, frozen=True):
    """The target of a call.

    Attributes:
        text: the number of a code (its words stay secret), a name, or an address.
    """

    kind: TargetKind
    text: str


class PeerView(msgspec.Struct, frozen=True):
    """The other peer, as the user sees it.

    Attributes:
        name: as it calls itself, cleaned; never empty.
        known_as: what this user calls it, or "" for a peer that is not known.
        namesake: another peer that this user knows under the same name, or "".
        is_self: whether it has our own key, as both ends of a demo do.
        words: the words that both users can read to each other.
    """

    name: str
    address: str = ""
    trust: Trust = Trust.NONE
    known_as: str = ""
    namesake: str = ""
    is_self: bool = False
    words: str = ""

    @property
    def display_name(self) -> str:
        """The name that this user knows the peer by, with the peer's own name if it differs."""
        if self.known_as in ("", self.name):
            return self.name
        return f"{self.known_as} ({self.name})"


class WrongCodes(msgspec.Struct, frozen=True):
    """Wrong codes since the last call.

    Attributes:
        total: how many since the program started.
        last_address: where the last one came from.
    """

    total: int
    last_address: str


class MissedCall(msgspec.Struct, frozen=True):
    """A ring that ended without this user's answer.

    Attributes:
        peer_name: how this user knows the caller, cleaned.
        at: when the ring ended, local time.
    """

    peer_name: str
    at: datetime


class ListenerView(msgspec.Struct, frozen=True):
    """The addresses and the code of a listener.

    Attributes:
        code: the call code.
        command: how this program is started, such as `./visavis`.
        address: HOST:PORT, the one that a caller would type.
        other_addresses: the computer's other addresses, likewise.
        is_open: whether callers without a code may ring.
        is_announced: whether the network is told that we listen, so that the code is enough.
        can_ask: whether a user at the window or at standard input can answer.
        missed: the newest calls that were missed since the last call, oldest first.
    """

    code: str
    command: str
    address: str
    other_addresses: tuple[str, ...] = ()
    is_open: bool = False
    is_announced: bool = True
    can_ask: bool = True
    availability: Availability = Availability.AVAILABLE
    wrong_codes: WrongCodes | None = None
    missed: tuple[MissedCall, ...] = ()

    @property
    def is_local(self) -> bool:
        """True while only this computer reaches the address."""
        return self.address.startswith(("127.", "[::1]"))


class EndCause(Enum):
    """Why a call, or the attempt to make one, ended."""

    HUNG_UP = "hung_up"
    """The user here hung up."""
    REMOTE_HUNG_UP = "remote_hung_up"
    """The other peer said bye."""
    DURATION_OVER = "duration_over"
    """The call has reached its set duration."""
    GIVEN_UP = "given_up"
    """The user here ended the attempt before there was a call."""
    REJECTED = "rejected"
    """The other peer refused the call."""
    FAILED = "failed"
    """An error ended it: nothing was reached, the link was lost, or a setting is wrong."""
    FAULT = "fault"
    """A fault of this program."""


class Ending(msgspec.Struct, frozen=True):
    """The end of a call, or of the attempt to make one.

    Attributes:
        peer_name: how this user knows the other peer, cleaned; "" while unknown.
        reason: the other peer's reason as the wire carries it, uncleaned.
        wait_s: after how many seconds another attempt makes sense, or 0.
        unknown_words: the words of our code that no code contains, each with similar words.
        duration_s: the set duration of the call.
        error: the name of the error, such as `link_lost`, for FAILED.
        error_sentence, error_next_step: the texts of the error, for FAILED.
        fault: the text of the program's own error, for FAULT.
        length_s: how long the call lasted from accept; None if there was none.
        quality: of the whole call; None if it lasted less than a second.
    """

    cause: EndCause
    exit_status: ExitStatus
    peer_name: str = ""
    reason: str = ""
    wait_s: int = 0
    unknown_words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    duration_s: float = 0.0
    error: str = ""
    error_sentence: str = ""
    error_next_step: str = ""
    fault: str = ""
    length_s: float | None = None
    quality: Quality | None = None

    @property
    def is_of_call(self) -> bool:
        """False if only the attempt to call ended."""
        return self.length_s is not None


class ReportView(msgspec.Struct, frozen=True):
    """A report on a call.

    Attributes:
        serial: grows with each report of a run.
        path: of its page; "" if it could not be written.
        problem: why not, or "".
    """

    serial: int
    path: str
    problem: str = ""


class View(msgspec.Struct, frozen=True):
    """Everything that an interface shows of this peer, except pixels.

    Attributes:
        local_name: what the other peer sees as our name.
        peer: the other peer; None while it is unknown.
        listener: how we can be called; None for a caller.
        target: what a caller typed; None for a listener.
        retry_s: the seconds that a caller has to wait after wrong codes, or 0.
        ending: how it ended, in stage ENDED; of the last call, while a listener waits.
        notices: problems of our own sound.
        figures: the figures of the last second; None before the first.
        quality: of the last seconds; None before the first figures.
        microphone_dbfs: the level of our microphone; None where there is none.
        is_remote_screen: True while the other peer's pictures show a screen.
        is_reconnecting: True in a call whose link is lost.
        lobby: who can be called from here; None outside of the lobby.
        devices: the devices in use and to choose from.
        can_call_again: True in stage ENDED if `CALL_AGAIN` calls the same peer.
        can_report: True while `SHOW_REPORT` can report on the last call.
        report: the newest report; None before the first.
        sharing: chat and files.
        call_notice: what became of a recording, a snapshot, a photo or a report, the newest.
        is_recording: True while the call is recorded here.
        is_remote_recording: True while the other peer records the call.
    """

    stage: Stage
    local_name: str
    peer: PeerView | None = None
    listener: ListenerView | None = None
    target: CallTarget | None = None
    retry_s: int = 0
    ending: Ending | None = None
    words_task: WordsTask = WordsTask.NONE
    remote_picture: RemotePicture = RemotePicture.EXPECTED
    remote_sound: RemoteSound = RemoteSound.EXPECTED
    is_remote_screen: bool = False
    is_reconnecting: bool = False
    is_camera_off: bool = False
    is_muted: bool = False
    has_microphone: bool = True
    notices: tuple[DeviceProblem | VoiceNotice, ...] = ()
    figures: CallStatistics | None = None
    quality: Quality | None = None
    microphone_dbfs: float | None = None
    lobby: LobbyView | None = None
    devices: DevicesView = field(default_factory=DevicesView)
    can_call_again: bool = False
    can_report: bool = False
    report: ReportView | None = None
    sharing: SharingView = NOTHING_SHARED
    call_notice: CallNotice | None = None
    is_recording: bool = False
    is_remote_recording: bool = False


class UserEvent(Enum):
    """An action of the user. Only the call thread decides what it means in the present stage."""

    ACCEPT = "accept"
    """`y`, or the button: accept the call that rings."""
    DECLINE = "decline"
    """`n`, or the button: decline it."""
    HANG_UP = "hang up"
    """`q`, Enter, or Esc when not full screen: hang up, give up or decline; end the program only
    if there is neither call nor ring."""
    QUIT = "quit"
    """The close button, Ctrl-C or SIGTERM."""
    TOGGLE_CAMERA = "toggle camera"
    """`v`: turn the own camera off or on."""
    TOGGLE_MUTE = "toggle mute"
    """`m`: mute the own microphone, or unmute it."""
    TOGGLE_DO_NOT_DISTURB = "toggle do not disturb"
    """`d`: take no calls, or take calls again; only while waiting."""
    ALLOW_CODES = "allow codes"
    """`c`: take codes again, after too many wrong ones."""
    CONFIRM_WORDS = "confirm words"
    """`w`: the words are the same on both screens."""
    SHARE_SCREEN = "share screen"
    """Send the main screen in place of the camera, or the camera again; only in a call."""
    LIST_SCREENS = "list screens"
    """Look for the screens and windows that can be shared, before they are shown."""
    LIST_DEVICES = "list devices"
    """Look for the devices that can be chosen, before they are shown."""
    TEST_SOUND = "test sound"
    """Play a short sound on the loudspeaker; not in a call."""
    CALL_AGAIN = "call again"
    """Call the peer of the call that has ended."""
    SHOW_REPORT = "show report"
    """Write a page about the last call, and open it."""
    TOGGLE_RECORDING = "toggle recording"
    """`r`: record the call, or stop."""
    TAKE_SNAPSHOT = "take snapshot"
    """`s`: save the other peer's picture."""
    SEND_STILL = "send still"
    """`p`: send a still picture of the own camera in full quality."""
    KEEP_OPEN = "keep open"
    """The user looks at the buttons after the call: the window does not close by itself."""
    DISMISS = "dismiss"
    """Any key after the call."""
