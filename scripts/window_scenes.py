"""The states of the window of which pictures are drawn: a view, and what the user does in it.

Display thread, since a user presses keys and buttons.
"""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from core.call_quality import Quality, QualityLevel, QualityReason
from core.call_statistics import CallState, CallStatistics
from core.exit_status import ExitStatus
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from ui.call_notice import CallNotice, CallNoticeKind
from ui.device_view import DeviceMenu, DeviceOption, DevicesView, ScreensView
from ui.lobby_view import Contact, LobbyView
from ui.sharing import ChatMessage, SharingView, TransferState, TransferView
from ui.view import (
    Availability,
    CallTarget,
    EndCause,
    Ending,
    ListenerView,
    PeerView,
    RemotePicture,
    RemoteSound,
    ReportView,
    Stage,
    TargetKind,
    Trust,
    View,
    WordsTask,
    WrongCodes,
)
from ui.window.call_window import CallWindow
from ui.window.keys import WindowAction

NOON_MS = 1_796_040_000_000


class Scene(msgspec.Struct, frozen=True):
    """A state of the window.

    Attributes:
        then: what the user does in it.
    """

    view: View
    then: Callable[[CallWindow], object] = lambda _: None


BOB = PeerView("Bob", "192.168.1.20", trust=Trust.CODE, words="otter lamp moon tree")
LISTENER = ListenerView(
    "63-glide-otter", "./visavis", "192.168.1.20:5000", ("10.0.0.5:5000", "[fd00::20]:5000")
)
FIGURES = CallStatistics(
    t_s=61.0,
    state=CallState.CALL,
    peer="Bob",
    rtt_ms=3.2,
    target_bps=2_500_000,
    video_in_fps=30.0,
    video_in_width=1280,
    video_in_height=720,
    video_in_bps=2_310_000,
    clock_error_ms=0.4,
    queue_delay_ms=0.2,
    cpu_percent=31.0,
    rss_bytes=171_000_000,
    threads=21,
    video_out_fps=30.0,
    video_out_width=1280,
    video_out_height=720,
    video_out_bps=2_270_000,
    video_out_codec="h264",
    encode_ms=4.2,
    video_in_codec="h264",
    video_in_latency_p50_ms=21.4,
    video_in_latency_p95_ms=33.0,
    video_in_latency_max_ms=41.0,
    video_in_longest_gap_ms=36.0,
    decode_ms=3.1,
    video_shown_latency_p50_ms=24.1,
    video_shown_latency_p95_ms=36.5,
    audio_out_bps=32_000,
    audio_in_bps=32_000,
    audio_in_latency_ms=68.0,
    playout_delay_ms=41.0,
    lip_sync_ms=4.0,
    echo_return_loss_db=41.0,
)
CHAT = tuple(
    ChatMessage(text, NOON_MS + minute * 60_000, is_own=is_own, is_delivered=minute < 4)
    for minute, (is_own, text) in enumerate(
        (
            (False, "Can you see me?"),
            (True, "Yes, very well!"),
            (False, "https://example.org/plum-cake"),
            (False, "I send you two pictures of the garden."),
            (True, "Lovely"),
        )
    )
)
OFFERED = TransferView(1, "garden.jpg", 3_400_000, is_outgoing=False, state=TransferState.OFFERED)
MOVING = TransferView(
    2,
    "minutes-of-may.pdf",
    48_000_000,
    is_outgoing=True,
    state=TransferState.MOVING,
    moved_bytes=20_000_000,
    rate_bps=9.1e6,
    left_s=25.0,
)
SHARING = SharingView(can_chat=True, can_send_files=True)
CALL = View(
    Stage.CALL,
    "Ann",
    peer=BOB,
    remote_picture=RemotePicture.SHOWN,
    figures=FIGURES,
    quality=Quality(QualityLevel.GOOD, QualityReason.NONE),
    sharing=SHARING,
)
WAITING = View(Stage.WAITING, "Ann", listener=LISTENER)
SYSTEM = DeviceOption("default")
DEVICES = DevicesView(
    DeviceMenu(DeviceKind.CAMERA, (DeviceOption("HD Webcam", "HD Webcam", 0),), "HD Webcam"),
    DeviceMenu(DeviceKind.MICROPHONE, (SYSTEM,), "default"),
    DeviceMenu(DeviceKind.LOUDSPEAKER, (SYSTEM,), "default"),
)
CONTACTS = (
    Contact("Bob", "Bob", 12, "192.168.1.21:5000", is_known=True),
    Contact("", "Dora", 44, "192.168.1.22:5000"),
    Contact("Mother", "Mother", is_known=True),
)
LOBBY = replace(WAITING, lobby=LobbyView(CONTACTS, is_search_over=True), devices=DEVICES)
BUSY_CAMERA = DeviceProblem(
    DeviceProblemKind.UNAVAILABLE,
    DeviceKind.CAMERA,
    detail="HD Webcam cannot be opened",
    next_step="Close other programs that use it, or reconnect it",
)
LOUDSPEAKER = DeviceProblem(
    DeviceProblemKind.NOT_OPENED,
    DeviceKind.LOUDSPEAKER,
    name="USB Headset",
    detail="it is in use by another program",
    next_step="Close the other program",
)
ENDED = Ending(
    EndCause.REMOTE_HUNG_UP,
    ExitStatus.OK,
    peer_name="Bob",
    length_s=743.0,
    quality=Quality(QualityLevel.GOOD, QualityReason.NONE),
)
FAILED = Ending(
    EndCause.FAILED,
    ExitStatus.NO_CALL,
    error_sentence="Nobody answers at 192.168.1.20:5000",
    error_next_step="Check the address, and that the other computer is listening",
)


LONG_NAME = "Quarterly figures of the whole family business"
LONG_PATH = f"/home/ann/Videos/Calls with the family/{LONG_NAME}/Bob 2026-11-30 17.48.05.mkv"
SAVED = CallNotice(1, CallNoticeKind.RECORDING_SAVED, path=LONG_PATH, duration_s=743.0)


REPORT_PATH = "/home/ann/Documents/Bob 2026-11-30 17.48.05 report.html"
AFTER_CALL = replace(
    WAITING, ending=ENDED, can_report=True, sharing=SharingView(chat=CHAT, can_chat=True)
)
ENDED_FILES = (
    TransferView(
        3,
        "plum-cake.pdf",
        240_000,
        is_outgoing=False,
        state=TransferState.STORED,
        path="/home/ann/Downloads/plum-cake.pdf",
    ),
    TransferView(4, "holiday.mp4", 81_000_000, is_outgoing=True, state=TransferState.DECLINED),
    MOVING,
    OFFERED,
)


def share(window: str) -> DevicesView:
    return replace(DEVICES, screens=ScreensView(is_shared=True, shared_window=window))


def open_chat(window: CallWindow) -> None:
    if not window.chat.is_open:
        window.chat.toggle()


SCENES: dict[str, Scene] = {
    "waiting": Scene(WAITING),
    "waiting-help": Scene(WAITING, lambda window: window.parts.waiting_page.help_button.click()),
    "do-not-disturb": Scene(
        replace(
            WAITING,
            listener=replace(LISTENER, availability=Availability.DO_NOT_DISTURB),
        )
    ),
    "codes-blocked": Scene(
        replace(
            WAITING,
            listener=replace(
                LISTENER,
                availability=Availability.CODES_BLOCKED,
                wrong_codes=WrongCodes(50, "10.0.0.9"),
            ),
        )
    ),
    "lobby": Scene(LOBBY),
    "lobby-problems": Scene(
        replace(
            LOBBY,
            is_camera_off=True,
            devices=replace(DEVICES, camera=replace(DEVICES.camera, problem=BUSY_CAMERA)),
            lobby=LobbyView(
                is_search_over=True,
                dial_problem="You know nobody called Bert",
                dial_next_step="Type a code such as 63-glide-lamp, or an address",
            ),
        )
    ),
    "calling": Scene(View(Stage.DIALLING, "Ann", target=CallTarget(TargetKind.NAME, "Bob"))),
    "ringing": Scene(View(Stage.RINGING, "Ann", peer=BOB)),
    "incoming": Scene(View(Stage.INCOMING, "Ann", peer=BOB, listener=LISTENER)),
    "call": Scene(replace(CALL, sharing=replace(SHARING, chat=CHAT[:1]))),
    "chat": Scene(
        replace(CALL, sharing=replace(SHARING, chat=CHAT, transfers=(MOVING, OFFERED))),
        open_chat,
    ),
    "chat-empty": Scene(CALL, open_chat),
    "chat-older-peer": Scene(replace(CALL, sharing=SharingView()), open_chat),
    "muted": Scene(
        replace(CALL, is_muted=True, is_camera_off=True, remote_sound=RemoteSound.MUTED)
    ),
    "signs": Scene(
        replace(
            CALL,
            is_recording=True,
            remote_sound=RemoteSound.MUTED,
            quality=Quality(QualityLevel.POOR, QualityReason.LINK),
        )
    ),
    "warning": Scene(replace(CALL, notices=(LOUDSPEAKER,))),
    "warning-folded": Scene(
        replace(CALL, notices=(LOUDSPEAKER,)), lambda window: window.parts.warnings.click()
    ),
    "sharing": Scene(replace(CALL, devices=share(""))),
    "sharing-words": Scene(
        replace(CALL, devices=share(f"{LONG_NAME} - Spreadsheet"), words_task=WordsTask.COMPARE)
    ),
    "remote-screen": Scene(replace(CALL, is_remote_screen=True)),
    "saved": Scene(replace(CALL, call_notice=SAVED)),
    "words": Scene(replace(CALL, words_task=WordsTask.COMPARE)),
    "figures": Scene(CALL, lambda window: window.act(WindowAction.TOGGLE_OVERLAY)),
    "keys": Scene(CALL, lambda window: window.act(WindowAction.TOGGLE_KEYS)),
    "camera-off": Scene(replace(CALL, remote_picture=RemotePicture.HIDDEN)),
    "paused": Scene(replace(CALL, remote_picture=RemotePicture.PAUSED)),
    "reconnecting": Scene(replace(CALL, is_reconnecting=True)),
    "ended": Scene(
        replace(
            CALL,
            stage=Stage.ENDED,
            ending=ENDED,
            can_call_again=True,
            can_report=True,
            sharing=replace(SHARING, chat=CHAT),
        )
    ),
    "ended-saved": Scene(replace(CALL, stage=Stage.ENDED, ending=ENDED, call_notice=SAVED)),
    "waiting-after-call": Scene(AFTER_CALL),
    "waiting-report": Scene(
        replace(
            AFTER_CALL,
            report=ReportView(1, "", f"The report cannot be written to {REPORT_PATH}: disk full"),
        )
    ),
    "ended-report": Scene(
        replace(
            CALL,
            stage=Stage.ENDED,
            ending=ENDED,
            can_call_again=True,
            can_report=True,
            report=ReportView(1, "", f"The report cannot be written to {REPORT_PATH}: disk full"),
        )
    ),
    "remote-recording": Scene(replace(CALL, is_remote_recording=True, is_camera_off=True)),
    "small-window": Scene(CALL, lambda window: window.act(WindowAction.TOGGLE_SMALL_WINDOW)),
    "chat-files": Scene(replace(CALL, sharing=replace(SHARING, transfers=ENDED_FILES)), open_chat),
    "failed": Scene(View(Stage.ENDED, "Ann", ending=FAILED)),
}
