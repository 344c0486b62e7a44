"""A change of one direction's device, from the request to its result. The thread `sound` alone.

The new device opens beside the present one, which stays if that fails. Where both are one device
under two names, it is closed first. A device that was plugged in after PortAudio started is looked
for by another process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from media.device_state import DeviceKind, DeviceProblem, DeviceProblemKind
from media.errors import SourceError
from media.sound.device_choice import choose_device
from media.sound.device_search import DeviceSearch
from media.sound.portaudio import DeviceList
from media.sound.sound_spec import (
    DefaultDevice,
    DeviceIndex,
    DeviceName,
    MicrophoneSpec,
    SpeakerSpec,
)

OnChanged = Callable[[DeviceProblem | None], None]


@dataclass(slots=True)
class DeviceChange:
    """One request.

    Attributes:
        on_changed: called once in the thread `sound`, with the reason if the device did not change.
    """

    kind: DeviceKind
    spec: MicrophoneSpec | SpeakerSpec
    on_changed: OnChanged
    _search: DeviceSearch | None = field(default=None, init=False)

    def is_listed(self, devices: DeviceList) -> bool:
        """Return whether PortAudio lists the device; files and `none` need no list."""
        return self._find_problem(devices) is None

    def _find_problem(self, devices: DeviceList) -> DeviceProblem | None:
        if not isinstance(self.spec, DefaultDevice | DeviceIndex | DeviceName):
            return None
        try:
            choose_device(self.spec, devices, self.kind)
        except SourceError as error:
            return DeviceProblem(DeviceProblemKind.UNAVAILABLE, self.kind, detail=error.sentence)
        return None

    def search(self, now_us: int) -> bool | None:
        """Look for the device in another process; return whether it is there, None until known.

        If it is not, `on_changed` gets the reason.
        """
        try:
            if self._search is None:
                self._search = DeviceSearch(now_us)
        except SourceError as error:
            self.on_changed(
                DeviceProblem(DeviceProblemKind.UNAVAILABLE, self.kind, detail=error.sentence)
            )
            return False
        if not self._search.is_over(now_us):
            return None
        found, self._search = self._search.result(), None
        problem = self._find_problem(found or DeviceList((), None, None))
        if problem is not None:
            self.on_changed(problem)
        return problem is None

    def close(self) -> None:
        """End a search."""
        if self._search is not None:
            self._search.close()
