"""Window parts: all that lies in the window, and where each part goes. Display thread.

+- window -------------------------------+
| +- Canvas ---------------+ ChatPanel   |   the canvas paints pictures and text; on it lie:
| |  Banner  WarningCorner | messages    |   what the user has to do or to know,
| |  CardWidget or         | files       |   what stands where no picture is,
| |  WaitingPage           | field       |
| |  NoticeLine ControlBar |             |   and the controls
| +------------------------+             |
+----------------------------------------+
"""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from ui.actions import UserAction
from ui.call_notice import CallNotice, CallNoticeKind
from ui.sharing import SharingNotice
from ui.view import RemotePicture, Stage, View, WordsTask
from ui.window.banner import Banner
from ui.window.canvas import Canvas
from ui.window.card_widget import CardButton, CardWidget
from ui.window.chat_side import ChatSide, panel_unit
from ui.window.control_bar import ControlBar
from ui.window.control_faces import WindowState, bar_faces
from ui.window.geometry import Box
from ui.window.lobby_page import LobbyPage
from ui.window.look import Look
from ui.window.measure import Measure
from ui.window.notice_line import NoticeLine
from ui.window.overlay import GAP_PX, MARGIN_PX
from ui.window.share_sign import ShareSign
from ui.window.text_size import read_text_scale
from ui.window.waiting_page import WaitingPage
from ui.window.warning_corner import WarningCorner
from ui.wording.notices import word_notices
from ui.wording.peers import name_peer
from ui.wording.screens import word_own_screen
from ui.wording.sound import is_mute_shown
from ui.wording.stages import word_banner, word_card

REPORTS = (CallNoticeKind.REPORT_SAVED, CallNoticeKind.REPORT_FAILED)
NARROW_PX = 600
"""Logical; in a narrower window, what stands in the corner stands above the controls."""
LINES_BESIDE = 3
"""Of a notice that has less width because it lies beside our own picture."""
LEAST_NOTICE_SHARE = 0.6
"""Of the window's width: a notice with less lies over our own picture rather than beside it."""
CORNER_PX = 40.0
"""Logical, in a window of the nominal size: its height."""


class WindowParts:
    """The parts of a window.

    Args:
        window: which they lie in.
        canvas: the part that paints.
        lobby: the page of a lobby.
    """

    def __init__(
        self,
        window: QWidget,
        canvas: Canvas,
        look: Look,
        post: Callable[[UserAction], object],
        lobby: LobbyPage,
    ) -> None:
        self._window = window
        self._view = View(stage=Stage.WAITING, local_name="")
        self._notice: CallNotice | SharingNotice | None = None
        self.canvas = canvas
        self.banner = Banner(canvas)
        self.share_sign = ShareSign(canvas)
        self.warnings = WarningCorner(canvas)
        self.card = CardWidget(canvas, look)
        self.waiting_page = WaitingPage(canvas, look)
        self.lobby = lobby
        self.notice = NoticeLine(canvas)
        self.bar = ControlBar(canvas)
        self.chat = ChatSide(window, look, post)
        self.notice.raise_()
        self.banner.hidden.connect(self.lay_out)
        self.notice.hidden.connect(self.lay_out)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self.canvas.set_look(look)
        self.canvas.overlay.set_look(look)
        self.card.set_look(look)
        self.waiting_page.set_look(look)
        self.lobby.set_look(look)
        self.chat.panel.set_look(look)

    def show(self, view: View, state: WindowState) -> None:
        """Show what belongs to the view and to what the user has switched on."""
        self._follow_notices(view, is_chat_shown=state.is_chat_shown)
        self._view, overlay = view, self.canvas.overlay
        has_picture = self.canvas.has_picture
        is_waiting = view.stage is Stage.WAITING and view.listener is not None
        # The list of keys takes the same place, but must not hide a question.
        is_covered = overlay.are_keys_on and view.stage is not Stage.INCOMING
        card = None if is_covered or is_waiting else word_card(view, is_picture_shown=has_picture)
        self.card.show_card(card, _card_buttons(view))
        is_page = is_waiting and not is_covered
        is_lobby = view.lobby is not None
        self.lobby.show_view(view if is_page and is_lobby else None)
        self.waiting_page.show_view(view if is_page and not is_lobby else None)
        self.canvas.set_card_shown(is_shown=card is not None)
        is_small = overlay.is_small = state.is_small
        overlay.unread = state.unread
        words = word_banner(view, is_picture_shown=card is None)
        self.banner.show_lines(
            () if is_small else words,
            emphasized="" if view.peer is None else view.peer.words,
            is_question=view.words_task is WordsTask.COMPARE and not view.is_reconnecting,
            stays=view.is_reconnecting or view.remote_picture is RemotePicture.PAUSED,
        )
        self.share_sign.show_text(word_own_screen(view))
        self.warnings.show_warnings(() if card is not None or is_small else word_notices(view))
        notice = None if is_small else self._choose_notice()
        self.notice.show_notice(notice, name_peer(view))
        is_picture_seen = view.stage is Stage.CALL and card is None
        self.bar.show_controls(bar_faces(view, state), stays=not is_picture_seen)
        self.lay_out()

    def _follow_notices(self, view: View, *, is_chat_shown: bool) -> None:
        """Find the notice that is newest, unless the chat shows it."""
        former = self._view
        for notice, before in (
            (view.call_notice, former.call_notice),
            (view.sharing.notice, former.sharing.notice),
        ):
            if notice is not None and notice != before:
                self._notice = notice
        is_in_chat = is_chat_shown and isinstance(self._notice, SharingNotice)
        if is_in_chat or (view.call_notice is None and view.sharing.notice is None):
            self._notice = None

    def _choose_notice(self) -> CallNotice | SharingNotice | None:
        """Return the notice to show. That of a report is on a card or the waiting page instead."""
        view, notice = self._view, self._notice
        is_elsewhere = view.stage is Stage.ENDED or (
            view.stage is Stage.WAITING and view.lobby is None
        )
        is_report = isinstance(notice, CallNotice) and notice.kind in REPORTS
        return None if is_elsewhere and is_report else notice

    def lay_out(self) -> None:
        """Give every part its place and size."""
        self._lay_out_chat()
        measure = self.measure_canvas()
        area = QRect(0, 0, *measure.size)
        self.canvas.setGeometry(area)
        self.canvas.set_measure(measure)
        margin = round(MARGIN_PX * measure.logical_unit)
        inner = area.adjusted(margin, margin, -margin, -margin)
        self.bar.fit(area, measure.logical_text_unit)
        has_bar = self.bar.isVisibleTo(self._window)
        below = area.height() - self.bar.y() if has_bar else 0
        self.banner.fit(inner, measure.logical_text_unit)
        has_banner = self.banner.isVisibleTo(self._window)
        above = self.banner.height() + margin // 2 if has_banner else 0
        if self.share_sign.isVisibleTo(self._window):
            below_banner = inner.adjusted(0, above, 0, 0)
            self.share_sign.fit(below_banner, measure.logical_text_unit, measure.ratio)
            above += self.share_sign.height() + margin // 2
        overlay = self.canvas.overlay
        overlay.above_px = round(above * measure.ratio)
        overlay.gap_px = round(GAP_PX * measure.unit)
        overlay.bar = _device_box(self.bar.geometry(), measure.ratio) if has_bar else None
        self.warnings.fit(
            QPoint(inner.right() + 1, inner.top() + above),
            inner.width() * 3 // 5,
            measure.logical_text_unit,
            measure.ratio,
        )
        above_bar = inner.bottom() + 1 if not has_bar else self.bar.y() - margin // 2
        self._lay_out_notice(QRect(inner.topLeft(), QPoint(inner.right(), above_bar - 1)), measure)
        if self.notice.isVisibleTo(self._window):
            below = max(below, area.height() - self.notice.y() + margin // 2)
        taken = margin + above if above else 0
        self.card.fit(measure, below, taken)
        if self.card.isVisibleTo(self._window):
            self.card.fit(measure, max(below, self._corner_height(measure, below)), taken)
        self.waiting_page.fit(measure, below)
        self.lobby.fit(measure, below)

    def measure_canvas(self) -> Measure:
        """Return the sizes of the canvas: of the window without the chat."""
        whole = self._measure_window()
        width, height = whole.size
        # Below a panel that takes the whole window, the picture keeps its size.
        return replace(whole, size=(width - self.chat.width_in(whole) or width, height))

    def _measure_window(self) -> Measure:
        window = self._window
        size = window.width(), window.height()
        return Measure(size, window.devicePixelRatio(), read_text_scale())

    def _lay_out_notice(self, area: QRect, measure: Measure) -> None:
        """Give the notice the bottom of an area; beside our own picture if that leaves enough."""
        unit, ratio = measure.logical_text_unit, measure.ratio
        self.notice.fit(area, unit, ratio)
        own = self.canvas.own_box()
        if own is None or self.canvas.self_view.corner.is_top:
            return
        gap = round(GAP_PX * measure.logical_unit)
        taken = QRect(*(round(side / ratio) for side in own)).adjusted(-gap, 0, gap, 0)
        if not taken.intersects(self.notice.geometry()):
            return
        beside = QRect(area)
        if self.canvas.self_view.corner.is_left:
            beside.setLeft(taken.right() + 1)
        else:
            beside.setRight(taken.left() - 1)
        if beside.width() >= LEAST_NOTICE_SHARE * area.width():
            self.notice.fit(beside, unit, ratio, most_lines=LINES_BESIDE)

    def _lay_out_chat(self) -> None:
        whole = self._measure_window()
        width, height = whole.size
        panel_px = self.chat.width_in(whole)
        if panel_px:
            self.chat.panel.setGeometry(width - panel_px, 0, panel_px, height)
            self.chat.panel.fit(panel_unit(whole))

    def _corner_height(self, measure: Measure, below: int) -> int:
        """Return the height that a card leaves to what stands in the corner, logical pixels."""
        own = self.canvas.own_box()
        if own is not None:
            if self.canvas.self_view.corner.is_top:
                return 0
            area = QRect(*(round(side / measure.ratio) for side in own))
            return measure.size[1] - area.y() if self.card.geometry().intersects(area) else 0
        if measure.size[0] >= NARROW_PX * measure.text_scale:
            return 0
        has_badge = is_mute_shown(self._view) or self._view.is_camera_off
        return below + round(CORNER_PX * measure.logical_text_unit) if has_badge else 0


def _card_buttons(view: View) -> tuple[CardButton, ...]:
    if view.stage is Stage.INCOMING:
        return CardButton.ACCEPT, CardButton.DECLINE
    if view.stage is not Stage.ENDED:
        return ()
    again = (CardButton.CALL_AGAIN,) if view.can_call_again else ()
    if view.ending is not None and not view.ending.is_of_call:
        return *again, CardButton.CLOSE  # Report and chat are those of a call before.
    report = (CardButton.REPORT,) if view.can_report else ()
    save = (CardButton.SAVE_CHAT,) if view.sharing.chat else ()
    return *again, *report, *save, CardButton.CLOSE


def _device_box(area: QRect, ratio: float) -> Box:
    sides = (area.x(), area.y(), area.width(), area.height())
    return Box(*(round(side * ratio) for side in sides))
