"""Decision test suites: ``<name>.cases.yaml`` beside ``<name>.dmn``, played as processes evaluate (strictly).

A suite has ``decision`` (id or name of a decision, decision service or function; may stand in each case) and ``cases``.
Each case has ``name``, ``given`` (values by input name), and ``expect`` (any value; dates, times and durations by their
text, numbers exactly) or ``error`` (part of the message); optionally ``rules`` (ids or rows, from 1, of the rules that
must have fired, in any order) and ``now`` (an instant with its zone). The DMN files of the same folder may be imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from engine.dmn import Decision, DecisionModel, DmnError, RuleMatch, load
from engine.dmn.json_values import json_text, plain, typed_inputs
from engine.dmn.table import DecisionTable
from processes.scenario.script import ExactLoader, ScriptError, instant

SUFFIX = ".cases.yaml"
_SUITE = frozenset({"decision", "cases", "description"})
_CASE = frozenset({"name", "decision", "given", "expect", "error", "rules", "now", "description"})
_NOW = "2026-01-05T09:00:00+08:00"


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a suite; ``error`` None: ``expect`` holds. ``rules`` None: whichever fire."""

    name: str
    decision: str
    given: Mapping[str, Any]
    expect: Any
    error: str | None
    rules: tuple[str | int, ...] | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of ``file`` for the decisions of ``model``."""

    file: str
    model: DecisionModel
    cases: tuple[Case, ...]


@dataclass(slots=True)
class Outcome:
    """``failures``: one line for each case that does not hold. ``unhit``: rules that no case reaches, by decision."""

    suite: Suite
    failures: list[str] = field(default_factory=list)
    unhit: dict[str, list[str]] = field(default_factory=dict)


def read_suite(path: Path) -> Suite:
    """The suite at ``path`` and the model beside it. Raises `ScriptError` for one that cannot be read."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=ExactLoader)  # noqa: S506 - derives from SafeLoader
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScriptError(f"{path}: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or not isinstance(content.get("cases"), list) or not content["cases"]:
        raise ScriptError(f"{path}: a suite is a mapping with decision and a list of cases")
    if strange := sorted(map(str, set(content) - _SUITE)):
        raise ScriptError(f"{path}: unknown member {strange[0]!r}")
    cases = tuple(_case(case, place, content, str(path)) for place, case in enumerate(content["cases"], 1))
    return Suite(str(path), _model(path), cases)


def _model(path: Path) -> DecisionModel:
    file = path.with_name(path.name.removesuffix(SUFFIX) + ".dmn")
    if not file.is_file():
        raise ScriptError(f"{path}: there is no {file.name} beside it")
    beside = {each.name: each.read_bytes() for each in sorted(file.parent.glob("*.dmn")) if each != file}
    try:
        return load(file.read_bytes(), source=file.name, files=beside, strict=True)
    except DmnError as error:
        raise ScriptError(f"{path}: {error}") from None


def _case(case: object, place: int, suite: Mapping[str, Any], file: str) -> Case:
    where = f"{file}: case {place}"
    if not isinstance(case, dict):
        raise ScriptError(f"{where} is no mapping")
    if strange := sorted(map(str, set(case) - _CASE)):
        raise ScriptError(f"{where}: unknown member {strange[0]!r}")
    if ("expect" in case) == ("error" in case):
        raise ScriptError(f"{where} needs either expect or error")
    decision = case.get("decision", suite.get("decision"))
    if not isinstance(decision, str):
        raise ScriptError(f"{where} names no decision")
    given, rules = case.get("given") or {}, case.get("rules")
    if not isinstance(given, dict) or not (rules is None or isinstance(rules, list)):
        raise ScriptError(f"{where}: given is a mapping, rules a list")
    name = str(case.get("name", f"case {place}"))
    at = instant(case.get("now", _NOW), f"{where}: now")
    error = None if "error" not in case else str(case["error"])
    return Case(name, decision, given, case.get("expect"), error, None if rules is None else tuple(rules), at)


def run_suite(suite: Suite) -> Outcome:
    """Play every case; never raises for what does not hold."""
    outcome = Outcome(suite)
    hit: set[tuple[str, str | None, int]] = set()
    owners: set[str] = set()
    for case in suite.cases:
        failure, rules = _play(suite.model, case)
        hit |= {(rule.decision_id, rule.table_id, rule.index) for rule in rules}
        owners |= set(_owners(suite.model, case.decision))
        if failure is not None:
            outcome.failures.append(f"{suite.file}: {case.name}: {failure}")
    for table in suite.model.tables:
        missed = [rule for rule in table.rules if (table.decision_id, table.id, rule.index) not in hit]
        if missed and table.decision_id in owners:
            known = outcome.unhit.setdefault(_title(suite.model, table), [])
            known += [rule.id or str(rule.index) for rule in missed]
    return outcome


def _title(model: DecisionModel, table: DecisionTable) -> str:
    return model.target(table.decision_id).name


def _owners(model: DecisionModel, decision: str) -> Iterator[str]:
    """The ids of what a case can reach, so that its tables count for the suite."""
    try:
        target = model.target(decision)
    except DmnError:
        return
    yield target.id
    if isinstance(target, Decision):
        yield from target.order
    for function in model.functions.values():
        yield function.id


def _play(model: DecisionModel, case: Case) -> tuple[str | None, tuple[RuleMatch, ...]]:
    """What does not hold, and the rules that fired."""
    try:
        target = model.target(case.decision)
        result = model.evaluate(case.decision, typed_inputs(target, case.given), now=case.now, strict=True)
    except DmnError as error:
        if case.error is None:
            return f"failed: {error}", ()
        return (None if case.error in str(error) else f"failed otherwise: {error}"), ()
    if case.error is not None:
        return f"gave {json_text(result.value)} and did not fail with {case.error!r}", result.rules
    if not _same(plain(result.value), case.expect):
        return f"gave {json_text(result.value)}, expected {json_text(_exact(case.expect))}", result.rules
    return (None if case.rules is None else _wrong_rules(result.rules, case.rules)), result.rules


def _wrong_rules(fired: tuple[RuleMatch, ...], expected: Iterable[str | int]) -> str | None:
    wanted = [str(rule) for rule in expected]
    missing = [rule for rule in wanted if not any(rule in (each.rule_id, str(each.index)) for each in fired)]
    if not missing:
        return None
    shown = ", ".join(each.rule_id or str(each.index) for each in fired) or "none"
    return f"rule {', '.join(missing)} did not fire (fired: {shown})"


def _exact(value: object) -> Any:
    """A YAML value in the types of FEEL."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _exact(item) for name, item in value.items()}
    return value


def _same(actual: object, expected: object) -> bool:
    expected = _exact(expected)
    if isinstance(actual, list) and isinstance(expected, list):
        return len(actual) == len(expected) and all(map(_same, actual, expected))
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        return actual.keys() == expected.keys() and all(_same(actual[name], expected[name]) for name in actual)
    return type(actual) is type(expected) and actual == expected
