"""Rules for all tests: a user's own files stay untouched, and CI skips nothing."""

import os
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.database import DirectoryBasedExampleDatabase

IS_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

SLOW = (
    "tests/bench/",
    "tests/calls/",
    "tests/inputs/test_limits.py",
    "tests/doctor/test_camera.py",
    "tests/doctor/test_disk.py",
    "tests/doctor/test_display.py",
    "tests/doctor/test_limits.py",
    "tests/doctor/test_network.py",
    "tests/doctor/test_packages.py",
    "tests/doctor/test_port.py",
    "tests/doctor/test_processor.py",
    "tests/doctor/test_remedies.py",
    "tests/doctor/test_remedies_sound.py",
    "tests/doctor/test_sound.py",
    "tests/doctor/test_way.py",
    "tests/faults/",
    "tests/ui/window/",
    "tests/media/sound/test_device_change.py",
    "tests/media/sound/test_device_search.py",
    "tests/media/sound/test_double_talk.py",
    "tests/media/sound/test_echo_filter.py",
    "tests/media/sound/test_jitter_buffer_delay.py",
    "tests/media/sound/test_odd_devices.py",
    "tests/media/sound/test_quiet_libraries.py",
    "tests/media/sound/test_sound_devices.py",
    "tests/media/sound/test_speaker.py",
    "tests/media/sound/test_stuck_devices.py",
    "tests/media/sound/test_voice_processing.py",
    "tests/media/video/test_rtsp_camera.py",
    "tests/media/video/test_screen.py",
    "tests/media/video/test_window_source.py",
    "tests/net/link/test_connector.py",
    "tests/net/link/test_discovery_network.py",
    "tests/net/link/test_listening_sockets.py",
    "tests/net/trust/test_identity.py",
    "tests/net/trust/test_known_peers.py",
    "tests/test_packaging.py",
    "tests/test_peer.py",
)
"""Files and folders whose tests need a device, a window, a network or a second process, or
simulate hours or minutes of sound: `make quick` skips them."""

QUICK = ("tests/bench/test_link_", "tests/faults/test_table.py")
"""Files of those folders that need none of it."""

# In-process windows need no screen. A test of a real screen gives its child its own value.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# As in peer.py. On a busy machine, threads of OpenBLAS make a sum of products take a hundred times
# as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Give this run, and all programs that it starts, new user folders."""
    user_folders = tempfile.TemporaryDirectory(prefix="visavis-tests-")
    config.add_cleanup(user_folders.cleanup)
    environment = pytest.MonkeyPatch()
    config.add_cleanup(environment.undo)
    for kind in ("DATA", "CONFIG", "CACHE", "STATE"):
        folder = Path(user_folders.name, kind.lower())
        folder.mkdir()
        environment.setenv(f"XDG_{kind}_HOME", str(folder))

    # Without it, each of the 700 programs that the tests start may compile the project first, which
    # takes 0.4 s of a processor.
    environment.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    environment.setenv("PYTHONPYCACHEPREFIX", str(config.rootpath / ".pytest_cache" / "bytecode"))

    # A shell may start a run in the background with Ctrl-C ignored, and programs inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    # Examples that failed are tried first the next time; under CI each run is the same.
    hypothesis_folder = config.rootpath / ".pytest_cache" / "hypothesis"
    set_hypothesis_home_dir(hypothesis_folder)
    settings.register_profile(
        "visavis",
        max_examples=20 if _is_quick(config) else 100,  # 100 is the default of Hypothesis
        deadline=None,  # no test is a timed test
        derandomize=IS_CI,
        database=None if IS_CI else DirectoryBasedExampleDatabase(hypothesis_folder / "examples"),
        print_blob=True,
    )
    settings.load_profile("visavis")


def _is_quick(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "not slow")


def _is_slow(path: Path, config: pytest.Config) -> bool:
    name = path.relative_to(config.rootpath).as_posix()
    if path.is_dir():
        return f"{name}/".startswith(SLOW) and not any(quick.startswith(name) for quick in QUICK)
    return name.startswith(SLOW) and not name.startswith(QUICK)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out whole files, so that `make quick` does not even import them."""
    return True if _is_quick(config) and _is_slow(collection_path, config) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that `make quick` leaves out."""
    for item in items:
        if _is_slow(item.path, config):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a test that skips under CI into a failure; CI installs all that tests need."""
    report = yield
    if IS_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is a failure under CI: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a whole file that skips."""
    report = yield
    if IS_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which is a failure under CI: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        return f"{reason} ({path}:{line})"
    return str(report.longrepr)
