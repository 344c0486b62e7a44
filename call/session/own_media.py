"""Own media: this user's camera and microphone, off or on, and their faults.

Call thread only.
"""

from call.session.device_choices import DeviceChoices
from call.session.session_context import SessionContext
from media.device_state import DeviceProblem
from ui.view import VoiceNotice


class OwnMedia:
    """The user's camera and microphone.

    Attributes:
        notices: what is wrong with them, as it is shown.
    """

    def __init__(self, context: SessionContext, choices: DeviceChoices) -> None:
        self.notices: tuple[DeviceProblem | VoiceNotice, ...] = ()
        self._context = context
        self._choices = choices

    def toggle_camera(self) -> bool:
        """Turn the camera off or on; return whether there is one."""
        video = self._context.local_video
        if not video.has_source:
            return False
        video.set_hidden(not video.is_hidden)
        return True

    def toggle_mute(self) -> bool:
        """Mute the microphone, or unmute it; return whether there is one."""
        audio = self._context.local_audio
        if not audio.has_microphone:
            return False
        audio.is_muted = not audio.is_muted
        self.update_notices(self._context.now_us())
        return True

    def update_notices(self, now_us: int) -> bool:
        """Look for faults; return whether they have changed."""
        before, self.notices = self.notices, self._find_notices(now_us)
        return self.notices != before

    def end_call(self) -> None:
        """Forget the notices, and unmute: mute ends with the call."""
        self.notices = ()
        self._context.local_audio.is_muted = False

    def _find_notices(self, now_us: int) -> tuple[DeviceProblem | VoiceNotice, ...]:
        context = self._context
        sound = context.local_audio.notices(now_us)
        if not context.has_window:  # The log reaches the terminal and says the rest.
            return sound
        return (*sound, *context.local_video.problems, *self._choices.notices(now_us))
