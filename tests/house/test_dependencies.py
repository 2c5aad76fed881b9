"""Every library that is imported is declared, every declared one is used, locked, and has its reason on record."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.house.source import OURS, Source, sources

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# These are the faces of a library that we declare; they come and go with it.
PART_OF = {"werkzeug": "flask", "jinja2": "flask", "markupsafe": "flask", "webargs": "flask-smorest"}
# Used without being imported: by SQLAlchemy's address, by the standard library, by the build.
NOT_IMPORTED = {"psycopg", "tzdata"}
# Tools that are started, stubs that a checker reads, plugins that the runner finds.
TOOLS = {"build", "lxml-stubs", "mypy", "pytest-xdist", "ruff", "types-pyyaml"}


def _normal(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def _declared(requirements: list[object]) -> set[str]:
    return {_normal(item) for item in requirements if isinstance(item, str)}


RUNTIME = _declared(PROJECT["project"]["dependencies"])
BUILD = _declared(PROJECT["dependency-groups"]["build"])
TESTS = _declared(PROJECT["dependency-groups"]["test"]) | BUILD
# These build the browser bundles and the catalogs.
BUILDS = ("api.web.build", "api.web.bundles", "api.web.catalogs")


def _imported(part: list[Source]) -> dict[str, str]:
    """Return the distributions that files import, each with one place that does."""
    known = packages_distributions()
    found: dict[str, str] = {}
    for source in part:
        for imported in source.imports:
            top = imported.module.split(".")[0]
            if top in sys.stdlib_module_names or top in OURS or not top:
                continue
            name = _normal(known.get(top, [top])[0])
            found.setdefault(PART_OF.get(name, name), f"{source.path}:{imported.line}")
    return found


def test_the_product_imports_what_it_declares_and_declares_what_it_imports() -> None:
    product = [source for source in sources(ROOT) if source.module.split(".")[0] not in {"tests", "bench"}]
    imported = _imported([source for source in product if source.module not in BUILDS])
    assert {name: place for name, place in imported.items() if name not in RUNTIME} == {}
    assert RUNTIME - set(imported) - NOT_IMPORTED - BUILD == set()


def test_the_build_imports_what_it_declares() -> None:
    imported = _imported([source for source in sources(ROOT) if source.module in BUILDS])
    assert set(imported) == BUILD - {"hatchling"}
    assert _declared(PROJECT["build-system"]["requires"]) == BUILD


def test_the_tests_import_what_is_declared() -> None:
    imported = _imported([source for source in sources(ROOT) if source.module.split(".")[0] in {"tests", "bench"}])
    assert {name: place for name, place in imported.items() if name not in RUNTIME | TESTS} == {}
    assert TESTS - set(imported) - TOOLS - BUILD == set()


def test_every_declared_library_is_locked_with_hashes() -> None:
    for lock, wanted in (("requirements.lock", RUNTIME), ("requirements-test.lock", RUNTIME | TESTS)):
        blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))
        hashed = {_normal(block) for block in blocks if "==" in block and "--hash=sha256:" in block}
        assert wanted - hashed == set(), lock


def test_both_locks_pin_the_same_versions() -> None:
    pins = [
        dict(re.findall(r"^([a-z0-9._-]+)(?:\[\w+\])?==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-test.lock")
    ]
    assert pins[0].items() <= pins[1].items()


def test_every_declared_library_has_its_reason_on_record() -> None:
    record = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8").lower()
    rows = " ".join(line.split("|")[1] for line in record.splitlines() if line.startswith("|"))
    named = {_normal(word) for word in re.findall(r"[a-z0-9._-]*[a-z][a-z0-9._-]*", rows)}
    assert (RUNTIME | TESTS) - named == set()


def test_every_package_of_the_browser_has_its_reason_on_record() -> None:
    record = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8")
    rows = " ".join(line.split("|")[1] for line in record.splitlines() if line.startswith("|"))
    package = json.loads((ROOT / "api" / "web" / "package.json").read_text(encoding="utf-8"))
    assert [name for name in (*package["dependencies"], *package["devDependencies"]) if name not in rows] == []


def test_the_lock_of_the_browser_names_versions_and_hashes_and_no_host() -> None:
    text = (ROOT / "api" / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    locked = json.loads(text)["packages"]
    package = json.loads((ROOT / "api" / "web" / "package.json").read_text(encoding="utf-8"))
    assert locked.pop("")["dependencies"] == package["dependencies"]
    assert {name for name, entry in locked.items() if not entry["integrity"].startswith("sha512-")} == set()
    assert {name for name, entry in locked.items() if "resolved" in entry or not entry["version"]} == set()
    # Two copies of either would be two frameworks in one page.
    for single in ("preact", "diagram-js", "didi"):
        assert [name for name in locked if name.endswith(f"node_modules/{single}")] == [f"node_modules/{single}"]
