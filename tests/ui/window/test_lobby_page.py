"""ui/window/lobby_page.py and its parts: what they show, and what they report. No screen."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from av import VideoFrame
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.mailbox import Mailbox
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.video.display_picture import DisplayPicture
from media.video.display_sizes import DisplaySizes
from ui.actions import ChooseDevice, ChooseName, Dial, UserAction
from ui.device_view import DeviceMenu, DeviceOption, DevicesView
from ui.lobby_view import Contact, LobbyView
from ui.view import Availability, ListenerView, MissedCall, Stage, UserEvent, View
from ui.window.call_window import CallWindow
from ui.window.settings import WindowSettings
from ui.window.window_pictures import WindowPictures
from ui.wording.lobby import MAX_CONTACTS

BOB = Contact("Bob", "Bob", 63, "10.0.0.2:5000", is_known=True)
STRANGER = Contact("", "", 44, "10.0.0.3:5000")
AWAY = Contact("Carl", "Carl", is_known=True)
CAMERA = DeviceMenu(
    DeviceKind.CAMERA,
    (DeviceOption("Front", "Front", 0), DeviceOption("Back", "Back", 2), DeviceOption("none")),
    "Front",
)
SOUND = (DeviceOption("default"), DeviceOption("none"))
DEVICES = DevicesView(
    CAMERA,
    DeviceMenu(DeviceKind.MICROPHONE, SOUND, "default"),
    DeviceMenu(DeviceKind.LOUDSPEAKER, SOUND, "default"),
)
VIEW = View(
    Stage.WAITING,
    "Ann",
    listener=ListenerView("63-glide-lamp", "peer.py", "10.0.0.1:5000"),
    lobby=LobbyView((BOB, STRANGER, AWAY), is_search_over=True),
    devices=DEVICES,
)


class Bench:
    """A window with a lobby, and what it has posted."""

    def __init__(self, size: tuple[int, int] = (1280, 720)) -> None:
        self.posted: list[UserAction] = []
        self.sizes = DisplaySizes()
        self.own: Mailbox[DisplayPicture] = Mailbox()
        self.window = CallWindow(
            WindowSettings(),
            WindowPictures(
                remote=Mailbox(), own=self.own, wanted=self.sizes, on_painted=lambda picture: None
            ),
            post=self.posted.append,
            level_dbfs=lambda: -20.0,
        )
        self.page = self.window.lobby
        self.window.resize(*size)
        self.window.show()
        self.show(VIEW)

    def show(self, view: View) -> None:
        self.window.set_view(view)
        self.process()

    def process(self) -> None:
        for _ in range(5):
            QApplication.processEvents()

    def click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def tab_order(self) -> list[str]:
        """Return the accessible names of what Tab visits, beginning with the field."""
        self.page.contacts.field.setFocus()
        names: list[str] = []
        for _ in range(40):
            focused = QApplication.focusWidget()
            if focused is None or focused.accessibleName() in names:
                break
            text = focused.text() if isinstance(focused, QPushButton) else ""
            names.append(focused.accessibleName() or text)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        return names


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    started = Bench()
    qtbot.addWidget(started.window)
    qtbot.waitExposed(started.window)
    yield started
    started.window.leave()


def test_lobby_is_shown_while_nobody_rings_and_only_there(bench: Bench) -> None:
    assert bench.page.isVisible()
    assert not bench.window.parts.waiting_page.isVisible()
    bench.show(replace(VIEW, stage=Stage.DIALLING))
    assert not bench.page.isVisible()
    bench.show(replace(VIEW, lobby=None))
    assert not bench.page.isVisible()
    assert bench.window.parts.waiting_page.isVisible()


def test_typed_text_is_called_by_enter_and_by_the_button(bench: Bench) -> None:
    field = bench.page.contacts.field
    assert bench.window.focusWidget() is field
    assert not bench.page.contacts.call_button.isEnabled()
    QTest.keyClicks(field, " 63-glide-lamp ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    bench.click(bench.page.contacts.call_button)
    assert bench.posted == [Dial("63-glide-lamp"), Dial("63-glide-lamp")]


def test_letters_in_the_field_are_no_keys_of_the_window(bench: Bench) -> None:
    QTest.keyClicks(bench.page.contacts.field, "qmvd")
    assert bench.posted == []
    QTest.keyClick(bench.page.contacts.field, Qt.Key.Key_Escape)
    QTest.keyClick(bench.window, Qt.Key.Key_D)
    assert bench.posted == [UserEvent.TOGGLE_DO_NOT_DISTURB]


def test_known_contact_is_called_and_a_stranger_asks_for_the_code(bench: Bench) -> None:
    bob, stranger, away = bench.page.contacts.rows
    bench.click(bob)
    bench.click(away)
    assert bench.posted == [Dial("Bob"), Dial("Carl")]
    bench.click(stranger)
    assert bench.page.contacts.field.text() == "44-"
    assert len(bench.posted) == 2


def test_contacts_that_stay_keep_the_keyboard(bench: Bench) -> None:
    bob = bench.page.contacts.rows[0]
    bob.setFocus()
    bench.show(replace(VIEW, lobby=LobbyView((STRANGER, BOB), is_search_over=True)))
    assert bench.page.contacts.rows[1] is bob
    assert bench.window.focusWidget() is bob


def test_many_contacts_are_cut_and_counted(bench: Bench) -> None:
    many = tuple(Contact("", "", n, f"10.0.1.{n}:5000") for n in range(30))
    bench.show(replace(VIEW, lobby=LobbyView(many, is_search_over=True)))
    assert len(bench.page.contacts.rows) == MAX_CONTACTS


def test_reason_why_nobody_was_called_is_shown(bench: Bench) -> None:
    lobby = LobbyView(dial_problem="'x-y' is nearly a code; did you mean x?", dial_next_step="Type")
    bench.show(replace(VIEW, lobby=lobby))
    assert bench.page.contacts.problem == "'x-y' is nearly a code; did you mean x? Type."


def test_chosen_device_is_posted_and_the_list_stays_as_it_is(bench: Bench) -> None:
    box = bench.page.devices.box(DeviceKind.CAMERA)
    assert [box.itemText(n) for n in range(box.count())] == ["Front", "Back", "No camera"]
    box.showPopup()
    box.hidePopup()
    assert bench.posted == [UserEvent.LIST_DEVICES]
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert bench.posted[1:] == [ChooseDevice(DeviceKind.CAMERA, "Back")]
    changing = replace(DEVICES, camera=replace(CAMERA, changing_to="Back"))
    bench.show(replace(VIEW, devices=changing))
    assert box.currentText() == "Back"
    bench.show(VIEW)
    assert box.currentText() == "Front"
    assert len(bench.posted) == 2


def test_open_list_grows_with_the_devices_that_are_found(bench: Bench) -> None:
    one = replace(CAMERA, options=CAMERA.options[:1])
    bench.show(replace(VIEW, devices=replace(DEVICES, camera=one)))
    box = bench.page.devices.box(DeviceKind.CAMERA)
    box.showPopup()
    bench.show(VIEW)
    last = box.view().visualRect(box.model().index(box.count() - 1, 0))
    assert box.count() == len(CAMERA.options)
    assert box.view().viewport().rect().contains(last)
    box.hidePopup()


def test_missed_calls_are_named_with_their_time(bench: Bench) -> None:
    assert VIEW.listener is not None
    missed = MissedCall("Bob", datetime(2026, 12, 1, 9, 5))
    bench.show(replace(VIEW, listener=replace(VIEW.listener, missed=(missed,))))
    assert "Bob called at 09:05" in [label.text() for label in bench.page.findChildren(QLabel)]


def test_taking_calls_again_leaves_the_own_name_alone(bench: Bench) -> None:
    assert VIEW.listener is not None
    away = replace(VIEW.listener, availability=Availability.DO_NOT_DISTURB)
    bench.show(replace(VIEW, listener=away))
    bench.page.code.availability_button.setFocus()
    bench.show(VIEW)
    assert bench.page.code.copy_button.hasFocus()


def test_what_is_typed_after_a_failed_call_replaces_what_was_typed_before(bench: Bench) -> None:
    field = bench.page.contacts.field
    QTest.keyClicks(field, "Zebulon")
    QTest.keyClick(field, Qt.Key.Key_Return)
    bench.show(replace(VIEW, stage=Stage.DIALLING))
    bench.show(VIEW)
    QTest.keyClicks(field, "Bob")
    assert field.text() == "Bob"
    bench.show(replace(VIEW, stage=Stage.INCOMING))
    bench.show(VIEW)
    QTest.keyClicks(field, "by")
    assert field.text() == "Bobby"


def test_problem_of_a_device_is_shown_with_its_remedy(bench: Bench) -> None:
    problem = DeviceProblem(
        DeviceProblemKind.UNAVAILABLE,
        DeviceKind.CAMERA,
        "Back",
        "Back cannot be opened",
        "Close other programs that use it",
    )
    bench.show(replace(VIEW, devices=replace(DEVICES, camera=replace(CAMERA, problem=problem))))
    said = "Back cannot be opened. Close other programs that use it."
    assert bench.page.devices.problem(DeviceKind.CAMERA) == said
    assert bench.page.devices.box(DeviceKind.CAMERA).accessibleDescription() == said


def test_test_sound_needs_a_loudspeaker(bench: Bench) -> None:
    button = bench.page.devices.test_button
    bench.click(button)
    assert bench.posted == [UserEvent.TEST_SOUND]
    silent = replace(DEVICES, loudspeaker=replace(DEVICES.loudspeaker, chosen="none"))
    bench.show(replace(VIEW, devices=silent))
    assert not button.isEnabled()


def test_name_is_posted_once_it_is_typed(bench: Bench) -> None:
    field = bench.page.name_field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "Ada")
    bench.show(replace(VIEW, microphone_dbfs=-30.0))
    assert field.text() == "Ada", "a view must not overwrite what is being typed"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.posted == [ChooseName("Ada")]
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "Ann"


def test_code_is_copied(bench: Bench) -> None:
    bench.click(bench.page.code.copy_button)
    assert QGuiApplication.clipboard().text() == "63-glide-lamp"
    dnd = (
        replace(VIEW.listener, availability=Availability.DO_NOT_DISTURB) if VIEW.listener else None
    )
    bench.show(replace(VIEW, listener=dnd))
    assert bench.page.code.code == ""
    bench.click(bench.page.code.availability_button)
    assert bench.posted == [UserEvent.TOGGLE_DO_NOT_DISTURB]


def test_preview_asks_for_pictures_only_while_it_shows_them(bench: Bench) -> None:
    assert bench.sizes.own_px[0] > 200
    bench.own.put(DisplayPicture(VideoFrame(320, 180, "bgra"), 320, 180, 0))
    bench.window.take_own()
    bench.process()
    bench.show(replace(VIEW, is_camera_off=True))
    assert bench.sizes.own_px == (0, 0)
    bench.show(VIEW)
    assert bench.sizes.own_px[0] > 200


def test_tab_visits_everything_in_a_sensible_order(bench: Bench) -> None:
    order = bench.tab_order()
    expected = [
        "Whom to call: a code, a name or an address",
        "Call Bob, on this network",
        "Copy the code",
        "Your name, as others see it",
        "Camera",
        "Microphone",
        "Loudspeaker",
        "Play a test sound on the loudspeaker",
    ]
    assert [name for name in order if name in expected] == expected


@pytest.mark.parametrize("size", [(1280, 720), (640, 480), (400, 300)])
def test_every_control_can_be_reached_and_has_a_name(size: tuple[int, int], qtbot: QtBot) -> None:
    bench = Bench(size)
    qtbot.addWidget(bench.window)
    kinds: tuple[type[QWidget], ...] = (QPushButton, QComboBox, QLineEdit)
    for kind in kinds:
        for widget in bench.page.findChildren(kind):
            if widget.isVisibleTo(bench.page):
                name: Callable[[], str] = getattr(widget, "text", str)
                assert widget.accessibleName() or name(), widget
                bench.page.ensureWidgetVisible(widget)
                assert not widget.visibleRegion().isEmpty()
    bench.window.leave()
