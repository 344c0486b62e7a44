"""Lobby contacts: a field to call somebody, and the people who can be called by a press.

Display thread. It reports what was typed or pressed and decides nothing.
"""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.actions import Dial
from ui.lobby_view import Contact, LobbyView
from ui.window.fonts import provide_fonts
from ui.window.lobby_style import (
    FIELD_PX,
    HEADING_PX,
    ROW_PX,
    SMALL_PX,
    TEXT_PX,
    CutLabel,
    call_button_style,
    field_style,
    label_style,
    make_label,
    row_style,
    set_font,
)
from ui.window.look import Look
from ui.wording.lobby import (
    CONTACTS_HEADING,
    DIAL_BUTTON,
    DIAL_HEADING,
    DIAL_HINT,
    DIAL_NAME,
    MAX_CONTACTS,
    name_contact_button,
    word_contact,
    word_contact_state,
    word_contacts,
    word_dial_problem,
)

MAX_TYPED = 300
"""Characters of the field; a host's name has at most 253."""


class ContactRow(QPushButton):
    """One contact: the name, and what is known about it."""

    def __init__(self, parent: QWidget, contact: Contact, look: Look, unit: float) -> None:
        super().__init__(parent)
        self.contact = contact
        self._name = CutLabel(word_contact(contact), self)
        self._state = CutLabel(word_contact_state(contact), self)
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (self._name, self._state):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        provide_fonts(word_contact(contact))
        self._line = QHBoxLayout(self)
        self._line.addWidget(self._name, 1)
        self._line.addWidget(self._state)
        self.setAccessibleName(name_contact_button(contact))
        self.setToolTip(name_contact_button(contact))
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_look(look)
        self.set_unit(unit)

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        is_lively = self.contact.is_around
        self._name.setStyleSheet(label_style(look.text if is_lively else look.muted))
        self._state.setStyleSheet(label_style(look.accent if is_lively else look.muted))
        self.setStyleSheet(row_style(look))

    def set_unit(self, unit: float) -> None:
        """Take another size of text and margins, logical pixels."""
        weight = QFont.Weight.DemiBold if self.contact.is_around else QFont.Weight.Normal
        set_font(self._name, TEXT_PX * unit, weight)
        set_font(self._state, SMALL_PX * unit)
        self._line.setContentsMargins(round(10 * unit), 0, round(10 * unit), 0)
        self.setFixedHeight(round(ROW_PX * unit))

    def minimumSizeHint(self) -> QSize:
        # A long name is cut, rather than that the page becomes wider.
        return QSize(40, self.height())


class LobbyContacts(QWidget):
    """Whom the user can call."""

    acted = Signal(object)
    """A `UserAction`."""

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._look = look
        self._unit = 1.0
        self._lobby: LobbyView | None = None
        self._dialled = ""
        self._heading = make_label(self)
        self._heading.setText(DIAL_HEADING)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(DIAL_HINT)
        self.field.setAccessibleName(DIAL_NAME)
        self.field.setMaxLength(MAX_TYPED)
        self.field.returnPressed.connect(self._dial)
        self.call_button = QPushButton(DIAL_BUTTON, self)
        self.call_button.setAutoDefault(True)
        self.call_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.call_button.clicked.connect(self._dial)
        self.field.textChanged.connect(self._follow_text)
        self._problem = make_label(self, is_selectable=True)
        self._problem.hide()
        self._people = make_label(self)
        self._people.setText(CONTACTS_HEADING)
        self._rest = make_label(self)
        self._rows: list[ContactRow] = []
        self._dial_line = QHBoxLayout()
        self._dial_line.addWidget(self.field, 1)
        self._dial_line.addWidget(self.call_button)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._heading)
        self._column.addLayout(self._dial_line)
        self._column.addWidget(self._problem)
        self._column.addWidget(self._people)
        self._column.addLayout(self._list)
        self._column.addWidget(self._rest)
        self._follow_text()
        self.set_look(look)

    @property
    def rows(self) -> tuple[ContactRow, ...]:
        """The contacts that are shown."""
        return tuple(self._rows)

    @property
    def problem(self) -> str:
        """Why nobody was called; "" if there is nothing to say."""
        return self._problem.text()

    def take_keyboard(self) -> None:
        """Give the keyboard to the field; what was dialled is replaced by what is typed next."""
        self.field.setFocus()
        if self.field.text().strip() == self._dialled:
            self.field.selectAll()

    def show_lobby(self, lobby: LobbyView) -> None:
        """Show these contacts, and why the last call was not made."""
        if lobby == self._lobby:
            return
        self._lobby = lobby
        problem = word_dial_problem(lobby)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.field.setAccessibleDescription(problem)
        self._show_rows(lobby.contacts[:MAX_CONTACTS])
        rest = word_contacts(lobby)
        self._rest.setText(rest)
        self._rest.setVisible(bool(rest))

    def _show_rows(self, contacts: tuple[Contact, ...]) -> None:
        """Show these contacts; rows that stay keep the keyboard."""
        former = {row.contact: row for row in self._rows}
        self._rows = []
        for number, contact in enumerate(contacts):
            row = former.pop(contact, None)
            if row is None:
                row = ContactRow(self, contact, self._look, self._unit)
                row.clicked.connect(partial(self._press, contact))
            self._rows.append(row)
            self._list.removeWidget(row)
            self._list.insertWidget(number, row)
        before: QWidget = self.call_button
        for row in self._rows:
            QWidget.setTabOrder(before, row)
            before = row
        for row in former.values():
            row.hide()
            row.deleteLater()

    def set_look(self, look: Look) -> None:
        """Take other colours."""
        self._look = look
        for label, colour in (
            (self._heading, look.text),
            (self._people, look.muted),
            (self._rest, look.muted),
            (self._problem, look.notice),
        ):
            label.setStyleSheet(label_style(colour))
        self.field.setStyleSheet(field_style(look))
        self.call_button.setStyleSheet(call_button_style(look))
        for row in self._rows:
            row.set_look(look)

    def set_unit(self, unit: float) -> None:
        """Take another size of text and margins, logical pixels."""
        self._unit = unit
        self._column.setSpacing(round(8 * unit))
        self._dial_line.setSpacing(round(10 * unit))
        set_font(self._heading, HEADING_PX * unit, QFont.Weight.DemiBold)
        set_font(self._people, TEXT_PX * unit)
        set_font(self._rest, SMALL_PX * unit)
        set_font(self._problem, SMALL_PX * unit)
        set_font(self.field, FIELD_PX * unit)
        set_font(self.call_button, TEXT_PX * unit, QFont.Weight.DemiBold)
        for widget in (self.field, self.call_button):
            widget.setFixedHeight(round(ROW_PX * unit))
        self.call_button.setMinimumWidth(round(80 * unit))
        for row in self._rows:
            row.set_unit(unit)

    def _follow_text(self) -> None:
        self.call_button.setEnabled(bool(self.field.text().strip()))

    def _dial(self) -> None:
        text = self.field.text().strip()
        if text:
            self._dialled = text
            self.acted.emit(Dial(text))

    def _press(self, contact: Contact, _: bool = False) -> None:
        if contact.target:
            self.acted.emit(Dial(contact.target))
            return
        # A stranger: the number is known already, the two words have to be asked for.
        number = contact.number
        self.field.setText(f"{contact.address} " if number is None else f"{number}-")
        self.field.setFocus()
        self.field.end(False)
