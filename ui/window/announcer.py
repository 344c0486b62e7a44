"""Announcer: what a screen reader says of the window by itself. Display thread."""

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from ui.view import Stage, View
from ui.wording.call_notices import word_call_notice
from ui.wording.peers import name_peer
from ui.wording.screens import word_screen_news
from ui.wording.sharing import word_sharing_notice
from ui.wording.sound import word_sound, word_sound_news
from ui.wording.stages import word_details, word_sentence
from ui.wording.view_values import sentence_values


class Announcer:
    """The name and description of a window, and announcements of what is new.

    Args:
        window: whose name and description they are.
    """

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._announced: tuple[object, ...] = ()
        """The values of the sentence that was announced last."""

    def follow(self, former: View, view: View, chat_news: str) -> None:
        """Describe a view, and announce what it has that the former view did not have."""
        sentence, values = word_sentence(view), sentence_values(view)
        is_other, self._announced = values != self._announced, values
        self._window.setAccessibleName(sentence)
        self._window.setAccessibleDescription(
            "\n".join(word_details(view, at_terminal=False) + word_sound(view))
        )
        said = [sentence] if is_other else []
        said += word_sound_news(former, view)
        said += word_screen_news(former, view)
        said += [chat_news] if chat_news else []
        notice = view.call_notice
        if notice is not None and notice != former.call_notice:
            said.append(word_call_notice(notice))
        shared = view.sharing.notice
        if shared is not None and shared != former.sharing.notice:
            said.append(word_sharing_notice(shared, name_peer(view)))
        if not said:
            return
        announcement = QAccessibleAnnouncementEvent(self._window, ". ".join(said))
        if view.stage is Stage.INCOMING:
            announcement.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(announcement)
