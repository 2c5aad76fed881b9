"""The catalogue of rules says what the source reports: every rule is declared, and none is declared that is not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.kernel.check.rules import RULES, RULES_BY_ID, Rule
from engine.kernel.findings import Severity

ENGINE = Path(__file__).parents[2] / "engine"
FORMS = ENGINE.parent / "forms"
CATALOGUE = ENGINE / "kernel" / "check" / "catalogue"
FAMILIES = {rule.id.partition("/")[0] for rule in RULES}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted([*ENGINE.rglob("*.py"), *FORMS.rglob("*.py")]):
        if CATALOGUE not in path.parents:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def named(tree: ast.Module) -> Iterator[str]:
    """Every text of the form ``family/name``, whether it is given to a report or kept in a table. The beginning of a
    composed one stands for all rules that begin like it.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            family, slash, name = node.value.partition("/")
            if slash and family in FAMILIES and name.replace("-", "").isalnum():
                composed = [rule for rule in RULES_BY_ID if name.endswith("-") and rule.startswith(node.value)]
                yield from composed or [node.value]


def reported(tree: ast.Module, method: str) -> Iterator[str]:
    """The rules given to ``report.error`` or ``report.warning``."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == method
            and node.args
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value in RULES_BY_ID:
                yield str(first.value)


def test_every_rule_that_is_reported_is_declared() -> None:
    undeclared = {(path.name, rule) for path, tree in sources() for rule in named(tree) if rule not in RULES_BY_ID}
    assert undeclared == set()


def test_every_rule_that_is_declared_is_reported() -> None:
    used = {rule for _, tree in sources() for rule in named(tree)}
    assert set(RULES_BY_ID) - used == set()


def test_the_declared_severity_is_the_gravest_that_is_reported() -> None:
    trees = [tree for _, tree in sources()]
    errors = {rule for tree in trees for rule in reported(tree, "error")}
    warnings = {rule for tree in trees for rule in reported(tree, "warning")} - errors
    assert {rule for rule in errors if RULES_BY_ID[rule].severity is not Severity.ERROR} == set()
    assert {rule for rule in warnings if RULES_BY_ID[rule].severity is not Severity.WARNING} == set()


def test_rules_are_declared_once() -> None:
    assert len(RULES) == len(RULES_BY_ID)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_described_in_one_sentence(rule: Rule) -> None:
    assert rule.text.endswith(".")
    assert rule.text[0].isupper()
    assert "\n" not in rule.text
    assert rule.section == "" or 7 <= int(rule.section.split(".")[0]) <= 15
