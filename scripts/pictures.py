"""Draws the window in its states: the pictures of README, or every state for a look at all.

    make pictures                                   writes docs/pictures
    .venv/bin/python scripts/pictures.py --all DIR  every state, in two sizes, both looks and with
                                                    text of 100 % and 200 %

The people are drawn; nobody's camera is opened. Needs no screen.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import av
import numpy as np
from PySide6.QtCore import QEventLoop, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QApplication

from core.call_quality import Quality, QualityLevel, QualityReason
from core.call_statistics import CallState, CallStatistics
from core.exit_status import ExitStatus
from core.mailbox import Mailbox
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
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
    Stage,
    TargetKind,
    Trust,
    View,
    WordsTask,
    WrongCodes,
)
from ui.window.call_window import CallWindow
from ui.window.geometry import own_room
from ui.window.keys import WindowAction
from ui.window.settings import LookName, WindowSettings
from ui.window.window_pictures import WindowPictures

README_FOLDER = Path(__file__).resolve().parent.parent / "docs/pictures"
README_PX = (960, 540)
SIZES_PX = ((1280, 720), (640, 480))
LOOKS: tuple[LookName, ...] = ("dark", "light")
TEXT_PERCENT = (100, 200)
USUAL_PT = 10
SETTLE_MS = 320
"""Longer than any of the window's animations at its start."""
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
    video_in_latency_p50_ms=21.4,
)
CHAT = tuple(
    ChatMessage(text, NOON_MS + minute * 60_000, is_own=is_own, is_delivered=minute < 4)
    for minute, (is_own, text) in enumerate(
        (
            (False, "Can you see me?"),
            (True, "Yes, very well!"),
            (False, "The recipe is here: https://example.org/recipes/plum-cake"),
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
            sharing=replace(SHARING, chat=CHAT),
        )
    ),
    "ended-saved": Scene(replace(CALL, stage=Stage.ENDED, ending=ENDED, call_notice=SAVED)),
    "failed": Scene(View(Stage.ENDED, "Ann", ending=FAILED)),
}
README_SCENES: tuple[tuple[str, LookName], ...] = (
    ("lobby", "light"),
    ("waiting", "light"),
    ("call", "dark"),
    ("chat", "light"),
)


def draw_person(size_px: tuple[int, int], *, is_own: bool) -> DisplayPicture:
    """Draw somebody in a room."""
    image = QImage(1600, 900, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    wall = QLinearGradient(0, 0, 0, 900)
    wall.setColorAt(0, QColor("#8fa3b8" if is_own else "#cdb998"))
    wall.setColorAt(1, QColor("#66788c" if is_own else "#9a876a"))
    painter.fillRect(image.rect(), wall)
    painter.setPen(QPen(QColor("#7c7884"), 12))
    painter.setBrush(QColor("#cfe6f4"))
    painter.drawRect(QRectF(150, 110, 360, 470))
    painter.drawLine(QPointF(330, 110), QPointF(330, 580))
    painter.setPen(Qt.PenStyle.NoPen)
    for row in range(3):
        painter.setBrush(QColor("#7d5637"))
        painter.drawRect(QRectF(1150, 330 + 150 * row, 320, 12))
        for book in range(9):
            hue = (book * 53 + row * 97) % 360
            painter.setBrush(QColor.fromHsl(hue, 90, 120))
            high = 70 + (book * 31 + row * 17) % 45
            painter.drawRect(QRectF(1160 + 34 * book, 330 + 150 * row - high, 27, high))
    painter.setBrush(QColor("#7a3d52" if is_own else "#33578f"))
    painter.drawEllipse(QRectF(440, 640, 720, 640))
    painter.setBrush(QColor("#d7ab89"))
    painter.drawRect(QRectF(740, 560, 120, 120))
    painter.setBrush(QColor("#e6bb97"))
    painter.drawEllipse(QRectF(645, 230, 310, 390))
    painter.setBrush(QColor("#8a5a2b" if is_own else "#4b3526"))
    painter.drawChord(QRectF(625, 190, 350, 290), 0, 180 * 16)
    if is_own:
        painter.drawEllipse(QRectF(610, 300, 70, 260))
        painter.drawEllipse(QRectF(920, 300, 70, 260))
    painter.setBrush(QColor("#2b2b33"))
    for across in (735, 865):
        painter.drawEllipse(QPointF(across, 405), 13, 13)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor("#a8503f"), 9, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(QRectF(740, 440, 120, 80), 200 * 16, 140 * 16)
    painter.end()
    scaled = image.scaled(
        *size_px,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixels = np.frombuffer(scaled.constBits(), np.uint8).reshape(size_px[1], size_px[0], 4)
    return DisplayPicture(av.VideoFrame.from_ndarray(pixels.copy(), format="bgra"), *size_px, 0)


def draw(scene: Scene, size_px: tuple[int, int], look: LookName) -> QImage:
    """Return a picture of the window in a state."""
    remote: Mailbox[DisplayPicture] = Mailbox()
    own: Mailbox[DisplayPicture] = Mailbox()
    wanted = DisplaySizes()
    window = CallWindow(
        WindowSettings(look=look),
        WindowPictures(remote=remote, own=own, wanted=wanted, on_painted=lambda _: None),
        post=lambda _: None,
        level_dbfs=lambda: -25.0,
    )
    window.resize(*size_px)
    window.show()
    view = scene.view
    if view.lobby is not None:
        window.set_view(view)
    if view.figures is not None:
        window.set_view(replace(CALL, sharing=SHARING))
        remote.put(draw_person(_widest(size_px), is_own=False))
        window.take_remote()
        window.canvas.repaint()
    if view.lobby is not None or view.stage not in (Stage.WAITING, Stage.ENDED):
        own.put(draw_person(_widest(own_room(size_px)), is_own=True))
        window.take_own()
    window.set_view(view)
    if view.lobby is not None:
        settle()
        own.put(
            draw_person(_widest(wanted.own_px if any(wanted.own_px) else (64, 36)), is_own=True)
        )
        window.take_own()
    scene.then(window)
    window.set_view(view)
    settle()
    image = window.grab().toImage()
    window.leave()
    window.deleteLater()
    return image


def settle() -> None:
    """Let the window lay itself out and finish its animations."""
    loop = QEventLoop()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()


def _widest(room_px: tuple[int, int]) -> tuple[int, int]:
    width = min(room_px[0], room_px[1] * 16 // 9)
    return width, width * 9 // 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", metavar="DIR", type=Path, help="every state, into this folder")
    folder: Path | None = parser.parse_args().all
    application = QApplication(["pictures"])
    if folder is None:
        README_FOLDER.mkdir(parents=True, exist_ok=True)
        for name, look in README_SCENES:
            draw(SCENES[name], README_PX, look).save(str(README_FOLDER / f"{name}.png"))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for percent in TEXT_PERCENT:
        font = application.font()
        font.setPointSizeF(USUAL_PT * percent / 100)
        application.setFont(font)
        for size_px in SIZES_PX:
            for look in LOOKS:
                for name, scene in SCENES.items():
                    file = f"{name}-{size_px[0]}x{size_px[1]}-{look}-{percent}.png"
                    draw(scene, size_px, look).save(str(folder / file))


if __name__ == "__main__":
    main()
