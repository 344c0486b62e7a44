"""Sound on the canvas: the level bar, the mute badge, the notices, and the areas repainted."""

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.mailbox import Mailbox
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from ui.actions import UserAction
from ui.view import PeerView, RemotePicture, RemoteSound, Stage, UserEvent, View, VoiceNotice
from ui.window import palette
from ui.window.call_window import CallWindow
from ui.window.settings import WindowSettings
from ui.window.window_pictures import WindowPictures
from ui.wording.notices import word_notice

CALL = View(Stage.CALL, "Me", peer=PeerView("Alice"), remote_picture=RemotePicture.SHOWN)
MUTED = replace(CALL, is_muted=True)
LONG_NOTICE = DeviceProblem(
    DeviceProblemKind.UNAVAILABLE,
    DeviceKind.MICROPHONE,
    detail="nothing here is called 'USB Headset'" + ", and nothing is like it" * 5,
)
GROUND, OWN_GROUND = (90, 90, 110), (60, 60, 60)

MakePicture = Callable[..., DisplayPicture]
Colour = tuple[int, int, int]


def rgb_of(name: str) -> Colour:
    colour = QColor(name)
    return colour.red(), colour.green(), colour.blue()


BADGE, LIT, LOUD = map(rgb_of, (palette.MUTED_BADGE, palette.METER_LIT, palette.METER_LOUD))


class Paintings(QObject):
    """The parts of a widget that were painted."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.areas: list[QRect] = []
        widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QPaintEvent):
            self.areas.append(event.region().boundingRect())
        return False


class Bench:
    """A canvas in a call, with a level that the test sets."""

    def __init__(self) -> None:
        self.level: float | None = -30.0
        self.polls = 0
        self.remote: Mailbox[DisplayPicture] = Mailbox()
        self.own: Mailbox[DisplayPicture] = Mailbox()
        self.events: list[UserAction] = []
        self.window = CallWindow(
            WindowSettings(),
            WindowPictures(
                remote=self.remote,
                own=self.own,
                wanted=DisplaySizes(),
                on_painted=lambda _: None,
            ),
            post=self.events.append,
            level_dbfs=self.ask_level,
        )
        self.window.resize(1000, 600)
        self.window.set_view(CALL)

    def ask_level(self) -> float | None:
        self.polls += 1
        return self.level

    def is_polling(self) -> bool:
        (timer,) = self.window.findChildren(QTimer, "level")
        return timer.isActive()

    def settle(self, qtbot: QtBot) -> None:
        """Wait until all is painted and the level has been polled again."""
        polls = self.polls
        qtbot.waitUntil(lambda: self.polls >= polls + 3)

    def grab(self) -> QImage:
        return self.window.grab().toImage()

    def own_box(self) -> QRect:
        """Return the box of the self view, 16 to 9, in a canvas of 1000 x 600."""
        return QRect(984 - 220, 584 - 124, 220, 124)


@pytest.fixture
def bench(qtbot: QtBot, make_picture: MakePicture) -> Bench:
    made = Bench()
    qtbot.addWidget(made.window, before_close_func=lambda _: made.window.leave())
    made.window.show()
    qtbot.waitExposed(made.window)
    made.remote.put(make_picture(1000, 600, GROUND))
    made.window.take_remote()
    return made


@pytest.fixture
def bench_with_own(bench: Bench, make_picture: MakePicture) -> Bench:
    bench.own.put(make_picture(220, 124, OWN_GROUND))
    bench.window.take_own()
    return bench


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """Return height x width x 3, red first."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


def area_where(is_there: NDArray[np.bool_]) -> QRect:
    """Return the smallest rectangle with all pixels that are marked."""
    ys, xs = np.nonzero(is_there)
    if not len(xs):
        return QRect()
    left, top = int(xs.min()), int(ys.min())
    return QRect(left, top, int(xs.max()) - left + 1, int(ys.max()) - top + 1)


def area_of(image: QImage, colour: Colour) -> QRect:
    """Return the smallest rectangle with all pixels of a colour."""
    return area_where((pixels_of(image) == colour).all(axis=2))


def difference(one: QImage, other: QImage) -> QRect:
    """Return the smallest rectangle with all pixels in which two images differ."""
    return area_where((pixels_of(one) != pixels_of(other)).any(axis=2))


def test_level_bar_lies_on_the_self_view_and_grows_with_the_level(
    qtbot: QtBot, bench_with_own: Bench
) -> None:
    bench = bench_with_own
    quiet = area_of(bench.grab(), LIT)
    assert bench.own_box().contains(quiet)
    bench.level = -12.0
    qtbot.waitUntil(lambda: area_of(bench.grab(), LIT).width() > quiet.width())
    assert area_of(bench.grab(), LIT).left() == quiet.left()


def test_loud_level_lights_the_warning_colour(qtbot: QtBot, bench_with_own: Bench) -> None:
    assert area_of(bench_with_own.grab(), LOUD).isEmpty()
    bench_with_own.level = -1.0
    qtbot.waitUntil(lambda: not area_of(bench_with_own.grab(), LOUD).isEmpty())


def test_level_bar_takes_the_corner_of_a_missing_self_view(bench: Bench) -> None:
    lit = area_of(bench.grab(), LIT)
    assert not lit.isEmpty()
    assert lit.left() > 900
    assert lit.top() > 550


@pytest.mark.parametrize(
    "view", [MUTED, replace(CALL, has_microphone=False), replace(CALL, stage=Stage.WAITING)]
)
def test_level_is_polled_only_while_the_bar_is_shown(bench: Bench, view: View) -> None:
    assert bench.is_polling()
    bench.window.set_view(view)
    assert not bench.is_polling()
    assert area_of(bench.grab(), LIT).isEmpty()
    bench.window.set_view(CALL)
    assert bench.is_polling()


def test_hidden_window_polls_no_level(bench: Bench) -> None:
    bench.window.hide()
    assert not bench.is_polling()
    bench.window.show()
    assert bench.is_polling()


def test_missing_level_removes_the_bar(qtbot: QtBot, bench: Bench) -> None:
    with_bar = bench.grab()
    bench.level = None
    qtbot.waitUntil(lambda: area_of(bench.grab(), LIT).isEmpty())
    without = bench.grab()
    bench.window.set_view(replace(CALL, has_microphone=False))
    beside_controls = QRect(800, 0, 200, 600)
    assert bench.grab().copy(beside_controls) == without.copy(beside_controls)
    assert not difference(with_bar, without).isEmpty()


def test_new_level_repaints_only_the_bar(qtbot: QtBot, bench_with_own: Bench) -> None:
    bench = bench_with_own
    bench.settle(qtbot)
    paintings = Paintings(bench.window.canvas)
    bench.level = -6.0
    qtbot.waitUntil(lambda: bool(paintings.areas))
    assert all(area.width() <= 70 and area.height() <= 8 for area in paintings.areas)
    assert area_of(bench.window.canvas.grab(paintings.areas[0]).toImage(), LIT).width() > 30


def test_unchanged_level_repaints_nothing(qtbot: QtBot, bench: Bench) -> None:
    bench.settle(qtbot)
    paintings = Paintings(bench.window.canvas)
    bench.settle(qtbot)
    assert paintings.areas == []


def test_new_level_does_not_paint_over_the_figures(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_lines = ("a long line of figures " * 9,) * 20
    monkeypatch.setattr("ui.window.overlay.word_overlay", lambda view: many_lines)
    bench.window.resize(320, 180)
    bench.window.set_view(CALL)
    QTest.keyClicks(bench.window, "i")
    bench.settle(qtbot)
    paintings = Paintings(bench.window.canvas)
    bench.level = -1.0
    qtbot.waitUntil(lambda: bool(paintings.areas))
    bar = paintings.areas[0]
    whole = bench.grab()
    assert area_of(whole, LIT).isEmpty()
    assert bench.window.canvas.grab(bar).toImage() == whole.copy(bar)


def test_mute_badge_lies_on_the_self_view(bench_with_own: Bench) -> None:
    assert area_of(bench_with_own.grab(), BADGE).isEmpty()
    bench_with_own.window.set_view(MUTED)
    image = bench_with_own.grab()
    badge = area_of(image, BADGE)
    assert bench_with_own.own_box().contains(badge)
    assert badge.width() > 60
    assert area_of(image, LIT).isEmpty()


@pytest.mark.parametrize("size", [(320, 180), (320, 240), (1000, 600), (400, 900)])
@pytest.mark.parametrize(
    "view",
    [
        MUTED,
        replace(MUTED, is_camera_off=True),
        replace(MUTED, remote_picture=RemotePicture.NONE, notices=(VoiceNotice.MUTED, LONG_NOTICE)),
        replace(MUTED, stage=Stage.WAITING, peer=None),
    ],
)
def test_whole_mute_badge_is_visible_without_a_self_view(
    bench: Bench, view: View, size: tuple[int, int]
) -> None:
    bench.window.resize(*size)
    bench.window.set_view(view)
    badge = area_of(bench.grab(), BADGE)
    assert badge.width() >= 45
    assert badge.height() >= 18
    card = bench.window.parts.card
    assert not card.isVisible() or not card.geometry().intersects(badge)


def test_mute_badge_is_hidden_without_a_microphone_and_after_the_call(bench: Bench) -> None:
    for view in (replace(MUTED, has_microphone=False), replace(MUTED, stage=Stage.ENDED)):
        bench.window.set_view(view)
        assert area_of(bench.grab(), BADGE).isEmpty()


@pytest.mark.parametrize("state", [RemoteSound.MUTED, RemoteSound.NONE])
def test_sign_of_remote_silence_lies_at_the_upper_left(
    bench_with_own: Bench, state: RemoteSound
) -> None:
    bench_with_own.level = None
    bench_with_own.window.set_view(MUTED)
    before = bench_with_own.grab()
    bench_with_own.window.set_view(replace(MUTED, remote_sound=state))
    assert QRect(0, 0, 400, 60).contains(difference(before, bench_with_own.grab()))


def test_screen_reader_is_told_about_sound(bench: Bench) -> None:
    bench.window.set_view(
        replace(MUTED, remote_sound=RemoteSound.MUTED, notices=(VoiceNotice.MUTED,))
    )
    assert (
        bench.window.accessibleDescription()
        == f"You are muted\nAlice is muted\n{word_notice(VoiceNotice.MUTED)}"
    )
    bench.window.set_view(CALL)
    assert bench.window.accessibleDescription() == ""


def test_m_toggles_mute(bench: Bench) -> None:
    QTest.keyClicks(bench.window, "m")
    QTest.keyClick(bench.window, Qt.Key.Key_M)
    assert bench.events == [UserEvent.TOGGLE_MUTE] * 2
