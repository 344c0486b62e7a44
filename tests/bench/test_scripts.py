"""The benchmarks that README names start as scripts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"^ +\.venv/bin/python (bench/\w+\.py)", README, re.MULTILINE)


def test_readme_names_the_benchmarks() -> None:
    assert len(SCRIPTS) >= 3


@pytest.mark.parametrize("script", SCRIPTS)
def test_benchmark_starts_as_a_script(script: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / script, "--help"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"usage: {Path(script).name}")
