"""The programs of a private sound server: PulseAudio, or PipeWire, which took its place.

Both speak PulseAudio's protocol on the same socket, so `pactl` controls either.

    PulseAudio    pulseaudio
    PipeWire      pipewire, wireplumber (links streams to devices), pipewire with protocol-pulse

A program reaches them through an ALSA plugin, as on a desktop: PulseAudio through `pulse`, PipeWire
through that or through its own, `pipewire`. They read their settings from the server's folder, load
no hardware, and do not join the user's session bus.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

ALSA_PLUGINS = ("usr/lib/*/alsa-lib", "usr/lib64/alsa-lib", "usr/lib/alsa-lib")
"""Debian's folder, Fedora's, Arch's."""
OWN_ALSA_PLUGINS = Path(__file__).resolve().parent.parent / ".venv" / "alsa-plugins"
"""Where scripts/setup.sh unpacks PipeWire's plugin, whose package PulseAudio's excludes."""
SPEAKER_NODE = "VAV_SPEAKER_NODE"
MICROPHONE_NODE = "VAV_MICROPHONE_NODE"
"""PipeWire's ALSA plugin has one variable for both directions; our ALSA settings read these two."""


class Daemon(msgspec.Struct, frozen=True):
    """One program of a sound server.

    Attributes:
        socket: the file that appears once the program answers; None where nothing waits for it.
    """

    command: tuple[str, ...]
    socket: Path | None


class Daemons(Protocol):
    """The programs of one kind of sound server. Pure, but for `write_settings`.

    Attributes:
        programs: what must be installed, beside `pactl`.
        alsa_plugin: the plugin through which ALSA's clients reach the server. Those of `pulse` wait
            for a server that stands still; those of `pipewire` only get no more buffers.
    """

    @property
    def programs(self) -> tuple[str, ...]: ...

    @property
    def alsa_plugin(self) -> str: ...

    def write_settings(self, folder: Path) -> None:
        """Write what the programs read at their start."""

    def daemons(self, folder: Path) -> list[Daemon]:
        """Return the programs, in the order of their start."""

    def environment(self, folder: Path) -> dict[str, str]:
        """Return what the programs and all that use them need, beside PULSE_SERVER."""

    def default_devices(self, speaker: str | None, microphone: str | None) -> dict[str, str]:
        """Return the environment of a process whose default devices are these sinks."""

    def alsa_settings(self, sinks: Sequence[str]) -> str:
        """Return an ALSA configuration that knows the server's devices and no others."""


def pulse_socket(folder: Path) -> Path:
    """Return the socket for PulseAudio's protocol."""
    return folder / "pulse.sock"


def choose_daemons() -> Daemons:
    """Return the kind of server to start here."""
    if shutil.which("pulseaudio"):
        return PulseAudio()
    return PipeWire("pipewire" if find_alsa_plugin("pipewire") else "pulse")


def all_daemons() -> dict[str, Daemons]:
    """Return each kind of server, by the name of the side that programs reach."""
    return {
        "pulseaudio": PulseAudio(),
        "pipewire-pulse": PipeWire("pulse"),
        "pipewire-alsa": PipeWire("pipewire"),
    }


def why_no_server(daemons: Daemons | None = None) -> str | None:
    """Return why no sound server, or not this one, can be started here, or None."""
    chosen = daemons or choose_daemons()
    needed = ("pactl", *chosen.programs)
    missing = [program for program in needed if shutil.which(program) is None]
    if daemons is not None and find_alsa_plugin(chosen.alsa_plugin) is None:
        missing.append(f"ALSA's plugin for {chosen.alsa_plugin}")
    if not missing:
        return None
    return f"no sound server to start: {' and '.join(missing)} not installed"


class PulseAudio:
    """PulseAudio with no module but its protocol."""

    programs = ("pulseaudio",)
    alsa_plugin = "pulse"

    def write_settings(self, folder: Path) -> None:
        """Write nothing: the command line has it all."""

    def daemons(self, folder: Path) -> list[Daemon]:
        """Return PulseAudio."""
        socket = pulse_socket(folder)
        command = (
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
            *("--disable-shm=yes", "--use-pid-file=no", "--realtime=yes"),
            *("-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1"),
        )
        return [Daemon(command, socket)]

    def environment(self, folder: Path) -> dict[str, str]:
        """Return nothing more."""
        return {}

    def default_devices(self, speaker: str | None, microphone: str | None) -> dict[str, str]:
        """Return what PulseAudio's clients read."""
        return _pulse_devices(speaker, microphone)

    def alsa_settings(self, sinks: Sequence[str]) -> str:
        """Return devices of the plugin for PulseAudio."""
        return _pulse_alsa_settings(sinks)


class PipeWire:
    """PipeWire with its session manager and PulseAudio's protocol.

    Args:
        alsa_plugin: `pipewire` or `pulse`.
        min_quantum: the fewest samples that it processes at once.
    """

    programs = ("pipewire", "wireplumber")

    def __init__(self, alsa_plugin: str = "pipewire", *, min_quantum: int = 32) -> None:
        self.alsa_plugin = alsa_plugin
        self._min_quantum = min_quantum

    def write_settings(self, folder: Path) -> None:
        """Write the settings of all three programs, for WirePlumber in the form of 0.4 and 0.5."""
        texts = {
            "pipewire.conf": SPA_LIBRARIES + PIPEWIRE_SETTINGS % self._min_quantum,
            "protocol-pulse.conf": SPA_LIBRARIES + PROTOCOL_PULSE_SETTINGS % pulse_socket(folder),
            "wireplumber/wireplumber.conf.d/80-no-hardware.conf": WIREPLUMBER_SETTINGS,
            "wireplumber/main.lua.d/80-no-hardware.lua": WIREPLUMBER_0_4_SETTINGS,
            "wireplumber/bluetooth.lua.d/80-no-hardware.lua": WIREPLUMBER_0_4_BLUETOOTH_SETTINGS,
        }
        for name, text in texts.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def daemons(self, folder: Path) -> list[Daemon]:
        """Return PipeWire, its session manager, and PulseAudio's protocol."""
        pulse = ("pipewire", "-c", str(folder / "protocol-pulse.conf"))
        return [
            Daemon(("pipewire", "-c", str(folder / "pipewire.conf")), folder / "pipewire-0"),
            Daemon(("wireplumber",), None),
            Daemon(pulse, pulse_socket(folder)),
        ]

    def environment(self, folder: Path) -> dict[str, str]:
        """Return where PipeWire's socket and settings are."""
        return {
            "PIPEWIRE_RUNTIME_DIR": str(folder),
            "PIPEWIRE_REMOTE": "pipewire-0",
            "XDG_CONFIG_HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            # A stream that records from a sink, even the default one, gets the sound played there.
            "PIPEWIRE_ALSA": "{ stream.capture.sink = true }",
        }

    def default_devices(self, speaker: str | None, microphone: str | None) -> dict[str, str]:
        """Return what clients of either protocol read."""
        chosen = _pulse_devices(speaker, microphone)
        if speaker is not None:
            chosen[SPEAKER_NODE] = speaker
        if microphone is not None:
            chosen[MICROPHONE_NODE] = microphone
        return chosen

    def alsa_settings(self, sinks: Sequence[str]) -> str:
        """Return devices of the plugin that is there."""
        if self.alsa_plugin == "pulse":
            return _pulse_alsa_settings(sinks)
        lines = [
            *_plugin_lines("pipewire"),
            "pcm.!default { type pipewire",
            f'  playback_node {{ @func getenv vars [ {SPEAKER_NODE} ] default "-1" }}',
            f'  capture_node {{ @func getenv vars [ {MICROPHONE_NODE} ] default "-1" }}',
            "}",
            "ctl.!default { type pipewire }",
        ]
        for sink in sinks:
            lines.append(f'pcm.{sink} {{ type pipewire playback_node "{sink}" }}')
            lines.append(f'pcm.{sink}_mon {{ type pipewire capture_node "{sink}" }}')
        return "\n".join(lines) + "\n"


def find_alsa_plugin(name: str) -> Path | None:
    """Return the library of one of ALSA's plugins; None if it is not installed."""
    library = f"libasound_module_pcm_{name}.so"
    found = (file for folder in ALSA_PLUGINS for file in Path("/").glob(f"{folder}/{library}"))
    own = OWN_ALSA_PLUGINS / library
    return next(found, own if own.exists() else None)


def _plugin_lines(name: str) -> list[str]:
    """Return what ALSA needs to find a plugin outside of its own folder."""
    library = find_alsa_plugin(name)
    if library is None or library.parent != OWN_ALSA_PLUGINS:
        return []
    control = library.with_name(library.name.replace("_pcm_", "_ctl_"))
    return [
        f'pcm_type.{name} {{ lib "{library}" }}',
        f'ctl_type.{name} {{ lib "{control}" }}',
    ]


def _pulse_devices(speaker: str | None, microphone: str | None) -> dict[str, str]:
    chosen = {}
    if speaker is not None:
        chosen["PULSE_SINK"] = speaker
    if microphone is not None:
        chosen["PULSE_SOURCE"] = f"{microphone}.monitor"
    return chosen


def _pulse_alsa_settings(sinks: Sequence[str]) -> str:
    lines = ["pcm.!default { type pulse }", "ctl.!default { type pulse }"]
    for sink in sinks:
        lines.append(f'pcm.{sink} {{ type pulse device "{sink}" }}')
        lines.append(f'pcm.{sink}_mon {{ type pulse device "{sink}.monitor" }}')
    return "\n".join(lines) + "\n"


SPA_LIBRARIES = """\
context.spa-libs = {
  audio.convert.* = audioconvert/libspa-audioconvert
  support.* = support/libspa-support
}
"""
"""Part of both files below; PipeWire finds a section by its name, in any order."""
PIPEWIRE_SETTINGS = """\
context.properties = {
  core.daemon = true  core.name = pipewire-0
  default.clock.min-quantum = %d  default.clock.allowed-rates = [ 44100 48000 ]
}
context.modules = [
  { name = libpipewire-module-rt args = { nice.level = -11 } flags = [ ifexists nofail ] }
  { name = libpipewire-module-protocol-native }
  { name = libpipewire-module-metadata }
  { name = libpipewire-module-spa-node-factory }
  { name = libpipewire-module-client-node }
  { name = libpipewire-module-access }
  { name = libpipewire-module-adapter }
  { name = libpipewire-module-link-factory }
  { name = libpipewire-module-session-manager }
]
context.objects = [
  { factory = spa-node-factory
    args = { factory.name = support.node.driver  node.name = Dummy-Driver
             node.group = pipewire.dummy  priority.driver = 20000 } }
]
"""
"""PipeWire's own file without hardware, portal and Jack."""
PROTOCOL_PULSE_SETTINGS = """\
context.modules = [
  { name = libpipewire-module-rt args = { nice.level = -11 } flags = [ ifexists nofail ] }
  { name = libpipewire-module-protocol-native }
  { name = libpipewire-module-client-node }
  { name = libpipewire-module-adapter }
  { name = libpipewire-module-metadata }
  { name = libpipewire-module-protocol-pulse args = { server.address = [ "unix:%s" ] } }
]
"""
"""PipeWire's own file without module-always-sink, which plays to nobody where no device is left."""
WIREPLUMBER_SETTINGS = """\
wireplumber.profiles = {
  main = {
    hardware.audio = disabled
    hardware.bluetooth = disabled
    hardware.video-capture = disabled
    support.portal-permissionstore = disabled
    support.reserve-device = disabled
    support.logind = disabled
  }
}
"""
WIREPLUMBER_0_4_SETTINGS = """\
alsa_monitor.enabled = false
v4l2_monitor.enabled = false
if libcamera_monitor then libcamera_monitor.enabled = false end
default_access.properties["enable-flatpak-portal"] = false
"""
WIREPLUMBER_0_4_BLUETOOTH_SETTINGS = """\
bluez_monitor.enabled = false
if bluez_midi_monitor then bluez_midi_monitor.enabled = false end
"""
