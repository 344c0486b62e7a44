"""A parsed file of the project, for tests of rules that hold in every file."""

import ast
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import msgspec

ROOT = Path(__file__).resolve().parents[2]
IMPORTING_CALLS = ("__import__", "import_module", "importlib.import_module")


class Import(msgspec.Struct, frozen=True):
    """One name that a module imports, with all its dots.

    `from a.b import c` is `a.b.c`, whether c is a module or a name in one.
    """

    name: str
    line: int
    is_for_types: bool

    def is_of(self, *modules: str) -> bool:
        """Return whether it is one of the modules, or a name in one."""
        return any(self.name == m or self.name.startswith(m + ".") for m in modules)


class Module:
    """A parsed file.

    Args:
        path: relative to the project's folder, with slashes.
        source: its text.
    """

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.tree = ast.parse(source, path)
        self.package = PurePosixPath(path).parts[0].removesuffix(".py")
        self.imports = list(self._find_imports(self.tree, is_for_types=False))

    @property
    def first_line(self) -> str:
        """The first line of the module's docstring."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    def matches(self, *patterns: str) -> bool:
        """Return whether the path matches a pattern; a star does not cross a slash."""
        return any(
            fnmatch(self.path, pattern) and self.path.count("/") == pattern.count("/")
            for pattern in patterns
        )

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def calls(self) -> list[tuple[int, str]]:
        """Line and dotted name of every call of a name."""
        return [
            (node.lineno, name)
            for node in self.nodes
            if isinstance(node, ast.Call) and (name := dotted_name(node.func))
        ]

    @cached_property
    def uses(self) -> list[tuple[int, str]]:
        """Line and full name of every use of an imported name, even under an alias.

        After `import threading as t`, `t.Thread` is a use of `threading.Thread`, except in an
        annotation.
        """
        full_names: dict[str, str] = {}
        annotated: set[ast.AST] = set()
        for node in self.nodes:
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
        found = []
        for node in self.nodes:
            if isinstance(node, ast.Name | ast.Attribute) and node not in annotated:
                first, dot, rest = dotted_name(node).partition(".")
                if first in full_names:
                    found.append((node.lineno, full_names[first] + dot + rest))
        return found

    def _find_imports(self, node: ast.AST, *, is_for_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, is_for_types)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(f"{self._origin(node)}.{alias.name}", node.lineno, is_for_types)
        elif isinstance(node, ast.Call) and dotted_name(node.func) in IMPORTING_CALLS:
            target = node.args[0] if node.args else None
            name = target.value if isinstance(target, ast.Constant) else "<computed>"
            yield Import(str(name), node.lineno, is_for_types)
        is_guard = isinstance(node, ast.If) and dotted_name(node.test) in (
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


Rule: TypeAlias = Callable[[Module], list[str]]
"""Returns the places where a module breaks the rule."""


@cache
def all_modules() -> list[Module]:
    """Return every file of the program, without tests and benchmarks. Parses them once."""
    files = [ROOT / "peer.py"]
    for package in ("cli", "call", "core", "doctor", "media", "net", "report", "ui"):
        files += sorted((ROOT / package).rglob("*.py"))
    return [
        Module(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
        for file in files
    ]


def dotted_name(node: ast.AST) -> str:
    """Return a name with its attributes, such as `a.b.c`; "" for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted_name(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def at(module: Module, line: int, what: str) -> str:
    """Return the place of a violation, as a compiler would print it."""
    return f"{module.path}:{line}: {what}"
