"""The states of devices, as the statistics of a second have them. Call thread only."""

import msgspec

from call.live.call_audio import CallAudio
from call.live.call_video import CallVideo
from call.live.local_audio import LocalAudio
from call.live.local_video import LocalVideo
from core.call_statistics import CallStatistics, DeviceUse
from media.device_state import DeviceKind, DeviceState


def add_devices(
    figures: CallStatistics,
    own: tuple[LocalVideo, LocalAudio],
    remote: tuple[CallVideo, CallAudio],
) -> CallStatistics:
    """Return the figures of a second with the states of both peers' devices.

    Args:
        own: this computer's picture and sound.
        remote: the call's, which know what the other peer sends.
    """
    video, sound = own
    states = {state.kind: state for state in sound.device_states}
    microphone = _use(states.get(DeviceKind.MICROPHONE), is_wanted=sound.has_microphone)
    if sound.is_muted and microphone is DeviceUse.OPEN:
        microphone = DeviceUse.OFF
    camera = DeviceUse.OFF if video.is_off else None
    if camera is None or not video.has_source:
        camera = _use(video.device_state, is_wanted=video.has_source)
    return msgspec.structs.replace(
        figures,
        camera=camera,
        microphone=microphone,
        microphone_dbfs=sound.level_dbfs(),
        loudspeaker=_use(states.get(DeviceKind.LOUDSPEAKER), is_wanted=sound.has_speaker),
        remote_picture=remote[0].remote.value,
        remote_sound=remote[1].remote.value,
    )


def _use(state: DeviceState | None, *, is_wanted: bool) -> DeviceUse:
    """Return the use of a device; a file or a test tone has no state, and always works."""
    if not is_wanted:
        return DeviceUse.NONE
    return DeviceUse.OPEN if state is None or state.is_open else DeviceUse.MISSING
