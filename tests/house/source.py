"""The source files of a tree and what they import: material of the house rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# Made by tools or by running the product, never part of the source.
SKIPPED = frozenset({"node_modules", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"})
SKIPPED_AT_THE_TOP = frozenset({".git", ".venv", "var", "build", "dist"})
# Built from the source and packed into the wheel, but never committed.
BUILT_FOLDER, BUILT_SUFFIX = ("web", "dist"), ".mo"
OURS = ("api", "bench", "demo", "engine", "forms", "migrations", "processes", "tests")


@dataclass(frozen=True)
class Violation:
    """A rule broken at a place; `str()` reads `path:line: what`."""

    rule: str
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what} ({self.rule})"


@dataclass(frozen=True)
class Import:
    """One imported module (or name of a module: both `a.b` and `a.b.c` of `from a.b import c`)."""

    module: str
    line: int
    inside_function: bool


@dataclass(frozen=True)
class Source:
    """A Python file; `module` is its dotted name, without `.__init__`."""

    path: str
    module: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports(self.tree, inside=False))


def files(root: Path, skipped: frozenset[str] = SKIPPED | SKIPPED_AT_THE_TOP) -> Iterator[Path]:
    """Yield all files below `root` that belong to the source, in a fixed order."""
    for path in sorted(root.iterdir()):
        if path.name in skipped or path.name.endswith((".egg-info", ".pyc", BUILT_SUFFIX)):
            continue
        if path.parts[-2:] == BUILT_FOLDER:
            continue
        if path.is_dir():
            yield from files(path, SKIPPED)
        else:
            yield path


def sources(root: Path) -> list[Source]:
    """Return the Python files of our packages."""
    found = []
    for path in files(root):
        inside = path.relative_to(root)
        if path.suffix == ".py" and inside.parts[0] in OURS:
            parts = inside.with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Source(inside.as_posix(), module, path.read_text(encoding="utf-8")))
    return found


def _imports(node: ast.AST, *, inside: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (Import(alias.name, child.lineno, inside) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=0) if module is not None:
                yield from (Import(f"{module}.{alias.name}", child.lineno, inside) for alias in names)
            case ast.ImportFrom():
                yield Import("." * child.level + (child.module or ""), child.lineno, inside)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from _imports(child, inside=True)
            case _:
                yield from _imports(child, inside=inside)
