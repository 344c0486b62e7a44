"""Device reporter: an event for each device whose state has changed. Call thread."""

from collections.abc import Callable, Iterable

from core import events
from media.device_state import DeviceKind, DeviceState


class DeviceReporter:
    """The devices' states as last reported.

    Args:
        report: given each event.
    """

    def __init__(self, report: Callable[[events.Event], None]) -> None:
        self._report = report
        self._states: dict[DeviceKind, DeviceState] = {}

    def update(self, present: Iterable[DeviceState]) -> None:
        """Report the differences from the states of the last call; a missing one has closed."""
        states = {state.kind: state for state in present}
        for kind, before in self._states.items():
            if kind not in states:
                self._report(events.Device(which=kind, state="closed", name=before.name))
        for kind, state in states.items():
            if self._states.get(kind) != state:
                how = "open" if state.is_open else "missing"
                self._report(events.Device(which=kind, state=how, name=state.name))
        self._states = states
