"""cli/settings.py, setting_keys.py and settings_file.py: every source of settings."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from call.errors import SettingsError
from call.settings import Settings
from cli import arguments
from cli.setting_keys import SettingKey
from cli.settings import DEFAULT_FILE, FILE_NAME, KEYS, load_settings, read_assignment
from cli.settings_file import MAX_FILE_BYTES, Mapping, parse_settings
from core.safe_text import cut_controls
from core.user_folders import config_folder
from net.settings import DEFAULT_PORT

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a loader whose file beside peer.py holds what the test gives it."""

    def load(
        text: str | bytes | None = None, *assignments: str, config: Path | None = None, **named: Any
    ) -> Settings:
        beside = tmp_path / "beside.yaml"
        if text is not None:
            beside.write_bytes(text.encode() if isinstance(text, str) else text)
        dotted = {name.replace("__", "."): value for name, value in named.items()}
        return load_settings(
            config, assignments, dotted, default_path=beside, user_path=tmp_path / "own.yaml"
        )

    return load


def test_config_yaml_equals_the_defaults_in_code() -> None:
    assert load_settings(None, [], {}) == Settings()


def _flat(mapping: Mapping) -> set[str]:
    flat = set()
    for name, entry in mapping.entries.items():
        if isinstance(entry.value, Mapping):
            flat |= {f"{name}.{last}" for last in entry.value.entries}
        else:
            flat.add(name)
    return flat


def test_config_yaml_has_every_key() -> None:
    assert _flat(parse_settings(DEFAULT_FILE.read_text("utf-8"), "config.yaml")) == set(KEYS)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_comment_of_each_key_in_config_yaml_gives_its_allowed_values(key: SettingKey) -> None:
    lines = DEFAULT_FILE.read_text("utf-8").splitlines()
    section, dot, last = key.name.rpartition(".")
    start = lines.index(f"{section}:") if dot else 0
    at = next(i for i in range(start, len(lines)) if lines[i].lstrip().startswith(f"{last}:"))
    comment = ""
    while (at := at - 1) >= 0 and lines[at].lstrip().startswith("#"):
        comment = f"{lines[at]} {comment}"
    words = set(re.findall(r"[a-z0-9]+", comment))
    missing = {"ends": set(re.findall(r"\b[0-9]+\b", key.describe())) - words}
    if isinstance(key.kind, msgspec.inspect.LiteralType):
        missing["values"] = {str(value) for value in key.kind.values} - words
    if isinstance(key.kind, msgspec.inspect.BoolType):
        missing["truth"] = {"true", "false"} - words
    assert not any(missing.values()), missing


def test_command_line_and_settings_have_the_same_limits() -> None:
    assert arguments.DEFAULT_PORT == DEFAULT_PORT == Settings().listen.port
    assert KEYS["call.duration_s"].takes(arguments.LONGEST_DURATION_S)
    assert not KEYS["call.duration_s"].takes(arguments.LONGEST_DURATION_S + 1)


def test_named_option_overrides_set_which_overrides_file_and_default(load: Load) -> None:
    text = "listen: {port: 1}\n"
    assert load().listen.port == 5000
    assert load(text).listen.port == 1
    assert load(text, "listen.port=2").listen.port == 2
    assert load(text, "listen.port=2", "listen.port=3").listen.port == 3
    assert load(text, "listen.port=2", listen__port=4).listen.port == 4


def test_config_replaces_the_file_beside_peer_py(load: Load, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("video: {camera: none}\n")
    settings = load("listen: {port: 1}\n", config=mine)
    assert (settings.listen.port, settings.video.camera) == (5000, "none")


def test_current_folder_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text("listen: {port: 1}\n")
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, [], {}).listen.port == 5000


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "null\n", "{}", "listen:\n", "\ufeffname: null\n"]
)
def test_empty_file_leaves_the_defaults(load: Load, text: str) -> None:
    assert load(text) == Settings()


def test_missing_keys_keep_their_defaults(load: Load) -> None:
    settings = load("name: Alice\nvideo:\n  width_px: 640\ncall:\n  duration_s: 5\n")
    assert settings.name == "Alice"
    assert settings.video.width_px == 640
    assert settings.video.height_px == 720
    assert settings.call.duration_s == 5.0
    assert isinstance(settings.call.duration_s, float)


def test_option_does_not_hide_an_error_in_the_file(load: Load) -> None:
    with pytest.raises(SettingsError, match=r"listen\.port"):
        load("listen: {port: x}\n", listen__port=5)


def test_name_loses_its_control_characters(load: Load) -> None:
    assert load(None, "name= A\x1b[31ml\x00ice\u202e ").name == "A[31mlice"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listen: {prt: 1}", r"listen\.prt.*listen\.port"),
        ("prot: 1", r"prot is not a setting.*listen\.port"),
        ("port: 1", r"port is not a setting.*listen\.port"),
        ("listen.port: 1", r"stands in its section.*listen:"),
        ("listen: 5", r"listen is a section"),
        ("listen: [1]", r"listen is a section"),
        ("listen: {port: 70000}", r"listen\.port.*0 to 65535.*70000"),
        ("listen: {port: -1}", r"listen\.port.*0 to 65535"),
        ("listen: {port: 05000}", r'listen\.port.*"05000"'),
        ("listen: {port: 5_000}", r"listen\.port"),
        ("listen: {port: 83:20}", r"listen\.port"),
        ("listen: {port: 5000.0}", r"listen\.port.*whole number"),
        ("listen: {port: true}", r"listen\.port.*whole number.*true"),
        ("listen: {port: }", r"listen\.port.*nothing"),
        ("listen: {port: [1]}", r"listen\.port.*a list"),
        ("listen: {port: {a: 1}}", r"listen\.port.*a group of keys"),
        ("listen: {accept: 1}", r"listen\.accept.*true or false, not 1"),
        ("listen: {ring_timeout_s: .nan}", r"ring_timeout_s.*1 to 600"),
        ("listen: {ring_timeout_s: 1.0e999}", r"ring_timeout_s"),
        ("listen: {ring_timeout_s: true}", r"ring_timeout_s"),
        ('listen: {address: "a b"}', r"listen\.address"),
        ("name: 123", r'name must be text.*not 123.*quotes.*name: "123"'),
        ("name: yes", r"name must be text.*quotes"),
        ('name: ""', r"1 to 64"),
        (f"name: {'x' * 65}", r"1 to 64"),
        ("video: {width_px: 641}", r"video\.width_px.*even number from 64 to 1920"),
        ("video: {codec: vp8}", r"video\.codec.*h264 or mjpeg"),
        ("video: {camera: 0}", r"video\.camera.*quotes"),
        ("video: {camera: missing.mp4}", r"no file 'missing\.mp4'"),
        ("call: {silence_timeout_s: 0.5}", r"silence_timeout_s.*1 to 60"),
        ("window: {placement: up}", r"window\.placement.*auto or left or right"),
    ],
)
def test_bad_setting_is_named_with_its_allowed_values(load: Load, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(text)
    assert re.search(said, f"{caught.value.sentence}. {caught.value.next_step}", re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: a\nname: b\n", r"Line 2 .*sets name, which line 1 sets"),
        ("listen:\n  port: 1\n  port: 2\n", r"Line 3 .*sets port, which"),
        ("listen: {port: 1}\nvideo: {}\nlisten: {accept: true}\n", r"Line 3 .*sets listen, which"),
        ("- a\n", r"Line 1 .*is not a setting"),
        ("just text\n", r"Line 1 .*is not a setting"),
        ("listen:\n\tport: 1\n", r"Line 2 .*begins with a tab"),
        ("listen:\n  port: 1\n video: 2\n", r"Line 3 .*is not YAML"),
        ('name: "open\n', r"not YAML"),
        ("a: 1\n---\nb: 2\n", r"Line 2 .*second document"),
        ("name: &a x\n", r"Line 1 .*uses & or \*"),
        ("name: *a\n", r"Line 1 .*uses & or \*"),
        ("name: !!python/object/apply:os.system [ls]\n", r"Line 1 .*uses !"),
        ("name: !!binary aGk=\n", r"Line 1 .*uses !"),
        ("!!str name: x\n", r"Line 1 .*uses !"),
        ("? [a]\n: b\n", r"Line 1 .*a key that is not a word"),
        ("a: " + "[" * 100_000, r"Line 1 .*nested too deeply"),
        ("a: " + "{a: " * 1000, r"Line 1 .*nested too deeply"),
        ("ok: 1\nname: \x00\n", r"Line 2 .*not allowed there"),
        (b"# ok\nname: \xff\n", r"Line 2 .*not UTF-8"),
        (b"#" * (MAX_FILE_BYTES + 1), r"larger than"),
    ],
)
def test_bad_file_is_reported_with_its_line(load: Load, text: str | bytes, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(text)


def test_unreadable_file_is_an_error(load: Load, tmp_path: Path) -> None:
    for path, said in (
        (tmp_path / "gone.yaml", "There is no file"),
        (tmp_path, "cannot be read"),
        (tmp_path / "a\0b", "cannot be read"),
    ):
        with pytest.raises(SettingsError, match=said):
            load(config=path)


@given(st.text(max_size=200))
def test_any_text_yields_a_mapping_or_a_settings_error(text: str) -> None:
    error = None
    try:
        assert isinstance(parse_settings(text, "file"), Mapping)
    except SettingsError as raised:
        error = raised
    assert error is None or cut_controls(error.sentence) == error.sentence


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("name=yes", "name", "yes"),
        ("name=null", "name", "null"),
        ("name=a=b", "name", "a=b"),
        (" name =x", "name", "x"),
        ("video.camera=0", "video.camera", "0"),
        ("listen.port=+05", "listen.port", 5),
        ("listen.accept=YES", "listen.accept", True),
        ("listen.accept=Off", "listen.accept", False),
        ("call.duration_s=1e2", "call.duration_s", 100.0),
        ("call.duration_s=.5", "call.duration_s", 0.5),
        ("listen.address=", "listen.address", ""),
        ("listen.address=fe80::1%eth0", "listen.address", "fe80::1%eth0"),
    ],
)
def test_set_converts_to_the_type_of_the_key(text: str, name: str, value: object) -> None:
    found = read_assignment(text)
    assert found == (name, value)
    assert type(found[1]) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "listen.port",
        "",
        "=1",
        "listen=1",
        "listen.port=",
        "listen.port= 1",
        "listen.port=1_0",
        "listen.port=0x10",
        "listen.port=1.0",
        "listen.port=٣",
        "listen.port=" + "9" * 5000,
        "call.duration_s=nan",
        "call.duration_s=inf",
        "call.duration_s=1e999",
        "call.duration_s=1_0.0",
        "call.duration_s=-1",
        "listen.accept=1",
        "listen.accept=ja",
        "listen.address=a\n",
        "name=\x1b",
    ],
)
def test_set_refuses_unknown_keys_and_invalid_values(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_assignment(text)
    assert caught.value.sentence.isprintable()


@given(st.sampled_from(sorted(KEYS)), st.text(max_size=80))
def test_set_of_any_text_yields_a_valid_value_or_an_error_with_the_key(
    name: str, text: str
) -> None:
    error = None
    try:
        _, value = read_assignment(f"{name}={text}")
        assert KEYS[name].takes(value)
    except SettingsError as raised:
        error = raised
    assert error is None or (name in error.sentence and error.sentence.isprintable())


@given(st.integers(0, 65_535), st.floats(1, 600), st.booleans())
def test_set_reads_printed_values_back(port: int, seconds: float, truth: bool) -> None:
    assert read_assignment(f"listen.port={port}")[1] == port
    assert read_assignment(f"listen.ring_timeout_s={seconds!r}")[1] == seconds
    assert read_assignment(f"listen.accept={truth}")[1] is truth


def test_users_own_file_overrides_the_one_beside_peer_py(load: Load, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("video: {width_px: 640}")
    settings = load("video: {width_px: 320, height_px: 180}")
    assert (settings.video.width_px, settings.video.height_px) == (640, 180)


def test_file_of_config_overrides_the_users_own(load: Load, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("video: {width_px: 640, height_px: 360}")
    config = tmp_path / "mine.yaml"
    config.write_text("video: {width_px: 320}")
    settings = load("video: {frame_rate_hz: 5}", config=config)
    assert (settings.video.width_px, settings.video.height_px) == (320, 360)
    assert settings.video.frame_rate_hz == Settings().video.frame_rate_hz


def test_error_in_the_users_own_file_names_it(load: Load, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("video: {width_px: wide}")
    with pytest.raises(SettingsError, match=re.escape(str(own))):
        load("")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("video: {camera: gone.mp4}", "video.camera"),
        ("audio: {microphone: gone.wav}", "audio.microphone"),
        ("audio: {speaker: tone}", "audio.speaker"),
    ],
)
@pytest.mark.parametrize("file", ["own.yaml", "beside.yaml"])
def test_error_about_a_device_in_a_file_names_file_and_key(
    load: Load, tmp_path: Path, file: str, text: str, key: str
) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(SettingsError) as caught:
        load()
    assert caught.value.sentence.startswith(f"Line 1 of {tmp_path / file}: {key}: ")


@pytest.mark.parametrize(
    ("assignments", "named"),
    [(["video.camera=lost.mp4"], {}), ([], {"video__camera": "lost.mp4"})],
)
def test_error_about_a_device_in_an_option_names_no_file(
    load: Load, tmp_path: Path, assignments: list[str], named: dict[str, str]
) -> None:
    (tmp_path / "own.yaml").write_text("video: {camera: gone.mp4}")
    with pytest.raises(SettingsError, match=r"^There is no file 'lost\.mp4'"):
        load(None, *assignments, **named)


def test_users_own_file_is_in_the_configuration_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own = config_folder() / FILE_NAME
    own.parent.mkdir(parents=True)
    own.write_text("name: Ann")
    assert load_settings(None, [], {}).name == "Ann"
