"""call/live/device_list.py: each device gets the value that chooses it and nothing else."""

from call.live.device_list import options_of
from media.sound.portaudio import DeviceList, SoundDevice
from media.video.camera_list import CameraDevice
from ui.device_view import DeviceOption


def test_device_is_chosen_by_name_where_that_names_it_alone() -> None:
    listed = options_of(
        [CameraDevice(0, "Front"), CameraDevice(2, "USB"), CameraDevice(4, "USB")],
        DeviceList(
            (
                SoundDevice(0, "Headset", records=True, plays=True),
                SoundDevice(1, "hw:0/1", records=True, plays=False),
                SoundDevice(2, "default", records=False, plays=True),
                SoundDevice(3, "12", records=False, plays=True),
            ),
            "Headset",
            "Headset",
        ),
    )
    assert listed.cameras == (
        DeviceOption("Front", "Front", 0),
        DeviceOption("2", "USB", 2),
        DeviceOption("4", "USB", 4),
    )
    # A slash would be a file, and digits another device's number.
    assert listed.microphones == (
        DeviceOption("default"),
        DeviceOption("Headset", "Headset", 0),
        DeviceOption("1", "hw:0/1", 1),
    )
    # PortAudio's own "default" is the system's.
    assert listed.loudspeakers == (
        DeviceOption("default"),
        DeviceOption("Headset", "Headset", 0),
        DeviceOption("3", "12", 3),
    )


def test_name_is_shown_without_control_characters() -> None:
    listed = options_of([CameraDevice(0, "a\x1b[2Jb"), CameraDevice(1, "\u202e")], NO_SOUND)
    assert [option.name for option in listed.cameras] == ["a[2Jb", "1"]
    assert [option.value for option in listed.cameras] == ["a\x1b[2Jb", "\u202e"]


NO_SOUND = DeviceList((), None, None)
