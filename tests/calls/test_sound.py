"""Sound from one peer to the other, in files and through a real sound server."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.sound_daemons import Daemons, PulseAudio, why_no_server
from bench.sound_server import SoundServer
from call.live.lip_sync import EARLY_MS, LATE_MS
from media.packet import AudioPacket
from media.sound.tone import TONE_HZ
from net.protocol.audio_message import encode_audio
from net.protocol.control import AudioFormat, SoundState
from tests.support.bluetooth_sink import HELD_US, TOLERANCE_US, BluetoothSink
from tests.support.peer_process import Peer, StartPeer, read_statistics, wait_until
from tests.support.raw_peer import RawPeer, dial
from tests.support.sound_servers import sound_servers

Sound = NDArray[np.float64]
RAW = (
    "--set=audio.codec=pcm",
    "--set=audio.echo_cancellation=false",
    "--set=audio.noise_suppression=false",
    "--set=audio.gain_control=false",
)
"""Options with which sound arrives unchanged."""


def lines_of(file: Path) -> list[dict[str, Any]]:
    return read_statistics(file.read_text("utf-8")) if file.exists() else []


def newest(file: Path, key: str) -> Any:
    lines = lines_of(file)
    return lines[-1][key] if lines else None


def read_sound(file: Path) -> Sound:
    with wave.open(str(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 48_000)
        return np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float64)


def write_sound(file: Path, sound: Sound) -> None:
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 48_000, 0, "NONE", ""))
        out.writeframes(np.rint(sound).astype(np.int16).tobytes())


def chirps(seconds: float) -> Sound:
    """Return a chirp, whose autocorrelation has one peak."""
    t = np.arange(int(seconds * 48_000)) / 48_000
    return 6_000 * np.sin(2 * np.pi * (200 * t + 300 * t**2)) * np.hanning(len(t))


@pytest.fixture
def hold(start: StartPeer, tmp_path: Path) -> Callable[..., tuple[Peer, Peer, Path]]:
    """Return a function that starts a call and waits for sound at the listener.

    It returns the listener, the caller, and the listener's statistics file.
    """

    def begin(connect: list[str], listen: list[str], **environment: Any) -> tuple[Peer, Peer, Path]:
        figures = tmp_path / "figures"
        listener = start("listen", "--accept", "--once", "--stats", str(figures), *listen)
        caller = start("connect", f"127.0.0.1:{listener.port}", *connect)
        wait_until(lambda: bool(newest(figures, "audio_in_bps")), "sound comes")
        return listener, caller, figures

    return begin


def hang_up(caller: Peer, listener: Peer) -> None:
    caller.type_line("q")
    assert caller.ends() == 0
    assert listener.ends() == 0


def test_tone_reaches_the_other_peer_without_a_gap(
    hold: Callable[..., tuple[Peer, Peer, Path]], tmp_path: Path
) -> None:
    heard = tmp_path / "heard.wav"
    listener, caller, figures = hold(["--mic=tone"], [f"--speaker={heard}"])
    wait_until(lambda: len(lines_of(figures)) >= 4, "four seconds of call")
    hang_up(caller, listener)
    line = lines_of(figures)[-2]
    assert 20_000 < line["audio_in_bps"] < 45_000
    assert 10 < line["audio_in_latency_ms"] < 200
    assert line["playout_delay_ms"] < 100
    sound = read_sound(heard)
    begins = int(np.flatnonzero(np.abs(sound) > 500)[0])
    steady = sound[begins + 24_000 : begins + 24_000 + 72_000]
    assert np.abs(np.fft.rfft(steady[:48_000])).argmax() == TONE_HZ
    loudness = np.sqrt((steady.reshape(-1, 480) ** 2).mean(axis=1))
    if line["audio_in_concealed_ms"] == 0:
        assert loudness.min() > 0.5 * loudness.max()


def test_sound_of_a_microphone_file_arrives_in_the_loudspeaker_file(
    hold: Callable[..., tuple[Peer, Peer, Path]], tmp_path: Path
) -> None:
    said, heard = tmp_path / "said.wav", tmp_path / "heard.wav"
    sound = chirps(2.0)
    write_sound(said, sound)
    listener, caller, figures = hold([f"--mic={said}", *RAW], [f"--speaker={heard}"])
    wait_until(lambda: len(lines_of(figures)) >= 6, "six seconds of call")
    hang_up(caller, listener)
    got = read_sound(heard)
    size = 1 << (len(got) + len(sound)).bit_length()
    matches = np.fft.irfft(np.fft.rfft(got, size) * np.conj(np.fft.rfft(sound, size)))
    at = int(matches[: len(got) - len(sound)].argmax())
    part = got[at : at + len(sound)]
    likeness = float(np.dot(part, sound) / np.linalg.norm(part) / np.linalg.norm(sound))
    assert likeness > 0.95, f"{likeness}, concealed {newest(figures, 'audio_in_concealed_ms')}"


def test_mute_stops_the_sound_and_tells_the_other_peer(
    hold: Callable[..., tuple[Peer, Peer, Path]],
) -> None:
    listener, caller, figures = hold(["--mic=tone", "--name=Ann"], [])
    caller.type_line("m")
    listener.wait_event("remote_state", sound="muted")
    wait_until(lambda: newest(figures, "audio_in_bps") == 0, "nothing comes any more")
    concealed_ms = newest(figures, "audio_in_concealed_ms")
    caller.type_line("m")
    listener.wait_event("remote_state", sound="expected")
    wait_until(lambda: newest(figures, "audio_in_bps") > 0, "sound comes again")
    # An announced pause is not a gap that has to be concealed.
    assert newest(figures, "audio_in_concealed_ms") - concealed_ms < 200
    hang_up(caller, listener)


def test_peer_without_a_microphone_announces_no_sound(start: StartPeer) -> None:
    listener = start("listen", "--accept", "--once")
    caller = start("connect", f"127.0.0.1:{listener.port}", "--name=Ann")
    listener.wait_event("remote_state", sound="none")
    hang_up(caller, listener)


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("--mic=missing.wav", "missing.wav"),
        ("--mic=/etc/hostname", "hostname"),
        ("--speaker=/no/such/folder/out.wav", "out.wav"),
        ("--speaker=tone", "tone"),
        ("--set=audio.codec=mp3", "audio.codec"),
        ("--set=audio.bitrate_bps=1", "audio.bitrate_bps"),
    ],
)
def test_impossible_sound_setting_is_an_error_at_the_start(
    start: StartPeer, option: str, named: str
) -> None:
    listener = start("listen", option)
    assert listener.ends() == 2
    assert named in listener.said
    assert listener.out == ""


# A caller that the test plays.


@pytest.fixture
def raw_caller(tmp_path: Path) -> Callable[[int], RawPeer]:
    """Return a function that dials a listener."""
    return lambda port: dial(port, tmp_path / "raw")


def audio(sequence: int, payload: bytes = bytes(960)) -> bytes:
    return encode_audio(AudioPacket(sequence, 1_000_000 + sequence * 10_000, payload))


def test_listener_announces_its_sound_state_and_then_its_format(
    start: StartPeer, raw_caller: Callable[[int], RawPeer]
) -> None:
    listener = start("listen", "--accept", "--once", "--mic=tone")
    with raw_caller(listener.port) as raw:
        raw.call(can_hear=["pcm"])
        assert raw.await_control(SoundState) == SoundState("sent")
        assert raw.await_control(AudioFormat).codec == "pcm"


def test_caller_that_decodes_no_sound_is_sent_none(
    start: StartPeer, raw_caller: Callable[[int], RawPeer]
) -> None:
    listener = start("listen", "--accept", "--once", "--mic=tone")
    with raw_caller(listener.port) as raw:
        raw.call()
        assert raw.await_control(SoundState) == SoundState("none")


@pytest.mark.parametrize(
    ("opening", "messages"),
    [
        ([], [audio(0)]),
        ([AudioFormat("pcm", 5)], [audio(4)]),
        ([AudioFormat("pcm", 0)], [audio(3), audio(3)]),
        ([AudioFormat("pcm", 0)], [b"\x01\x00\x00\x0c" + bytes(12)]),
        ([AudioFormat("mp3", 0)], []),
        ([AudioFormat("pcm", 5), AudioFormat("pcm", 4)], []),
    ],
    ids=["no format", "before its format", "twice", "empty", "unknown codec", "back in time"],
)
def test_sound_that_breaks_the_protocol_ends_the_call(
    start: StartPeer,
    raw_caller: Callable[[int], RawPeer],
    opening: list[AudioFormat],
    messages: list[bytes],
) -> None:
    listener = start("listen", "--accept", "--once")
    with raw_caller(listener.port) as raw:
        raw.call()
        for announced in opening:
            raw.send(announced)
        for message in messages:
            raw.write(message)
        raw.await_end()
        assert listener.ends() == 5


@pytest.mark.parametrize("codec", ["opus", "pcm"])
def test_random_sound_with_random_times_does_not_end_the_call(
    start: StartPeer, raw_caller: Callable[[int], RawPeer], codec: str, tmp_path: Path
) -> None:
    figures = tmp_path / "figures"
    listener = start("listen", "--accept", "--once", "--stats", str(figures))
    dice = np.random.default_rng(5)
    with raw_caller(listener.port) as raw:
        raw.call()
        raw.send(SoundState("sent"))
        raw.send(AudioFormat(codec, 0))
        for sequence in range(400):
            payload = dice.bytes(int(dice.integers(1, 1_500)))
            pts_us = int(dice.integers(0, 2**63 - 1))
            raw.write(encode_audio(AudioPacket(sequence, pts_us, payload)))
        wait_until(lambda: bool(newest(figures, "audio_in_bps")), "it was counted")
        raw.hang_up()
        assert listener.ends() == 0


# A real sound server.


@pytest.fixture(params=sound_servers())
def server(request: pytest.FixtureRequest) -> Iterator[SoundServer]:
    """Yield a sound server of each kind with a loudspeaker and a microphone."""
    daemons: Daemons = request.param
    with SoundServer(["a_spk", "a_mic"], daemons) as server:
        yield server


def listen_with_devices(start: StartPeer, server: SoundServer, figures: Path) -> Peer:
    """Start a listener that uses the server's devices."""
    return start(
        *("listen", "--accept", "--once", "--mic=default", "--speaker=default"),
        *("--stats", str(figures)),
        environment=server.of_peer("a"),
    )


def test_unplugged_devices_are_reported_and_reopened_during_the_call(
    server: SoundServer, start: StartPeer, tmp_path: Path
) -> None:
    figures = tmp_path / "figures"
    listener = listen_with_devices(start, server, figures)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--mic=tone", "--name=Ann")
    devices = ("microphone", "loudspeaker")
    for which in devices:
        listener.wait_event("device", which=which, state="open")
    wait_until(lambda: bool(newest(figures, "audio_out_bps")), "the microphone is sent")
    for sink in ("a_spk", "a_mic"):
        server.remove_sink(sink)
    for which in devices:
        listener.wait_event("device", which=which, state="missing")
    caller.wait_event("remote_state", sound="none")
    wait_until(lambda: newest(figures, "audio_out_bps") == 0, "nothing is sent")
    wait_until(lambda: newest(figures, "audio_in_bps") > 0, "the call goes on")
    for sink in ("a_spk", "a_mic"):
        server.add_sink(sink)
    for which in devices:
        listener.wait_event("device", which=which, state="open", times=2)
    wait_until(lambda: newest(figures, "audio_out_bps") > 0, "the microphone is sent again")
    hang_up(caller, listener)


def test_call_outlives_its_sound_server(
    server: SoundServer, start: StartPeer, tmp_path: Path
) -> None:
    figures = tmp_path / "figures"
    listener = listen_with_devices(start, server, figures)
    caller = start("connect", f"127.0.0.1:{listener.port}", "--mic=tone")
    wait_until(lambda: bool(newest(figures, "audio_out_bps")), "the microphone is sent")
    server.stop()
    for which in ("microphone", "loudspeaker"):
        listener.wait_event("device", which=which, state="missing")
    caller.wait_event("remote_state", sound="none")
    wait_until(lambda: newest(figures, "audio_out_bps") == 0, "nothing is sent")
    wait_until(lambda: newest(figures, "audio_in_bps") > 0, "the call goes on")
    hang_up(caller, listener)


@pytest.mark.skipif(why_no_server(PulseAudio()) is not None, reason="PulseAudio is missing")
def test_pictures_wait_for_a_loudspeaker_over_bluetooth(start: StartPeer, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    with (
        SoundServer(["a_mic"], PulseAudio()) as server,
        BluetoothSink(server, "a_spk", tmp_path) as loudspeaker,
    ):
        listener = listen_with_devices(start, server, figures)
        caller = start("connect", f"127.0.0.1:{listener.port}", "--mic=tone")
        listener.wait_event("device", which="loudspeaker", state="open")
        loudspeaker.wake(after_s=0.0)

        def is_in_step() -> bool:
            sound_ms = newest(figures, "audio_in_latency_ms") or 0
            ahead_ms = newest(figures, "lip_sync_ms") or -1_000
            counts = sound_ms * 1_000 > HELD_US - TOLERANCE_US
            return counts and -LATE_MS <= ahead_ms <= EARLY_MS

        wait_until(is_in_step, "the device's delay counts, and pictures wait for it")
        hang_up(caller, listener)


def test_computer_without_sound_devices_can_hold_a_call(start: StartPeer, tmp_path: Path) -> None:
    (tmp_path / "asound.conf").write_text("pcm.!default { type pulse }\n")
    none = {"ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"), "PULSE_SERVER": "unix:/nowhere"}
    figures = tmp_path / "figures"
    listener = start(
        *("listen", "--accept", "--once", "--mic=default", "--speaker=default"),
        *("--stats", str(figures)),
        environment=none,
    )
    caller = start("connect", f"127.0.0.1:{listener.port}", "--mic=tone")
    for which in ("microphone", "loudspeaker"):
        listener.wait_event("device", which=which, state="missing")
    caller.wait_event("remote_state", sound="none")
    wait_until(lambda: bool(newest(figures, "audio_in_latency_ms")), "sound is played all the same")
    wait_until(lambda: newest(figures, "video_in_fps") > 5, "pictures come")
    # The sound libraries print nothing.
    assert "ALSA" not in listener.said
    assert "jack" not in listener.said.lower()
    hang_up(caller, listener)


def test_missing_pyaudio_is_reported_with_a_next_step_and_the_call_continues(
    start: StartPeer, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pyaudio':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    listener = start(
        *("listen", "--accept", "--once", "--mic=default", "--speaker=default"),
        environment={"PYTHONPATH": str(tmp_path)},
    )
    caller = start("connect", f"127.0.0.1:{listener.port}")
    caller.wait_event("remote_state", sound="none")
    hang_up(caller, listener)
    warnings = [event["sentence"] for event in listener.find_events("warning")]
    (warning,) = [sentence for sentence in warnings if "PyAudio" in sentence]
    assert "make setup" in warning
