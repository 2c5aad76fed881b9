"""The tree keeps the house rules, and each rule catches what it is there to catch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import rules

ROOT = Path(__file__).parents[2]
FUTURE = "from __future__ import annotations\n"


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: rules.Rule) -> None:
    broken = [str(violation) for violation in rule(ROOT)]
    assert not broken, "\n" + "\n".join(broken)


def test_every_part_of_the_house_stands() -> None:
    packages = ("engine", "forms", "processes", "api", "migrations", "demo")
    assert [name for name in packages if not (ROOT / name / "__init__.py").is_file()] == []
    inner = ("kernel", "feel", "dmn", "model", "commands", "queries", "jobs", "audit")
    assert [name for name in inner if not (ROOT / "engine" / name).is_dir()] == []


def tree(root: Path, **texts: str) -> Path:
    """Write files below `root`; `engine__kernel__read.py` stands for `engine/kernel/read.py`."""
    for name, text in texts.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("path", "statement", "told"),
    [
        ("engine/store.py", "import flask", "engine.store imports flask, but engine may not"),
        ("engine/store.py", "from flask_smorest import Api", "imports flask_smorest.Api, but engine may not"),
        ("engine/store.py", "from api import app", "imports api.app; engine may import only engine"),
        ("engine/store.py", "from processes import registers", "imports processes.registers"),
        ("engine/store.py", "def f():\n    import forms", "imports forms; engine may import only engine"),
        ("engine/store.py", "if True:\n    import demo.seed", "imports demo.seed"),
        ("engine/store.py", "from . import clock", "imports . relatively"),
        ("engine/store.py", "import SpiffWorkflow.bpmn", "which only engine.kernel may"),
        ("api/app.py", "from SpiffWorkflow import Task", "which only engine.kernel may"),
        ("engine/kernel/read.py", "from engine.errors import EngineError", "imports engine.errors.EngineError"),
        ("engine/kernel/read.py", "from engine import model", "imports engine.model"),
        ("engine/kernel/machine/flow.py", "import sqlalchemy as s", "imports sqlalchemy, but engine.kernel may not"),
        ("engine/kernel/state.py", "import random", "imports random, but engine.kernel may not"),
        ("engine/feel/parser.py", "from engine.kernel import state", "engine.feel may import only engine.feel"),
        ("engine/dmn/table.py", "from engine.kernel.read import read", "imports engine.kernel.read.read"),
        (
            "forms/schema.py",
            "from engine.commands import deploy",
            "forms may import only forms, engine.feel, engine.errors",
        ),
        ("processes/services/rating.py", "from api import app", "processes may import only processes, engine"),
        ("migrations/env.py", "from api import settings", "imports api.settings"),
        ("api/app.py", "from demo import seed", "imports demo.seed"),
        ("api/app.py", "def f():\n    from demo import seed", "imports demo.seed"),
        ("api/cli.py", "from demo import seed", "when it is loaded"),
        ("demo/seed.py", "import tests.factories", "imports tests.factories"),
        ("api/app.py", "import bench", "imports bench"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, path: str, statement: str, told: str) -> None:
    (violation,) = rules.import_direction(tree(tmp_path, **{path.replace("/", "__"): FUTURE + statement}))
    assert told in str(violation)
    assert str(violation).startswith(f"{path}:")


def test_right_imports_pass(tmp_path: Path) -> None:
    right = tree(
        tmp_path,
        **{
            "engine__kernel__read.py": "from lxml import etree\nimport SpiffWorkflow\nimport engine.feel\n",
            "engine__commands__deploy.py": "import sqlalchemy\nfrom engine import kernel\n",
            "forms__schema.py": "import marshmallow\nfrom engine.feel import parse\n",
            "processes__services__rating.py": "from engine.services import Handler\n",
            "api__cli.py": "def demo():\n    from demo import seed\n",
            "demo__seed.py": "import api.app\nimport engine\n",
            "tests__test_all.py": "import demo, bench, engine\n",
        },
    )
    assert list(rules.import_direction(right)) == []


@pytest.mark.parametrize(
    ("rule", "name", "text", "told"),
    [
        (
            rules.no_clock_in_pure_code,
            "engine__kernel__x.py",
            "datetime.now(UTC)",
            "asks the machine's clock with now()",
        ),
        (rules.no_clock_in_pure_code, "engine__feel__x.py", "date.today()", "asks the machine's clock with today()"),
        (rules.no_arbitrary_code, "engine__x.py", "ev" + "al('1')", "names eval"),
        (rules.no_arbitrary_code, "tests__x.py", "run = ex" + "ec", "names exec"),
        (rules.no_arbitrary_code, "api__x.py", "import builtins\nbuiltins.ev" + "al('1')", "names builtins.eval"),
        (rules.no_arbitrary_code, "demo__x.py", "from pickle import loads", "imports pickle.loads"),
        (rules.short_files, "api__x.py", "\n" * 351, "has 351 lines, more than 350"),
        (rules.telling_names, "api__utils.py", "", "is named 'utils', which says nothing"),
        (rules.telling_names, "engine__helpers__x.py", "", "is named 'helpers', which says nothing"),
        (rules.no_machine_paths, "docs__x.md", "see /wo" + "rk/main", "names /wo" + "rk/m"),
        (rules.no_machine_paths, "x.toml", "path = '/ho" + "me/ann/x'", "names /ho" + "me/ann/"),
        (rules.no_machine_paths, "x.txt", "https://py" + "pi.org/simple", "names py" + "pi.org"),
        (rules.lock_names_no_host, "x.lock", "--index-url x\na==1 --hash=sha256:0", "names an address: --index-url"),
        (rules.lock_names_no_host, "x.lock", "# via https://x\na==1 --hash=sha256:0", "names an address: ://"),
        (rules.lock_names_no_host, "x.lock", "a==1\n", "has no pinned versions with hashes"),
        (rules.reasoned_ignores, "api__x.py", "x = 1  # no" + "qa", "silences every check"),
        (rules.reasoned_ignores, "api__x.py", "x = 1  # no" + "qa: S101", "silences a check without a reason"),
        (rules.reasoned_ignores, "api__x.py", "x = 1  # type: ig" + "nore", "silences every check"),
        (rules.reasoned_ignores, "api__x.py", "x = 1  # type: ig" + "nore[misc]", "silences a check without a reason"),
        (rules.nothing_unfinished, "api__x.py", "x = 1  # TO" + "DO: y", "carries a note"),
        (rules.nothing_unfinished, "api__x.py", "raise NotImplemented" + "Error", "is not implemented"),
    ],
)
def test_each_rule_catches_what_it_is_for(tmp_path: Path, rule: rules.Rule, name: str, text: str, told: str) -> None:
    (violation,) = rule(tree(tmp_path, **{name: text}))
    assert told in str(violation)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # no" + "qa: S101 - a constant of the specification",
        "# The specification says so.\nx = 1  # no" + "qa: S101",
        "x = 1  # type: ig" + "nore[misc]  # the library has no types",
    ],
)
def test_an_ignore_with_a_reason_passes(tmp_path: Path, text: str) -> None:
    assert list(rules.reasoned_ignores(tree(tmp_path, **{"api__x.py": text}))) == []
