"""Who may import and do what. The files are parsed, not run; each rule is shown able to fail."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent

ALLOWED_IN: dict[str, tuple[str, ...]] = {
    "av": (
        "media/video/*.py",
        "media/sound/codec.py",
        "media/sound/wav.py",
        "call/live/video_display.py",
        "call/live/video_receiver.py",
    ),
    "cryptography": ("net/trust/identity.py",),
    "cv2": (
        "media/video/camera.py",
        "media/video/jpeg_encoder.py",
        "media/video/snapshot.py",
    ),
    "cv2_enumerate_cameras": ("media/video/camera_list.py",),
    "mnemonic": ("net/trust/call_code.py",),
    "mss": ("media/video/screen.py",),
    "pyaudio": ("media/sound/portaudio.py",),
    "pywebrtc_audio": ("media/sound/voice_processing.py",),
    "PySide6": ("ui/window/*.py",),
    "shiboken6": (),
    "spake2": ("net/trust/code_exchange.py",),
    "zeroconf": ("net/link/discovery.py",),
}
"""The only files that import a library at run time; with none, nothing does yet."""

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "core": (),
    "media": ("core",),
    "media.video": ("core", "media"),
    "media.sound": ("core", "media"),
    "net": ("core",),
    "net.protocol": ("core", "media.packet", "net"),
    "net.link": ("core", "net", "net.protocol"),
    "net.trust": ("core", "net", "net.link", "net.protocol"),
    "ui": ("core", "media"),
    "ui.wording": ("core", "media.device_state", "net.protocol.reasons", "ui"),
    "ui.terminal": ("core", "media", "ui", "ui.wording"),
    "ui.window": ("core", "media", "media.video", "ui", "ui.wording"),
    "call": ("core", "media.*", "net.*", "ui", "ui.window.settings"),
    "call.incoming": ("call", "core", "net.*", "ui", "ui.wording"),
    "call.outgoing": ("call", "core", "net.*", "ui"),
    "call.live": ("call", "core", "media.*", "net.*", "ui", "ui.wording"),
    "call.session": ("call.*", "core", "media.*", "net.*", "ui", "ui.wording"),
    "cli": ("call.*", "core", "media.*", "net.*", "ui.*"),
    "peer": ("cli", "core"),
}
"""What each package may import besides itself: the modules of a package, with `.*` those of its
packages too, or one module. Each package's `__init__.py` says the same in words."""

STARTS_THREADS = "core/threads.py"
"""Starts all threads, and catches what ends one."""

TOP_LEVEL = frozenset(name.partition(".")[0] for name in MAY_IMPORT)

READS_THE_CLOCK = "core/clock.py"
"""Reads the time; all others ask it, or are given the time."""
CLOCKS = (
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.time",
    "time.time_ns",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
)

PRINTS = ("peer.py", "cli/*.py", "ui/terminal/*.py", "media/sound/device_search.py")
"""Standard output is a promise of the command line; pictures and the link have no say in it. The
last is a process of its own, which prints for the one that started it."""

THREADING_MODULES = ("_thread", "concurrent.futures", "multiprocessing")
THREAD_STARTERS = (
    "threading.Thread",
    "threading.Timer",
    "asyncio.to_thread",
    "PySide6.QtCore.QThread",
    "PySide6.QtCore.QThreadPool",
    "PySide6.QtCore.QRunnable",
)
IMPORTING_CALLS = ("__import__", "import_module", "importlib.import_module")
NOT_PURE = ("socket", "ssl", "threading", "_thread", "time")
UNPICKLES = ("pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib")


@dataclass(frozen=True)
class Import:
    """One name that a module imports, with all its dots.

    `from a.b import c` is `a.b.c`, whether c is a module or a name in one.
    """

    name: str
    line: int
    is_for_types: bool

    def is_of(self, *modules: str) -> bool:
        """Whether it is one of the modules, or something in one."""
        return any(self.name == m or self.name.startswith(m + ".") for m in modules)


class Module:
    """A parsed file.

    Args:
        path: from the project's folder, with slashes.
        source: its text.
    """

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.tree = ast.parse(source, path)
        self.package = PurePosixPath(path).parts[0].removesuffix(".py")
        self.imports = list(self._find_imports(self.tree, is_for_types=False))

    @property
    def first_line(self) -> str:
        """The first line of what the module says of itself."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    def matches(self, *patterns: str) -> bool:
        """Whether the path is one of the patterns; a star does not cross a slash."""
        return any(
            fnmatch(self.path, pattern) and self.path.count("/") == pattern.count("/")
            for pattern in patterns
        )

    def calls(self) -> Iterator[tuple[int, str]]:
        """Yield line and dotted name of everything that is called by a name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, ast.unparse(node.func)

    def uses(self) -> Iterator[tuple[int, str]]:
        """Yield line and full name of every use of something imported, whatever it is called here.

        After `import threading as t`, `t.Thread` is a use of `threading.Thread`; as a mere
        annotation it is none.
        """
        full_names: dict[str, str] = {}
        annotated: set[ast.AST] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    full_names[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    full_names[alias.asname or alias.name] = f"{self._origin(node)}.{alias.name}"
            elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
                annotated.update(ast.walk(node.annotation))
            elif isinstance(node, ast.FunctionDef) and node.returns:
                annotated.update(ast.walk(node.returns))
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name | ast.Attribute) and node not in annotated:
                first, dot, rest = ast.unparse(node).partition(".")
                if first in full_names:
                    yield node.lineno, full_names[first] + dot + rest

    def _find_imports(self, node: ast.AST, *, is_for_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, is_for_types)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(f"{self._origin(node)}.{alias.name}", node.lineno, is_for_types)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in IMPORTING_CALLS:
            target = node.args[0] if node.args else None
            name = target.value if isinstance(target, ast.Constant) else "<computed>"
            yield Import(str(name), node.lineno, is_for_types)
        is_guard = isinstance(node, ast.If) and ast.unparse(node.test) in (
            "TYPE_CHECKING",
            "typing.TYPE_CHECKING",
        )
        for field, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._find_imports(
                        child, is_for_types=is_for_types or (is_guard and field == "body")
                    )

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        folder = PurePosixPath(self.path).parts[: -node.level]
        return ".".join([*folder, *filter(None, [node.module])])


Rule = Callable[[Module], list[str]]


def imports_run_one_way(module: Module) -> list[str]:
    """A package imports only what the table lets it."""
    return [
        _at(module, i.line, i.name)
        for i in module.imports
        if i.name.partition(".")[0] in TOP_LEVEL and not _may_import(module, i.name)
    ]


def packets_need_only_the_standard_library(module: Module) -> list[str]:
    """`media/packet.py` imports only the standard library."""
    if module.path != "media/packet.py":
        return []
    return [
        _at(module, i.line, i.name)
        for i in module.imports
        if i.name.partition(".")[0] not in sys.stdlib_module_names
    ]


def what_is_pure_has_no_io_and_no_clock(module: Module) -> list[str]:
    """A module whose first line says "Pure" imports no sockets, threads or time."""
    if "Pure" not in module.first_line:
        return []
    return [_at(module, i.line, i.name) for i in module.imports if i.is_of(*NOT_PURE)]


def the_protocol_is_pure(module: Module) -> list[str]:
    """All of `net/protocol` is pure, and says so."""
    if not module.path.startswith("net/protocol/") or "Pure" in module.first_line:
        return []
    return [_at(module, 1, "the first line does not say Pure")]


def each_library_has_its_place(module: Module) -> list[str]:
    """Each of the large libraries is imported only where the table says."""
    return [
        _at(module, i.line, i.name)
        for i in module.imports
        if not i.is_for_types
        for library, places in ALLOWED_IN.items()
        if i.is_of(library) and not module.matches(*places)
    ]


def qt_is_named_only_in_the_window(module: Module) -> list[str]:
    """Outside `ui/window` not even a type is Qt's."""
    if module.path.startswith("ui/window/"):
        return []
    return [_at(module, i.line, i.name) for i in module.imports if i.is_of("PySide6", "shiboken6")]


def no_import_is_computed(module: Module) -> list[str]:
    """What is imported can be read."""
    return [_at(module, i.line, i.name) for i in module.imports if i.name == "<computed>"]


def one_module_starts_threads(module: Module) -> list[str]:
    """Only one module uses what starts a thread, other than in annotations."""
    if module.path == STARTS_THREADS:
        return []
    named = [(i.line, i.name) for i in module.imports if i.is_of(*THREADING_MODULES)]
    named += [u for u in module.uses() if u[1] in THREAD_STARTERS]
    return [_at(module, line, name) for line, name in named]


def one_module_reads_the_clock(module: Module) -> list[str]:
    """Only one module reads the time."""
    if module.path == READS_THE_CLOCK:
        return []
    named = [(i.line, i.name) for i in module.imports if i.name in CLOCKS]
    named += [u for u in module.uses() if u[1] in CLOCKS]
    return [_at(module, line, name) for line, name in named]


def one_except_is_broad(module: Module) -> list[str]:
    """Only where a thread's body ends is everything caught, and there once.

    What tidies up and ends with a plain `raise` catches nothing.
    """
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            is_passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if (node.type is None or _is_broad(node.type)) and not is_passed_on:
                found.append(_at(module, node.lineno, "a broad except"))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            found += [_at(module, a.lineno, "a broad suppress") for a in node.args if _is_broad(a)]
    return found[1:] if module.path == STARTS_THREADS else found


def nothing_is_unpickled(module: Module) -> list[str]:
    """No module that runs what it reads is imported."""
    return [_at(module, i.line, i.name) for i in module.imports if i.is_of(*UNPICKLES)]


def only_the_top_prints(module: Module) -> list[str]:
    """`media` and `net` write nothing to a terminal."""
    if module.matches(*PRINTS):
        return []
    streams = ("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__")
    printed = [_at(module, line, name) for line, name in module.calls() if name == "print"]
    return printed + [
        _at(module, line, name) for line, name in module.uses() if name.startswith(streams)
    ]


RULES: tuple[Rule, ...] = (
    imports_run_one_way,
    packets_need_only_the_standard_library,
    what_is_pure_has_no_io_and_no_clock,
    the_protocol_is_pure,
    each_library_has_its_place,
    qt_is_named_only_in_the_window,
    no_import_is_computed,
    one_module_starts_threads,
    one_module_reads_the_clock,
    one_except_is_broad,
    nothing_is_unpickled,
    only_the_top_prints,
)

GUARD = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "

BROKEN: tuple[tuple[Rule, str, str], ...] = (
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
    (packets_need_only_the_standard_library, "media/packet.py", "import numpy"),
    (packets_need_only_the_standard_library, "media/packet.py", "from .frame import Frame"),
    (what_is_pure_has_no_io_and_no_clock, "net/a.py", '"""A thing. Pure: no I/O."""\nimport time'),
    (what_is_pure_has_no_io_and_no_clock, "net/a.py", '"""Pure."""\nfrom threading import Lock'),
    (the_protocol_is_pure, "net/protocol/a.py", '"""A thing."""'),
    (each_library_has_its_place, "peer.py", "import av"),
    (each_library_has_its_place, "call/send.py", "def f():\n    import cv2"),
    (each_library_has_its_place, "call/send.py", "import PySide6.QtCore"),
    (each_library_has_its_place, "net/link/tls.py", GUARD + "pass\nelse:\n    import zeroconf"),
    (qt_is_named_only_in_the_window, "call/a.py", GUARD + "from PySide6.QtGui import QImage"),
    (no_import_is_computed, "call/a.py", "import importlib\nimportlib.import_module(name)"),
    (one_module_starts_threads, "net/a.py", "import threading as t\nt.Thread(target=f).start()"),
    (one_module_starts_threads, "net/a.py", "from threading import Thread as T\nx = T(target=f)"),
    (one_module_starts_threads, "net/a.py", "import threading\nclass A(threading.Thread): ..."),
    (one_module_starts_threads, "call/a.py", "from concurrent.futures import ThreadPoolExecutor"),
    (one_module_starts_threads, "call/a.py", "import _thread"),
    (
        one_module_starts_threads,
        "ui/window/a.py",
        "from PySide6.QtCore import QThread\nQThread()",
    ),
    (one_module_reads_the_clock, "net/a.py", "import time as t\nt.monotonic()"),
    (one_module_reads_the_clock, "call/a.py", "from time import perf_counter"),
    (one_module_reads_the_clock, "cli/a.py", "from datetime import datetime\ndatetime.now()"),
    (one_except_is_broad, "call/a.py", "try:\n    f()\nexcept:\n    pass"),
    (one_except_is_broad, "call/a.py", "try:\n    f()\nexcept (OSError, Exception):\n    pass"),
    (one_except_is_broad, "call/a.py", "try:\n    f()\nexcept BaseException as e:\n    pass"),
    (one_except_is_broad, "call/a.py", "with contextlib.suppress(Exception):\n    f()"),
    (one_except_is_broad, STARTS_THREADS, "try:\n    f()\nexcept Exception:\n    pass\n" * 2),
    (nothing_is_unpickled, "net/a.py", "from pickle import loads"),
    (nothing_is_unpickled, "call/a.py", "import marshal"),
    (only_the_top_prints, "net/a.py", "print('x')"),
    (only_the_top_prints, "media/video/a.py", "import sys\nsys.stderr.write('x')"),
)

SOUND: tuple[tuple[Rule, str, str], ...] = (
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
    (what_is_pure_has_no_io_and_no_clock, "net/a.py", '"""A thread."""\nimport time'),
    (each_library_has_its_place, "media/frame.py", GUARD + "from av import VideoFrame"),
    (each_library_has_its_place, "ui/window/a.py", "from PySide6.QtGui import QImage"),
    (one_module_starts_threads, "net/a.py", "import threading\nthreading.Lock()"),
    (one_module_starts_threads, "call/a.py", "from threading import Thread\nx: list[Thread] = []"),
    (one_module_starts_threads, "call/a.py", "import threading\ndef f(x: threading.Thread): ..."),
    (one_module_reads_the_clock, "net/a.py", "import time\ntime.sleep(1)"),
    (one_except_is_broad, "call/a.py", "try:\n    f()\nexcept OSError:\n    pass"),
    (one_except_is_broad, "call/a.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
    (one_except_is_broad, STARTS_THREADS, "try:\n    f()\nexcept Exception:\n    pass"),
    (only_the_top_prints, "ui/terminal/terminal.py", "print('x')"),
)


def _product() -> list[Module]:
    files = [ROOT / "peer.py"]
    for package in ("cli", "call", "core", "media", "net", "ui"):
        files += sorted((ROOT / package).rglob("*.py"))
    return [
        Module(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
        for file in files
    ]


def _at(module: Module, line: int, what: str) -> str:
    return f"{module.path}:{line}: {what}"


def _package_of(path: str) -> str:
    """Return the package that a file lies in, as the table names it."""
    return ".".join(PurePosixPath(path).parts[:-1]) or path.removesuffix(".py")


def _may_import(module: Module, name: str) -> bool:
    own = _package_of(module.path)
    return _lies_in(name, own) or any(_is_let_by(name, each) for each in MAY_IMPORT[own])


def _lies_in(name: str, package: str) -> bool:
    """Whether a name lies in the package itself, and not in one of its packages."""
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


def _is_broad(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return any(map(_is_broad, node.elts))
    return ast.unparse(node).removeprefix("builtins.") in ("Exception", "BaseException")


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


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds_in_every_file(rule: Rule) -> None:
    violations = [line for module in _product() for line in rule(module)]
    assert not violations, f"{rule.__doc__}\n" + "\n".join(violations)


@pytest.mark.parametrize(("rule", "path", "source"), BROKEN)
def test_rule_finds_what_breaks_it(rule: Rule, path: str, source: str) -> None:
    assert rule(Module(path, source))


@pytest.mark.parametrize(("rule", "path", "source"), SOUND)
def test_rule_lets_pass_what_keeps_it(rule: Rule, path: str, source: str) -> None:
    assert not rule(Module(path, source))


def test_every_rule_is_shown_to_fail() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


def test_every_package_says_what_it_may_import() -> None:
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
    assert {_package_of(module.path) for module in _product()} == set(MAY_IMPORT)


def test_every_place_in_the_table_is_one() -> None:
    modules = _product()
    for library, places in ALLOWED_IN.items():
        for place in places:
            assert any(i.is_of(library) for m in modules if m.matches(place) for i in m.imports), (
                f"nothing in {place} imports {library}"
            )


def test_import_peer_loads_no_large_library() -> None:
    assert _loaded_by("import peer", sorted(ALLOWED_IN)) == []


def test_what_is_loaded_is_seen() -> None:
    assert _loaded_by("import colorsys", ["colorsys", "wave"]) == ["colorsys"]
