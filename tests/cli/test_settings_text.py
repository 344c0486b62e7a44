"""cli/settings_text.py: one setting changes, and the rest of the user's file stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call.errors import SettingsError
from cli.settings_file import Mapping, parse_settings
from cli.settings_text import with_setting

CAMERA = "video.camera"


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("", CAMERA, 'video:\n  camera: "X"\n'),
        ("# mine\n", CAMERA, '# mine\nvideo:\n  camera: "X"\n'),
        ("video:\n  camera: test  # now\n", CAMERA, 'video:\n  camera: "X"  # now\n'),
        ("video:\n  camera: 'a # b'\n", CAMERA, 'video:\n  camera: "X"\n'),
        ('video:\n    camera: "a: b" # c\n', CAMERA, 'video:\n    camera: "X" # c\n'),
        ("video:\n  camera:\n", CAMERA, 'video:\n  camera: "X"\n'),
        (
            "video:\n    # wide\n    width_px: 640\naudio:\n    codec: pcm\n",
            CAMERA,
            'video:\n    # wide\n    camera: "X"\n    width_px: 640\naudio:\n    codec: pcm\n',
        ),
        ("video:\naudio:\n  codec: pcm\n", CAMERA, 'video:\n  camera: "X"\naudio:\n  codec: pcm\n'),
        ("video:\n  width_px: 640", "name", 'name: "X"\nvideo:\n  width_px: 640\n'),
        ("name: Ann\r\n", "name", 'name: "X"\r\n'),
    ],
)
def test_setting_is_changed_or_added_in_its_place(before: str, name: str, after: str) -> None:
    assert with_setting(before, name, "X", "f").encode() == after.encode()


@pytest.mark.parametrize(
    "before",
    [
        "video: {camera: test}\n",
        "video:\n  camera: >\n    test\n",
        "video:\n  ? camera\n  : test\n",
        "video:\n  camera: 'a\n    b'\n",
        "video: 5\n",
        "video:\n- camera\n",
        "video:\n\tcamera: test\n",
        "*a",
    ],
)
def test_file_in_another_form_is_refused(before: str) -> None:
    with pytest.raises(SettingsError):
        with_setting(before, CAMERA, "X", "f")


@given(st.text(max_size=40))
def test_any_value_is_read_again_as_it_was(value: str) -> None:
    try:
        text = with_setting("video:\n  camera: test\n", CAMERA, value, "f")
    except SettingsError:
        # YAML has no form for a lone surrogate and such.
        assert not value.isprintable()
        return
    section = parse_settings(text, "f").entries["video"].value
    assert isinstance(section, Mapping)
    assert section.entries["camera"].value == value
