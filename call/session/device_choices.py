"""Device choices: the devices that the user can choose, and has chosen. Call thread only.

A device that does not work changes nothing: the one before stays, and the view says why. A choice
that works is remembered for the next start.
"""

from threading import Event
from typing import TypeAlias

import msgspec

from call.inbox import DevicesListed
from call.live.device_list import search_devices
from call.session.screen_choices import ScreenChoices
from call.session.session_context import SessionContext
from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.errors import MediaError
from media.sound.sound_spec import (
    MicrophoneSpec,
    SpeakerSpec,
    WavFile,
    parse_microphone,
    parse_speaker,
)
from media.video.camera_spec import CameraSpec, FilePath, parse_camera
from ui.actions import ChooseDevice, ShareScreen, UserAction
from ui.device_view import DeviceMenu, DeviceOption, DevicesView
from ui.view import UserEvent

Spec: TypeAlias = CameraSpec | MicrophoneSpec | SpeakerSpec

SETTINGS = {
    DeviceKind.CAMERA: "video.camera",
    DeviceKind.MICROPHONE: "audio.microphone",
    DeviceKind.LOUDSPEAKER: "audio.speaker",
}
"""The setting that remembers each choice."""
NONE = DeviceOption("none")
LIST_AFTER_US = 4_000_000
"""From a call's start, whose first seconds need the processor, to a look at the devices."""
MAX_EARLIER = 4
NOTICE_US = 12_000_000
"""How long a device that was not changed is told during a call."""


class _Choice(msgspec.Struct, frozen=True):
    """A device that was chosen and is not open yet."""

    value: str
    spec: Spec


class DeviceChoices:
    """The choices of one run."""

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        settings = context.settings
        self._values: dict[DeviceKind, str] = {
            DeviceKind.CAMERA: settings.video.camera,
            DeviceKind.MICROPHONE: settings.audio.microphone,
            DeviceKind.LOUDSPEAKER: settings.audio.speaker,
        }
        self._earlier: dict[DeviceKind, list[str]] = {kind: [] for kind in DeviceKind}
        """What was used before, newest first, such as a file or a URL that no search finds."""
        self._listed = DevicesListed((), (), ())
        self._pending: dict[DeviceKind, _Choice] = {}
        self._refused: dict[DeviceKind, DeviceProblem] = {}
        self._is_listing = False
        self._has_listed = False
        self._list_due_us: int | None = None
        self._is_cancelled = Event()
        self.screens = ScreenChoices(context)
        self._shown: DevicesView | None = None
        self._failed: dict[DeviceProblem, int] = {}
        """Why devices were not changed, and when that was seen first."""

    def close(self) -> None:
        """End a search for devices."""
        self._is_cancelled.set()

    def list_devices(self) -> None:
        """Look for devices, unless that goes on already."""
        if self._is_listing:
            return
        self._is_listing = self._has_listed = True
        inbox, is_cancelled = self._context.inbox, self._is_cancelled

        def search() -> None:
            inbox.post(search_devices(is_cancelled))

        self._context.threads.start("list devices", search)

    def on_listed(self, listed: DevicesListed) -> None:
        """Store the devices that were found."""
        self._is_listing = False
        self._listed = listed

    def handle(self, action: UserAction, *, is_in_call: bool) -> bool:
        """Handle an action on devices; return False for any other."""
        if isinstance(action, ChooseDevice):
            self.choose(action)
        elif action is UserEvent.LIST_DEVICES:
            self.list_devices()
        elif action is UserEvent.LIST_SCREENS:
            self.screens.list_screens()
        elif action is UserEvent.SHARE_SCREEN and is_in_call:
            self.screens.toggle()
        elif isinstance(action, ShareScreen) and is_in_call:
            self.screens.share(action)
        else:
            return False
        return True

    def choose(self, action: ChooseDevice) -> None:
        """Open the device that the user chose, beside the present one."""
        kind, value = action.kind, action.value.strip()
        self._refused.pop(kind, None)
        try:
            self._open(kind, value)
        except MediaError as error:
            self._refused[kind] = DeviceProblem(
                DeviceProblemKind.NOT_CHANGED,
                kind,
                name=value,
                detail=error.sentence,
                next_step=error.next_step,
            )
        else:
            self._settle()

    def _open(self, kind: DeviceKind, value: str) -> None:
        """Start to open a device.

        Raises:
            MediaError: the value can be no device.
        """
        video, audio = self._context.local_video, self._context.local_audio
        match kind:
            case DeviceKind.CAMERA:
                camera = parse_camera(value)
                self._pending[kind] = _Choice(value, camera)
                video.change(camera)
            case DeviceKind.MICROPHONE:
                microphone = parse_microphone(value)
                self._pending[kind] = _Choice(value, microphone)
                audio.change_microphone(microphone)
            case DeviceKind.LOUDSPEAKER:
                speaker = parse_speaker(value)
                self._pending[kind] = _Choice(value, speaker)
                audio.change_speaker(speaker)

    def on_tick(self, now_us: int, *, is_in_call: bool = False) -> bool:
        """Follow changes that take time; return whether the view has changed."""
        if is_in_call and self._context.has_window:
            self._list_for_the_menu(now_us)
        self._context.local_video.on_tick(now_us)
        self._context.local_audio.on_tick()
        self._settle()
        self._follow_failures(now_us)
        return self.view != self._shown

    def _list_for_the_menu(self, now_us: int) -> None:
        """Look for devices once, when the first moments of the first call are over."""
        if self._list_due_us is None:
            self._list_due_us = now_us + LIST_AFTER_US
        elif now_us >= self._list_due_us and not self._has_listed:
            self.list_devices()

    def _follow_failures(self, now_us: int) -> None:
        video, audio = self._context.local_video, self._context.local_audio
        present = (video.problem, *audio.change_problems.values(), *self._refused.values())
        self._failed = {
            problem: self._failed.get(problem, now_us) for problem in present if problem is not None
        }

    def notices(self, now_us: int) -> tuple[DeviceProblem, ...]:
        """Return why devices were not changed just now, for those who chose them in a call."""
        return tuple(
            problem for problem, since_us in self._failed.items() if now_us - since_us < NOTICE_US
        )

    def take_view(self) -> DevicesView:
        """Return the view, which counts as shown."""
        self._shown = self.view
        return self._shown

    def _settle(self) -> None:
        """Remember the choices that have worked, and drop those that have not."""
        video, audio = self._context.local_video, self._context.local_audio
        present: dict[DeviceKind, Spec] = {
            DeviceKind.CAMERA: video.camera_spec,
            DeviceKind.MICROPHONE: audio.microphone_spec,
            DeviceKind.LOUDSPEAKER: audio.speaker_spec,
        }
        for kind, choice in list(self._pending.items()):
            if choice.spec == present[kind]:
                del self._pending[kind]
                self._keep_earlier(kind, choice.value)
                self._values[kind] = choice.value
                if not isinstance(choice.spec, FilePath | WavFile):
                    self._context.remember({SETTINGS[kind]: choice.value})
            elif not self._is_changing(kind):
                del self._pending[kind]

    def _keep_earlier(self, kind: DeviceKind, value: str) -> None:
        """Keep the present device, so that the user can go back to it."""
        kept = (self._values[kind], *self._earlier[kind])
        self._earlier[kind] = [each for each in dict.fromkeys(kept) if each != value][:MAX_EARLIER]

    def _is_changing(self, kind: DeviceKind) -> bool:
        if kind is DeviceKind.CAMERA:
            return self._context.local_video.changing_to is not None
        return kind in self._context.local_audio.changing

    @property
    def view(self) -> DevicesView:
        """The devices as the user sees them."""
        video = self._context.local_video
        is_screen_refused = self.screens.is_refused
        return DevicesView(
            self._menu(
                DeviceKind.CAMERA,
                (*self._listed.cameras, NONE),
                None if is_screen_refused else video.problem or video.device_problem,
            ),
            self._menu(
                DeviceKind.MICROPHONE,
                (*self._listed.microphones, NONE),
                self._sound_problem(DeviceKind.MICROPHONE),
            ),
            self._menu(
                DeviceKind.LOUDSPEAKER,
                (*self._listed.loudspeakers, NONE),
                self._sound_problem(DeviceKind.LOUDSPEAKER),
            ),
            screens=self.screens.view,
        )

    def _sound_problem(self, kind: DeviceKind) -> DeviceProblem | None:
        audio = self._context.local_audio
        if kind in audio.change_problems:
            return audio.change_problems[kind]
        return next((each for each in audio.problems if each.device in (kind, None)), None)

    def _menu(
        self,
        kind: DeviceKind,
        options: tuple[DeviceOption, ...],
        problem: DeviceProblem | None,
    ) -> DeviceMenu:
        value = self._values[kind]
        chosen = next((each for each in options if _fits(each, value)), None)
        if chosen is None:  # A file, a URL, or a device that is not there now.
            chosen = DeviceOption(value, value)
            options = (chosen, *options)
        for earlier in self._earlier[kind]:
            if not any(_fits(each, earlier) for each in options):
                options = (*options[:-1], DeviceOption(earlier, earlier), options[-1])
        changing = self._pending.get(kind)
        return DeviceMenu(
            kind,
            options,
            chosen.value,
            changing_to="" if changing is None else changing.value,
            problem=self._refused.get(kind, problem),
        )


def _fits(option: DeviceOption, value: str) -> bool:
    return value == option.value or (option.index is not None and value == str(option.index))
