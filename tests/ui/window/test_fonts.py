"""Names in many scripts in a real window, with no system fonts and with this computer's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.names import NAMES

PROGRAM = Path(__file__).parents[2] / "support/screen_names.py"
CHECKOUT = Path(__file__).parents[3]
LIMIT_S = 60.0
NO_FONTS = "<fontconfig><cachedir>{}</cachedir></fontconfig>"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt asks no fontconfig")
@pytest.mark.parametrize("has_fonts", [False, True])
def test_each_name_on_a_card_has_all_its_letters(
    screen: str, tmp_path: Path, has_fonts: bool
) -> None:
    environment = {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(CHECKOUT)}
    if not has_fonts:
        configuration = tmp_path / "fonts.conf"
        configuration.write_text(NO_FONTS.format(tmp_path))
        environment["FONTCONFIG_FILE"] = str(configuration)
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen.pop("screen") == "xcb"
    assert [script for script, (is_missing, _) in seen.items() if is_missing] == []
    assert len({picture for _, picture in seen.values()}) == len(NAMES)
