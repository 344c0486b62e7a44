"""Call link: one link of a call, its threads, and what counts from its start. Call thread.

A call has one at a time. When it moves to another link, the old one is left: what it still held,
in either direction, is discarded.
"""

from collections.abc import Callable
from functools import partial
from threading import Thread

from call.live.call_audio import CallAudio
from call.live.call_files import CallFiles
from call.live.call_threads import CallThreads
from call.live.call_video import CallVideo
from call.live.message_receiver import MessageReceiver
from core.memory import return_freed_memory
from net.errors import LinkLost
from net.link.link import Link
from net.protocol.control import Control, encode_control
from net.protocol.states import Role


class CallLink:
    """One link of a call, which it owns.

    Args:
        generation: 1 for the call's first link; grows with each.
        video: the pictures of the call on this link.
    """

    def __init__(
        self,
        link: Link,
        generation: int,
        role: Role,
        now_us: Callable[[], int],
        *,
        video: CallVideo,
        sound: CallAudio,
        files: CallFiles,
        threads: CallThreads,
    ) -> None:
        self.generation = generation
        self.video = video
        self.link = link
        self._threads = threads
        self._running: list[Thread] = []
        files.move_to(link, video.occupied_us)
        self._messages = MessageReceiver(
            link,
            role,
            now_us,
            video=video,
            sound=sound,
            files=files,
            post_control=partial(_post_control, threads, generation),
        )

    @property
    def heard_us(self) -> int:
        """When the last message came."""
        return self._messages.counters.heard_us

    @property
    def has_network_failed(self) -> bool:
        """True if the socket failed for another reason than the end of the other program."""
        return self.link.has_network_failed

    def start(self) -> None:
        """Start the threads."""
        self._start("send", self._run_send)
        for name, body in self.video.threads():
            self._start(name, body)
        self._start("receive", self._messages.run)

    def _start(self, name: str, body: Callable[[], None]) -> None:
        self._running.append(self._threads.start(name, body, self.generation))

    def _run_send(self) -> None:
        while self.link.send_next(0.5):
            pass
        self.link.end_sending()

    def send(self, control: Control) -> None:
        """Send a control message."""
        try:
            self.link.outbox.put_control(encode_control(control))
        except LinkLost as error:
            self._threads.post_end("send", error, self.generation)

    def finish_sending(self) -> None:
        """Send only the control messages that wait."""
        self.link.outbox.finish()

    def leave(self) -> None:
        """Discard what the link still holds, and end its threads soon."""
        self.video.leave_link()
        self.link.close()

    def break_off(self) -> None:
        """Close the socket."""
        self.link.close()

    def release(self) -> bool:
        """Release the socket if the threads have ended; return whether they have."""
        if any(thread.is_alive() for thread in self._running):
            return False
        self.link.release()
        return True

    def hang_up(self, reason: str) -> None:
        """Send a bye although the threads were never started, and release the link. Blocks."""
        self.link.hang_up(reason)


class LeftLinks:
    """The links that a call has left, until their threads have ended."""

    def __init__(self) -> None:
        self._links: list[CallLink] = []

    def leave(self, link: CallLink) -> None:
        """Leave a link, because the call continues on another."""
        link.leave()
        self._links.append(link)

    def release(self) -> None:
        """Release the links whose threads have ended, and after the last one their memory."""
        if self._links:
            self._links = [link for link in self._links if not link.release()]
            if not self._links:
                return_freed_memory()


def _post_control(threads: CallThreads, generation: int, control: Control, came_us: int) -> bool:
    return threads.post_control(control, came_us, generation)
