"""The import rules: the modules that each file may import. Files are parsed, not run."""

import ast
import subprocess
import sys
from pathlib import PurePosixPath

from tests.support.parsed_module import ROOT, Module, Rule, all_modules, at
from tests.support.rule_tests import Example, rule_tests

ALLOWED_IN: dict[str, tuple[str, ...]] = {
    "av": (
        "media/video/*.py",
        "media/sound/codec.py",
        "media/sound/rate_converter.py",
        "media/sound/wav.py",
        "call/live/video_receiver.py",
    ),
    "bidi": ("media/video/typesetting.py",),
    "cryptography": ("net/trust/identity.py",),
    "cv2": (
        "media/video/camera.py",
        "media/video/jpeg_encoder.py",
        "media/video/snapshot.py",
        "media/video/webp_animation.py",
    ),
    "cv2_enumerate_cameras": ("media/video/camera_list.py",),
    "mnemonic": ("net/trust/call_code.py",),
    "mss": ("media/video/screen.py",),
    "pyaudio": ("media/sound/portaudio.py",),
    "pywebrtc_audio": ("media/sound/voice_processing.py",),
    "PySide6": ("ui/window/*.py",),
    "shiboken6": ("ui/window/screen_probe.py",),
    "spake2": ("net/trust/code_exchange.py",),
    "uharfbuzz": ("media/video/typesetting.py",),
    "zeroconf": ("net/link/discovery.py",),
}
"""The only files that import a library at run time; with none, nothing does yet."""

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "core": (),
    "media": ("core",),
    "media.video": ("core", "media"),
    "media.recording": ("core", "media"),
    "media.sound": ("core", "media"),
    "media.files": ("core", "media"),
    "net": ("core",),
    "net.protocol": ("core", "media.packet", "net"),
    "net.link": ("core", "net", "net.protocol"),
    "net.trust": ("core", "net", "net.link", "net.protocol"),
    "ui": ("core", "media"),
    "ui.wording": ("core", "media.device_state", "net.protocol.reasons", "ui"),
    "ui.desktop": ("core", "ui", "ui.wording"),
    "ui.terminal": ("core", "media", "ui", "ui.wording"),
    "ui.window": ("core", "media", "media.video", "ui", "ui.wording"),
    "call": ("core", "media.*", "net.*", "ui", "ui.window.settings"),
    "call.incoming": ("call", "core", "net.*", "ui", "ui.wording"),
    "call.outgoing": ("call", "core", "net.*", "ui"),
    "call.live": ("call", "core", "media.*", "net.*", "ui", "ui.wording"),
    "call.session": ("call.*", "core", "media.*", "net.*", "ui", "ui.desktop", "ui.wording"),
    "doctor": ("call", "call.outgoing", "core", "media.*", "net.*", "ui", "ui.window.screen_probe"),
    "cli": ("call.*", "core", "doctor", "media.*", "net.*", "ui.*"),
    "peer": ("cli", "core"),
}
"""Allowed imports of each package besides itself: the modules of a package, with `.*` those of its
packages too, or one module. Each package's `__init__.py` says the same in words."""

TOP_LEVEL = frozenset(name.partition(".")[0] for name in MAY_IMPORT)

UNPICKLES = ("pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib")


def imports_run_one_way(module: Module) -> list[str]:
    """A package imports only what the table lets it."""
    return [
        at(module, i.line, i.name)
        for i in module.imports
        if i.name.partition(".")[0] in TOP_LEVEL and not _may_import(module, i.name)
    ]


def packets_need_only_the_standard_library(module: Module) -> list[str]:
    """`media/packet.py` imports only the standard library."""
    if module.path != "media/packet.py":
        return []
    return [
        at(module, i.line, i.name)
        for i in module.imports
        if i.name.partition(".")[0] not in sys.stdlib_module_names
    ]


def each_library_has_its_place(module: Module) -> list[str]:
    """Each of the large libraries is imported only where the table says."""
    return [
        at(module, i.line, i.name)
        for i in module.imports
        if not i.is_for_types
        for library, places in ALLOWED_IN.items()
        if i.is_of(library) and not module.matches(*places)
    ]


def qt_is_named_only_in_the_window(module: Module) -> list[str]:
    """Outside `ui/window` not even a type is Qt's."""
    if module.path.startswith("ui/window/"):
        return []
    return [at(module, i.line, i.name) for i in module.imports if i.is_of("PySide6", "shiboken6")]


def no_import_is_computed(module: Module) -> list[str]:
    """The name of every imported module stands in the source."""
    return [at(module, i.line, i.name) for i in module.imports if i.name == "<computed>"]


def nothing_is_unpickled(module: Module) -> list[str]:
    """No module that runs what it reads is imported."""
    return [at(module, i.line, i.name) for i in module.imports if i.is_of(*UNPICKLES)]


RULES: tuple[Rule, ...] = (
    imports_run_one_way,
    packets_need_only_the_standard_library,
    each_library_has_its_place,
    qt_is_named_only_in_the_window,
    no_import_is_computed,
    nothing_is_unpickled,
)

GUARD = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "

BROKEN: tuple[Example, ...] = (
    (imports_run_one_way, "core/threads.py", "from media.frame import Frame"),
    (imports_run_one_way, "media/frame.py", "import net.errors"),
    (imports_run_one_way, "media/video/camera.py", "from media.sound import pcm"),
    (imports_run_one_way, "media/video/camera.py", "def f():\n    from call import inbox"),
    (imports_run_one_way, "media/video/camera.py", GUARD + "from net.link import tls"),
    (
        imports_run_one_way,
        "media/frame.py",
        "from importlib import import_module\nimport_module('net')",
    ),
    (imports_run_one_way, "net/protocol/room.py", "from net.link.link import Link"),
    (imports_run_one_way, "net/protocol/room.py", "from media.frame import Frame"),
    (imports_run_one_way, "net/link/link.py", "from media import packet, frame"),
    (imports_run_one_way, "net/link/link.py", "import media"),
    (imports_run_one_way, "net/link/link.py", "from call.inbox import Inbox"),
    (imports_run_one_way, "ui/view.py", "from call.outcome import Outcome"),
    (imports_run_one_way, "ui/terminal/terminal.py", "from ui.window.window import Window"),
    (imports_run_one_way, "call/inbox.py", "from call.live.active_call import ActiveCall"),
    (imports_run_one_way, "call/incoming/listener.py", "from call.outgoing import dialer"),
    (imports_run_one_way, "call/incoming/listener.py", "from media.frame import Frame"),
    (imports_run_one_way, "call/live/active_call.py", "from call.session import session"),
    (imports_run_one_way, "call/session/session.py", "from ui.window.window import Window"),
    (imports_run_one_way, "call/session/session.py", "from cli.settings import KEYS"),
    (imports_run_one_way, "cli/demo.py", "import peer"),
    (imports_run_one_way, "doctor/camera.py", "from cli.devices import run_devices"),
    (imports_run_one_way, "doctor/camera.py", "from call.live.active_call import ActiveCall"),
    (packets_need_only_the_standard_library, "media/packet.py", "import numpy"),
    (packets_need_only_the_standard_library, "media/packet.py", "from .frame import Frame"),
    (each_library_has_its_place, "peer.py", "import av"),
    (each_library_has_its_place, "call/send.py", "def f():\n    import cv2"),
    (each_library_has_its_place, "call/send.py", "import PySide6.QtCore"),
    (each_library_has_its_place, "net/link/tls.py", GUARD + "pass\nelse:\n    import zeroconf"),
    (qt_is_named_only_in_the_window, "call/a.py", GUARD + "from PySide6.QtGui import QImage"),
    (no_import_is_computed, "call/a.py", "import importlib\nimportlib.import_module(name)"),
    (nothing_is_unpickled, "net/a.py", "from pickle import loads"),
    (nothing_is_unpickled, "call/a.py", "import marshal"),
)
"""Rule, path and source that breaks it."""

SOUND: tuple[Example, ...] = (
    (imports_run_one_way, "media/a.py", "import network, callable_things"),
    (imports_run_one_way, "media/video/a.py", "from media.video import frame_pacing"),
    (imports_run_one_way, "net/protocol/a.py", "from media.packet import VideoPacket"),
    (imports_run_one_way, "net/protocol/a.py", "from media import packet"),
    (imports_run_one_way, "net/link/a.py", "from net.protocol.states import State"),
    (imports_run_one_way, "call/session/a.py", "from call.live.lip_sync import LipSync"),
    (imports_run_one_way, "cli/a.py", "from ui.window.window import Window"),
    (
        packets_need_only_the_standard_library,
        "media/packet.py",
        "from dataclasses import dataclass",
    ),
    (each_library_has_its_place, "media/frame.py", GUARD + "from av import VideoFrame"),
    (each_library_has_its_place, "ui/window/a.py", "from PySide6.QtGui import QImage"),
)
"""Rule, path and source that keeps it."""


def _package_of(path: str) -> str:
    """Return the package that a file lies in, as the table names it."""
    return ".".join(PurePosixPath(path).parts[:-1]) or path.removesuffix(".py")


def _may_import(module: Module, name: str) -> bool:
    own = _package_of(module.path)
    return _lies_in(name, own) or any(_is_let_by(name, each) for each in MAY_IMPORT[own])


def _lies_in(name: str, package: str) -> bool:
    """Return whether a name lies in the package itself, not in one of its packages."""
    inner = [other for other in MAY_IMPORT if other.startswith(f"{package}.")]
    return name.startswith(f"{package}.") and not any(
        name == other or name.startswith(f"{other}.") for other in inner
    )


def _is_let_by(name: str, permission: str) -> bool:
    if permission.endswith(".*"):
        return name.startswith(permission.removesuffix("*"))
    if permission in MAY_IMPORT:
        return _lies_in(name, permission)
    return name == permission or name.startswith(f"{permission}.")


def _loaded_by(statement: str, modules: list[str]) -> list[str]:
    """Return which of the modules a fresh Python has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*(m for m in {modules!r} if m in sys.modules))"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split()


(
    test_rule_holds_in_every_file,
    test_rule_finds_a_violation,
    test_rule_passes_a_file_that_keeps_it,
    test_every_rule_has_a_violation_to_find,
) = rule_tests(RULES, BROKEN, SOUND)


def test_every_package_docstring_lists_its_allowed_imports() -> None:
    for package, allowed in MAY_IMPORT.items():
        if package == "peer":
            continue
        said = ast.get_docstring(
            ast.parse((ROOT / package.replace(".", "/") / "__init__.py").read_text("utf-8"))
        )
        rule = f"May import {', '.join(allowed)}." if allowed else "Imports no other package."
        assert said is not None
        assert said.endswith(f"\n\n{rule}"), f"{package} has to say: {rule}"


def test_every_package_is_in_the_table() -> None:
    assert {_package_of(module.path) for module in all_modules()} == set(MAY_IMPORT)


def test_every_file_in_the_table_imports_its_library() -> None:
    modules = all_modules()
    for library, places in ALLOWED_IN.items():
        for place in places:
            assert any(i.is_of(library) for m in modules if m.matches(place) for i in m.imports), (
                f"nothing in {place} imports {library}"
            )


def test_import_peer_loads_no_large_library() -> None:
    assert _loaded_by("import peer", sorted(ALLOWED_IN)) == []


def test_caller_dials_without_codecs_and_window() -> None:
    large = ["av", "cv2", "numpy", "PySide6", "zeroconf", "call.session.session"]
    assert _loaded_by("import cli.connect", large) == []


def test_loaded_modules_are_found() -> None:
    assert _loaded_by("import colorsys", ["colorsys", "wave"]) == ["colorsys"]
