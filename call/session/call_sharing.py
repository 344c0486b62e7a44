"""Call sharing: what both users of a call share beside picture and sound. Call thread."""

from collections.abc import Callable

from call.live.active_call import ActiveCall
from call.live.call_chat import CallChat
from call.session.chat_file import ChatRecord
from core import events
from core.clock import utc_now
from net.errors import ProtocolError
from net.protocol.chat_messages import Chat, ChatReceived, Feature, Features
from net.protocol.control import Control, PictureState
from ui.actions import SendChat
from ui.sharing import SharingProblem, SharingView


class CallSharing:
    """Chat of one call.

    Args:
        report: given each event.
        notify: tells the user of a problem: what, of which file, and how many.
        on_change: called when the view has to be shown again.
    """

    def __init__(
        self,
        live: ActiveCall,
        local_name: str,
        peer_name: str,
        *,
        report: Callable[[events.Event], None],
        notify: Callable[..., None],
        on_change: Callable[[], None],
    ) -> None:
        self._live = live
        self._local_name = local_name
        self._peer_name = peer_name
        self._report = report
        self._notify = notify
        self._on_change = on_change
        self._began_ms = _utc_ms()
        self._chat = CallChat(live.send, _utc_ms)

    def begin(self) -> None:
        """Tell the other peer what we understand, before all else."""
        self._live.send(Features([Feature.CHAT.value]))

    def move(self) -> None:
        """Send again, on a new link, what the former one may have lost."""
        self._chat.send_again()

    def on_control(self, control: Control, came_us: int) -> None:
        """Handle a message about what is shared; one that breaks the protocol ends the call."""
        try:
            self._on_control(control, came_us)
        except ProtocolError as error:
            self._live.lose(error)

    def _on_control(self, control: Control, came_us: int) -> None:
        if isinstance(control, Features):
            self._on_features(frozenset(control.names))
        elif isinstance(control, PictureState) and self._chat.is_offered is None:
            self._on_features(frozenset())  # An older peer, whose first messages are others.
        elif isinstance(control, Chat):
            if self._chat.on_chat(control, came_us):
                message = self._chat.messages[-1]
                self._report(events.Chat(is_own=False, text=message.text))
                self._on_change()
        elif isinstance(control, ChatReceived) and self._chat.on_received(control):
            self._report(events.ChatDelivered(undelivered=self._chat.undelivered_count))
            self._on_change()

    def _on_features(self, names: frozenset[str]) -> None:
        problem = self._chat.offer(is_offered=Feature.CHAT.value in names)
        if problem is not None:
            self._notify(problem)
        self._on_change()

    def send_chat(self, action: SendChat) -> None:
        """Send a message of the user."""
        before = self._chat.messages
        problem = self._chat.write(action.text)
        if problem is SharingProblem.CHAT_TOO_LONG:
            self._notify(problem, count=len(action.text))
        elif problem is not None:
            self._notify(problem, count=self._chat.undelivered_count)
        elif self._chat.messages is not before:
            self._report(events.Chat(is_own=True, text=self._chat.messages[-1].text))
            self._on_change()

    @property
    def undelivered_count(self) -> int:
        """How many of our messages the other peer has not acknowledged."""
        return self._chat.undelivered_count

    @property
    def view(self) -> SharingView:
        """What the user sees of it."""
        return SharingView(
            can_chat=self._chat.is_offered is True,
            chat=self._chat.messages,
        )

    @property
    def record(self) -> ChatRecord:
        """The chat as it is saved."""
        return ChatRecord(self._local_name, self._peer_name, self._began_ms, self._chat.messages)


def _utc_ms() -> int:
    return int(utc_now().timestamp() * 1000)
