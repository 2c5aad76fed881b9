"""The house rules, each a function from a source tree to its violations.

Directions: `api -> processes, forms -> engine`. Decision record 0004 gives the reasons.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.source import OURS, Source, Violation, files, sources

LONGEST_FILE = 350

Rule = Callable[[Path], Iterator[Violation]]


@dataclass(frozen=True)
class Part:
    """A part of the product: which of our modules it may import, and which modules of others it may not."""

    ours: tuple[str, ...]
    not_others: tuple[str, ...] = ()


_WEB = ("flask", "flask_smorest", "flask_sqlalchemy", "marshmallow", "webargs", "werkzeug", "waitress", "jinja2")
# Pure code gets its data, its ids and its time from its caller, so that the same inputs give the same outputs.
_OUTSIDE_WORLD = (
    *_WEB,
    *("sqlalchemy", "alembic", "psycopg", "sqlite3", "httpx", "requests", "urllib.request", "socket", "subprocess"),
    *("time", "random", "secrets", "uuid", "apscheduler", "structlog", "logging"),
)
_PRODUCT = ("api", "engine", "forms", "migrations", "processes")

# The longest prefix that fits a module decides.
PARTS: dict[str, Part] = {
    "engine": Part(("engine",), _WEB),
    "engine.feel": Part(("engine.feel",), (*_OUTSIDE_WORLD, "lxml")),
    # Measures how long an expression runs, to stop one that runs away; it never asks what time it is.
    "engine.feel.limits": Part(("engine.feel",), tuple(name for name in _OUTSIDE_WORLD if name != "time")),
    "engine.dmn": Part(("engine.dmn", "engine.feel"), _OUTSIDE_WORLD),
    "engine.kernel": Part(("engine.kernel", "engine.feel", "engine.dmn"), _OUTSIDE_WORLD),
    # Conditions are FEEL; what a form refuses is one of the engine's errors, and the ids it checks are the engine's.
    "forms": Part(
        ("forms", "engine.feel", "engine.errors", "engine.ids", "engine.kernel.findings"),
        ("flask", "flask_smorest", "sqlalchemy"),
    ),
    # Models and the forms they name are deployed together; forms know nothing of processes.
    "processes": Part(("processes", "engine", "forms"), _WEB),
    # Plays a case as people would, on a database made for the run.
    "processes.scenario": Part(("processes", "engine", "forms", "migrations"), _WEB),
    "migrations": Part(("migrations", "engine", "processes"), _WEB),
    "api": Part(_PRODUCT),
    "demo": Part(("demo", *_PRODUCT)),
    "bench": Part(("bench", "demo", "tests", *_PRODUCT)),
    "tests": Part(OURS),
}
# The command line offers `sancha demo`; it loads the demonstration only when asked to.
_MAY_LOAD_DEMO_LATE = ("api.cli", "api.commands")
_ONLY_KERNEL = "SpiffWorkflow"
_ARBITRARY_CODE = ("pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle")
_ARBITRARY_CALLS = ("eval", "exec", "__import__")
_CLOCKS = ("now", "utcnow", "today")
_EMPTY_NAMES = re.compile(r"(utils?|helpers?|managers?|misc|commons?)", re.IGNORECASE)
# In pieces, so that these rules do not find themselves.
_MACHINE_PATHS = re.compile(r"(?<![\w.~$*})])/(?:work|root|tmp|opt/wheels)/\w")
_PERSONAL_PATHS = re.compile(r"(?<![\w.])/" + r"(?:home|Users)/\w+/")
_REGISTRIES = re.compile(
    "|".join((r"py" + r"pi\.org", r"python" + r"hosted", r"registry\.np" + r"mjs", r"crates" + r"\.io"))
)
_LOCK_ADDRESSES = re.compile(r"://|--(?:index-url|extra-index-url|find-links|trusted-host)|@ ?file")
_IGNORES = re.compile(r"#\s*(?:noqa(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore(?P<kinds>\[[\w, -]+\])?)")
_UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")


def _within(module: str, prefixes: tuple[str, ...]) -> bool:
    return any(module == prefix or module.startswith(prefix + ".") for prefix in prefixes)


def import_direction(root: Path) -> Iterator[Violation]:
    """Each part imports only what stands below it; pure parts touch nothing of the outside world."""
    for source in sources(root):
        name = max((part for part in PARTS if _within(source.module, (part,))), key=len)
        for imported in source.imports:
            problem = _import_problem(source, name, imported.module, late=imported.inside_function)
            if problem:
                yield Violation("direction", source.path, imported.line, f"{source.module} {problem}")


def _import_problem(source: Source, name: str, imported: str, *, late: bool) -> str | None:
    part = PARTS[name]
    if imported.startswith("."):
        return f"imports {imported} relatively"
    if _within(imported, (_ONLY_KERNEL,)) and not _within(source.module, ("engine.kernel", "tests", "bench")):
        return f"imports {_ONLY_KERNEL}, which only engine.kernel may"
    if _within(imported, part.not_others):
        return f"imports {imported}, but {name} may not"
    if not _within(imported, OURS) or _within(imported, part.ours):
        return None
    if _within(imported, ("demo",)) and _within(source.module, _MAY_LOAD_DEMO_LATE):
        return None if late else f"imports {imported} when it is loaded; do so inside the function that needs it"
    return f"imports {imported}; {name} may import only {', '.join(part.ours)}"


def no_clock_in_pure_code(root: Path) -> Iterator[Violation]:
    """Kernel, FEEL and DMN take the time from their caller."""
    for source in sources(root):
        if not _within(source.module, ("engine.kernel", "engine.feel", "engine.dmn")):
            continue
        for node in ast.walk(source.tree):
            match node:
                case ast.Call(func=ast.Attribute(attr=called, value=ast.Name(id="datetime" | "date"))) if (
                    called in _CLOCKS
                ):
                    yield Violation("pure", source.path, node.lineno, f"asks the machine's clock with {called}()")


def no_arbitrary_code(root: Path) -> Iterator[Violation]:
    """No text becomes code, and no stored bytes become objects. The benchmarks may: ``eval`` of their own texts is the
    floor that they measure against.
    """
    for source in sources(root):
        if source.path.startswith("bench/"):
            continue
        for imported in source.imports:
            if _within(imported.module, _ARBITRARY_CODE):
                yield Violation("no-eval", source.path, imported.line, f"imports {imported.module}")
        for node in ast.walk(source.tree):
            match node:
                case ast.Name(id=called) if called in _ARBITRARY_CALLS:
                    yield Violation("no-eval", source.path, node.lineno, f"names {called}")
                case ast.Attribute(value=ast.Name(id="builtins"), attr=called) if called in _ARBITRARY_CALLS:
                    yield Violation("no-eval", source.path, node.lineno, f"names builtins.{called}")


def short_files(root: Path) -> Iterator[Violation]:
    """A Python file that needs scrolling for long wants to be two."""
    for source in sources(root):
        if (count := len(source.text.splitlines())) > LONGEST_FILE:
            yield Violation("short", source.path, count, f"has {count} lines, more than {LONGEST_FILE}")


def telling_names(root: Path) -> Iterator[Violation]:
    """A module is named after what it holds."""
    for source in sources(root):
        for part in source.module.split("."):
            if _EMPTY_NAMES.fullmatch(part):
                yield Violation("names", source.path, 1, f"is named {part!r}, which says nothing")


def no_machine_paths(root: Path) -> Iterator[Violation]:
    """Nothing knows the machine it was written on, nor the registry its packages came from."""
    for path in files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or an archive
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(text.splitlines(), 1):
            for pattern in (_MACHINE_PATHS, _PERSONAL_PATHS, _REGISTRIES):
                if found := pattern.search(line):
                    yield Violation("machine", name, number, f"names {found[0]}")


def lock_names_no_host(root: Path) -> Iterator[Violation]:
    """The lock files fit any index: they name versions and hashes, no address and no folder."""
    for path in sorted(root.glob("*.lock")):
        pinned = hashed = False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := _LOCK_ADDRESSES.search(line):
                yield Violation("lock", path.name, number, f"names an address: {found[0]}")
            pinned = pinned or "==" in line
            hashed = hashed or "--hash=sha256:" in line
        if not (pinned and hashed):
            yield Violation("lock", path.name, 1, "has no pinned versions with hashes")


def reasoned_ignores(root: Path) -> Iterator[Violation]:
    """Whoever silences a check says which one and why: after the codes, or in a comment on the line above."""
    for source in sources(root):
        lines = source.text.splitlines()
        for number, comment in _comments(source):
            if not (found := _IGNORES.search(comment)):
                continue
            above = lines[number - 2].strip() if number > 1 else ""
            if not (found["codes"] or found["kinds"]):
                yield Violation("ignore", source.path, number, "silences every check")
            elif len(re.findall(r"[^\W\d]", comment[found.end() :])) < 5 and not above.startswith("#"):
                yield Violation("ignore", source.path, number, "silences a check without a reason")


def nothing_unfinished(root: Path) -> Iterator[Violation]:
    """No note of work to be done, and no function that only says it is missing."""
    for source in sources(root):
        for number, comment in _comments(source):
            if found := _UNFINISHED.search(comment):
                yield Violation("finished", source.path, number, f"carries a note: {found[0]}")
        for node in ast.walk(source.tree):
            match node:
                case ast.Name(id="NotImplementedError"):
                    yield Violation("finished", source.path, node.lineno, "is not implemented")


def _comments(source: Source) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


RULES: tuple[Rule, ...] = (
    import_direction,
    no_clock_in_pure_code,
    no_arbitrary_code,
    short_files,
    telling_names,
    no_machine_paths,
    lock_names_no_host,
    reasoned_ignores,
    nothing_unfinished,
)
