"""Rules of behaviour: the files that may start threads, read the clock, catch all or print.

Files are parsed, not run.
"""

import ast

from tests.support.parsed_module import Module, Rule, at, dotted_name
from tests.support.rule_tests import Example, rule_tests

STARTS_THREADS = "core/threads.py"
"""Starts all threads, and catches what ends one."""

READS_THE_CLOCK = "core/clock.py"
"""Reads the time; all others call it, or get the time as an argument."""
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
"""Standard output belongs to the command line. The last file runs as a separate process and prints
for the process that started it."""

THREADING_MODULES = ("_thread", "concurrent.futures", "multiprocessing")
THREAD_STARTERS = (
    "threading.Thread",
    "threading.Timer",
    "asyncio.to_thread",
    "PySide6.QtCore.QThread",
    "PySide6.QtCore.QThreadPool",
    "PySide6.QtCore.QRunnable",
)
NOT_PURE = ("socket", "ssl", "threading", "_thread", "time")


def pure_modules_have_no_io_and_no_clock(module: Module) -> list[str]:
    """A module whose first line says "Pure" imports no sockets, threads or time."""
    if "Pure" not in module.first_line:
        return []
    return [at(module, i.line, i.name) for i in module.imports if i.is_of(*NOT_PURE)]


def the_protocol_is_pure(module: Module) -> list[str]:
    """All of `net/protocol` is pure, and says so."""
    if not module.path.startswith("net/protocol/") or "Pure" in module.first_line:
        return []
    return [at(module, 1, "the first line does not say Pure")]


def one_module_starts_threads(module: Module) -> list[str]:
    """Only one module starts threads; others may name threads in annotations."""
    if module.path == STARTS_THREADS:
        return []
    named = [(i.line, i.name) for i in module.imports if i.is_of(*THREADING_MODULES)]
    named += [u for u in module.uses if u[1] in THREAD_STARTERS]
    return [at(module, line, name) for line, name in named]


def one_module_reads_the_clock(module: Module) -> list[str]:
    """Only one module reads the time."""
    if module.path == READS_THE_CLOCK:
        return []
    named = [(i.line, i.name) for i in module.imports if i.name in CLOCKS]
    named += [u for u in module.uses if u[1] in CLOCKS]
    return [at(module, line, name) for line, name in named]


def one_except_is_broad(module: Module) -> list[str]:
    """One broad `except` exists: where a thread's body ends.

    What tidies up and ends with a plain `raise` catches nothing.
    """
    found = []
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler):
            is_passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if (node.type is None or _is_broad(node.type)) and not is_passed_on:
                found.append(at(module, node.lineno, "a broad except"))
        elif isinstance(node, ast.Call) and dotted_name(node.func).endswith("suppress"):
            found += [at(module, a.lineno, "a broad suppress") for a in node.args if _is_broad(a)]
    return found[1:] if module.path == STARTS_THREADS else found


def only_the_top_prints(module: Module) -> list[str]:
    """`media` and `net` write nothing to a terminal."""
    if module.matches(*PRINTS):
        return []
    streams = ("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__")
    printed = [at(module, line, name) for line, name in module.calls if name == "print"]
    return printed + [
        at(module, line, name) for line, name in module.uses if name.startswith(streams)
    ]


RULES: tuple[Rule, ...] = (
    pure_modules_have_no_io_and_no_clock,
    the_protocol_is_pure,
    one_module_starts_threads,
    one_module_reads_the_clock,
    one_except_is_broad,
    only_the_top_prints,
)

BROKEN: tuple[Example, ...] = (
    (pure_modules_have_no_io_and_no_clock, "net/a.py", '"""A thing. Pure: no I/O."""\nimport time'),
    (pure_modules_have_no_io_and_no_clock, "net/a.py", '"""Pure."""\nfrom threading import Lock'),
    (the_protocol_is_pure, "net/protocol/a.py", '"""A thing."""'),
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
    (only_the_top_prints, "net/a.py", "print('x')"),
    (only_the_top_prints, "media/video/a.py", "import sys\nsys.stderr.write('x')"),
)
"""Rule, path and source that breaks it."""

SOUND: tuple[Example, ...] = (
    (pure_modules_have_no_io_and_no_clock, "net/a.py", '"""A thread."""\nimport time'),
    (one_module_starts_threads, "net/a.py", "import threading\nthreading.Lock()"),
    (one_module_starts_threads, "call/a.py", "from threading import Thread\nx: list[Thread] = []"),
    (one_module_starts_threads, "call/a.py", "import threading\ndef f(x: threading.Thread): ..."),
    (one_module_reads_the_clock, "net/a.py", "import time\ntime.sleep(1)"),
    (one_except_is_broad, "call/a.py", "try:\n    f()\nexcept OSError:\n    pass"),
    (one_except_is_broad, "call/a.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
    (one_except_is_broad, STARTS_THREADS, "try:\n    f()\nexcept Exception:\n    pass"),
    (only_the_top_prints, "ui/terminal/terminal.py", "print('x')"),
)
"""Rule, path and source that keeps it."""


def _is_broad(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return any(map(_is_broad, node.elts))
    return dotted_name(node).removeprefix("builtins.") in ("Exception", "BaseException")


(
    test_rule_holds_in_every_file,
    test_rule_finds_a_violation,
    test_rule_passes_a_file_that_keeps_it,
    test_every_rule_has_a_violation_to_find,
) = rule_tests(RULES, BROKEN, SOUND)
